using SpeechML.Audio.Options;

namespace SpeechML;

/// <summary>Which columns of a metadata file mean what.</summary>
public sealed record SpeechMetadataColumns
{
    /// <summary>The clip: a file name, a path or a key; unique.</summary>
    [IsText("a column name")]
    public required string AudioKey { get; init; }

    /// <summary>
    /// Who speaks; clips of one subject are never split. <see langword="null"/>, the default: not known.
    /// </summary>
    [IsText("a column name, or null")]
    public string? Subject { get; init; }

    /// <summary>
    /// When; only its order matters (ISO dates sort as text). <see langword="null"/>, the default: not known.
    /// </summary>
    [IsText("a column name, or null")]
    public string? Date { get; init; }

    /// <summary>What was said or done. <see langword="null"/>, the default: not known.</summary>
    [IsText("a column name, or null")]
    public string? Task { get; init; }

    /// <summary>The rated features, numbers each; an empty field or -1 is missing. The default is none.</summary>
    [IsText("a list of column names")]
    public IReadOnlyList<string> Features { get; init; } = [];

    internal void Validate() => OptionModel.Of(typeof(SpeechMetadataColumns)).Validate(this, "Columns.");

    internal IEnumerable<string> All => new[] { AudioKey, Subject, Date, Task }.OfType<string>().Concat(Features);
}
