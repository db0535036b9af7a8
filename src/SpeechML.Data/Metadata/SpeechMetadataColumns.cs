using SpeechML.Audio.Options;
using SpeechML.Audio.Storage;
using SpeechML.Data.Metadata;

namespace SpeechML;

/// <summary>Which columns of a metadata file mean what, and how the file is written.</summary>
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

    /// <summary>
    /// The rated features, numbers each; an empty field, <c>NA</c> and <see cref="MissingRatings"/> are missing. The
    /// default is none.
    /// </summary>
    [IsText("a list of column names")]
    public IReadOnlyList<string> Features { get; init; } = [];

    /// <summary>The numbers that stand for a missing rating: codes such as 99, 999 or -9. The default is -1.</summary>
    [InRange("a list of numbers")]
    public IReadOnlyList<double> MissingRatings { get; init; } = [-1];

    /// <summary>
    /// The ratings that there are, as <see cref="RatingScale.Levels"/>; another number is an error with its line.
    /// <see langword="null"/>, the default: any number.
    /// </summary>
    [InRange("a list of numbers, or null")]
    public IReadOnlyList<double>? RatingLevels { get; init; }

    /// <summary>
    /// The character between the fields of a CSV file. <see langword="null"/>, the default: the one of <c>,</c>
    /// <c>;</c> tab <c>|</c> by which the header has all columns. Where it is no comma, numbers may have a
    /// decimal comma.
    /// </summary>
    [IsText("one character, or null")]
    public string? Separator { get; init; }

    /// <summary>
    /// The name of the file's encoding, such as <c>windows-1252</c> (Excel's <c>CSV</c> in Western Europe) or
    /// <c>macintosh</c>. The default is <c>utf-8</c>. A byte order mark goes before it.
    /// </summary>
    [IsText("the name of an encoding")]
    public string Encoding { get; init; } = TextFile.Utf8;

    internal void Validate() => OptionModel.Of(typeof(SpeechMetadataColumns)).Validate(this, "Columns.");

    internal IEnumerable<string> All => new[] { AudioKey, Subject, Date, Task }.OfType<string>().Concat(Features);

    /// <summary>With names as the reader spells those of the file.</summary>
    /// <exception cref="ArgumentException">A separator that cannot be one, an unknown encoding.</exception>
    internal SpeechMetadataColumns Folded()
    {
        OptionChecks.Check(string.IsNullOrEmpty(Separator) || Separator is [not ('"' or '\r' or '\n')],
            nameof(Separator), "one character, neither a quote nor a line break", Separator);
        TextFile.Named(Encoding);
        return this with
        {
            AudioKey = Spelling.Fold(AudioKey),
            Subject = Subject is null ? null : Spelling.Fold(Subject),
            Date = Date is null ? null : Spelling.Fold(Date),
            Task = Task is null ? null : Spelling.Fold(Task),
            Features = [.. Features.Select(Spelling.Fold)],
        };
    }
}
