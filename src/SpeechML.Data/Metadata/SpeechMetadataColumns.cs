namespace SpeechML;

/// <summary>Which columns of a metadata file mean what.</summary>
public sealed record SpeechMetadataColumns
{
    /// <summary>The clip: a file name, a path or a key; unique.</summary>
    public required string AudioKey { get; init; }

    /// <summary>Who speaks; clips of one subject are never split. <see langword="null"/>: not known.</summary>
    public string? Subject { get; init; }

    /// <summary>When; only its order matters (ISO dates sort as text). <see langword="null"/>: not known.</summary>
    public string? Date { get; init; }

    /// <summary>What was said or done. <see langword="null"/>: not known.</summary>
    public string? Task { get; init; }

    /// <summary>The rated features, numbers each; an empty field or -1 is missing.</summary>
    public IReadOnlyList<string> Features { get; init; } = [];

    internal IEnumerable<string> All => new[] { AudioKey, Subject, Date, Task }.OfType<string>().Concat(Features);
}
