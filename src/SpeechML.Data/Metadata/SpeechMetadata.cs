using System.Globalization;
using SpeechML.Audio.Storage;
using SpeechML.Data.Checking;
using SpeechML.Data.Metadata;

namespace SpeechML;

/// <summary>The clips of a data set with their subjects, tasks and ratings.</summary>
public sealed class SpeechMetadata
{
    internal SpeechMetadata(SpeechMetadataColumns columns, IReadOnlyList<SpeechMetadataRow> rows)
    {
        Columns = columns;
        Rows = rows;
    }

    /// <summary>
    /// What the columns mean; <see cref="SpeechMetadataColumns.Features"/> names the ratings of each row.
    /// </summary>
    public SpeechMetadataColumns Columns { get; }

    /// <summary>The clips, in the order of the file.</summary>
    public IReadOnlyList<SpeechMetadataRow> Rows { get; }

    /// <summary>
    /// Reads a <c>.csv</c> or <c>.tsv</c> file (RFC 4180 with a header; comma, semicolon, tab or <c>|</c> between
    /// fields), a <c>.json</c> file (an array of objects, one per clip) or a <c>.jsonl</c> file (objects, one after
    /// another), from a path or an address (<c>gs://...</c>). Columns without a name and empty rows are left out; a
    /// field that an object does not have is empty. In all columns but the key, whitespace at the ends goes, other
    /// whitespace becomes one space, and letters are in Unicode form C.
    /// </summary>
    /// <exception cref="InvalidDataException">A column is missing, a key stands twice, a rating is no number, bytes are
    /// not in the encoding: names file, line, column, expected, got.</exception>
    public static SpeechMetadata Load(string path, SpeechMetadataColumns columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        if (StoragePath.Exists(path)) // that there is no file at all is said first
        {
            SpeechMetadataReader.CheckExtension(path);
        }
        string text = TextFile.Read(path, columns.Encoding,
            $"Or name its encoding: {nameof(SpeechMetadataColumns)}.{nameof(SpeechMetadataColumns.Encoding)} = " +
            "\"windows-1252\" (Excel's plain CSV).");
        return Load(text, path, columns);
    }

    /// <summary>Reads text from anywhere.</summary>
    /// <param name="reader">The text.</param>
    /// <param name="name">The file's name: its extension tells the format, messages quote it.</param>
    /// <param name="columns">What the columns mean.</param>
    /// <exception cref="InvalidDataException">As for <see cref="Load(string, SpeechMetadataColumns)"/>.</exception>
    public static SpeechMetadata Load(TextReader reader, string name, SpeechMetadataColumns columns)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(columns);
        return Load(reader.ReadToEnd().TrimStart('\uFEFF'), name, columns);
    }

    /// <summary>
    /// The audio files below a folder, each labelled by the folder that it is in, as Hugging Face's
    /// <c>audiofolder</c>: <c>healthy/a.wav</c>, <c>hoarse/b.wav</c>. Names alone are read. Columns are <c>Path</c>
    /// (from the folder on, with <c>/</c>), <c>Label</c> (the first folder), and one for each named group of the
    /// pattern. Rows are in the order of their paths; files that are no audio, and names that begin with a dot, are
    /// left out.
    /// </summary>
    /// <param name="folder">The folder, a path or an address (<c>gs://...</c>).</param>
    /// <param name="pattern">
    /// A regular expression over each path. Its named groups become columns with a capital letter: <c>subject</c> is
    /// <c>Subject</c>, and <c>label</c> replaces the first folder. <c>^[^/]+/(?&lt;subject&gt;[^_/]+)_</c> takes what
    /// stands before the first <c>_</c> of a file's name. <see langword="null"/>, the default: no subjects.
    /// </param>
    /// <exception cref="InvalidDataException">No audio files, a file without a label folder, or a path that the pattern
    /// does not match: names it.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="ArgumentException">The pattern is no regular expression.</exception>
    public static SpeechMetadata FromFolder(string folder, string? pattern = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return FolderMetadata.Read(folder, pattern);
    }

    /// <summary>The rows of the tasks named.</summary>
    /// <exception cref="ArgumentException">A task does not occur: lists those that do.</exception>
    public SpeechMetadata WithTasks(params IReadOnlyList<string> tasks)
    {
        string[] known = [.. Rows.Select(r => r.Task).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        foreach (string task in tasks.Where(t => !known.Contains(t)))
        {
            throw new ArgumentException(
                $"Task '{task}' does not occur in the metadata; tasks are '{string.Join("', '", known)}'.",
                nameof(tasks));
        }
        return new SpeechMetadata(Columns, [.. Rows.Where(r => tasks.Contains(r.Task))]);
    }

    /// <summary>The features named, in that order; rows on which none of them is rated are left out.</summary>
    /// <exception cref="ArgumentException">A feature is not there: lists those that are.</exception>
    public SpeechMetadata WithFeatures(params IReadOnlyList<string> features)
    {
        string[] known = [.. Columns.Features];
        int[] columns = [.. features.Select(f => Array.IndexOf(known, f) is >= 0 and int at
            ? at
            : throw new ArgumentException(
                $"Feature '{f}': expected one of the rated columns, " +
                (known.Length == 0 ? $"of which there are none. Name them in {nameof(SpeechMetadataColumns)}." +
                    $"{nameof(SpeechMetadataColumns.Features)} (columns.features)."
                    : $"'{string.Join("', '", known)}', got another."),
                nameof(features)))];
        return new SpeechMetadata(
            Columns with { Features = [.. features] },
            [.. Rows.Select(r => r with { Ratings = [.. columns.Select(c => r.Ratings[c])] })
            .Where(r => !r.Ratings.All(double.IsNaN))]);
    }

    /// <summary>
    /// Only each subject's first clip by date (by order in the file where dates are equal or unknown).
    /// </summary>
    public SpeechMetadata OnePerSubject()
    {
        int[] first = SubjectSplit.FirstOfSubjects([.. Rows.Select(r => r.Subject)], [.. Rows.Select(r => r.Date)]);
        return new SpeechMetadata(Columns, [.. first.Select(i => Rows[i])]);
    }

    /// <summary>The rows that meet a condition.</summary>
    public SpeechMetadata Where(Func<SpeechMetadataRow, bool> condition) => new(Columns, [.. Rows.Where(condition)]);

    /// <summary>
    /// A few clips that still have everything: in a random order, clips that bring what is rare (a positive, a
    /// negative, a category that has few clips so far) come first.
    /// For trying out a pipeline.
    /// </summary>
    /// <param name="clips">How many, at most.</param>
    /// <param name="threshold">Smallest positive rating.</param>
    /// <param name="seed">Decides the order.</param>
    /// <param name="categories">Columns whose values are all wanted: <c>language</c>.</param>
    /// <exception cref="ArgumentException">An unknown category.</exception>
    public SpeechMetadata Sample(int clips, double threshold, int seed = 0, params IReadOnlyList<string> categories)
    {
        HashSet<int> chosen = ClipSample.Choose(Strata(threshold, categories), Rows.Count, clips, seed);
        return new SpeechMetadata(Columns, [.. Rows.Where((_, i) => chosen.Contains(i))]);
    }

    /// <summary>
    /// Binary labels per row and feature: 1 from <paramref name="threshold"/> up, 0 below, NaN where not rated.
    /// </summary>
    /// <exception cref="ArgumentException">The threshold leaves every rating on one side.</exception>
    public IReadOnlyList<double[]> BinaryLabels(double threshold)
    {
        double[] rated = [.. Rows.SelectMany(r => r.Ratings).Where(r => !double.IsNaN(r))];
        if (rated.Length > 0 && (rated.Max() < threshold || rated.Min() >= threshold))
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"Rating threshold: expected a value above {rated.Min()} and at most {rated.Max()}, the ratings in " +
                $"the metadata, got {threshold}."), nameof(threshold));
        }
        return [.. Rows.Select(r => Array.ConvertAll(r.Ratings, v => Binary(v, threshold)))];
    }

    // NaN alone is missing here: the columns say which numbers are.
    private static double Binary(double rating, double threshold) =>
        double.IsNaN(rating) ? double.NaN : rating >= threshold ? 1 : 0;

    private static SpeechMetadata Load(string text, string name, SpeechMetadataColumns columns)
    {
        columns.Validate();
        columns = columns.Folded();
        return new SpeechMetadata(columns, SpeechMetadataReader.Read(text, name, columns));
    }

    /// <summary>
    /// Divides the clips by subject, balancing every feature at <paramref name="threshold"/>, the tasks, and every
    /// column named in
    /// <paramref name="categories"/>.
    /// </summary>
    /// <param name="options">Shares, seed, threshold of stratification.</param>
    /// <param name="threshold">Smallest positive rating.</param>
    /// <param name="categories">Further columns to balance: <c>language</c>, <c>sex</c>.</param>
    /// <exception cref="ArgumentException">No subject column, an unknown category, or what
    /// <see cref="SubjectSplit.Create"/> refuses.</exception>
    public SubjectSplit Split(SubjectSplitOptions options, double threshold, params IReadOnlyList<string> categories)
    {
        if (Columns.Subject is null)
        {
            throw new ArgumentException(
                $"Split by subject: expected {nameof(SpeechMetadataColumns)}.{nameof(SpeechMetadataColumns.Subject)} " +
                "(columns.subject), the column that says who speaks, got none. Where each clip is of another person, " +
                "name the column of the clips.");
        }
        return SubjectSplit.Create(
            [.. Rows.Select(r => r.AudioKey)], [.. Rows.Select(r => r.Subject)], Strata(threshold, categories), options,
            [.. Rows.Select(r => r.Date)]);
    }

    /// <summary>What <see cref="Split"/> balances.</summary>
    /// <inheritdoc cref="Split"/>
    public IReadOnlyList<SplitStratum> Strata(double threshold, params IReadOnlyList<string> categories)
    {
        var strata = new List<SplitStratum>();
        for (int j = 0; j < Columns.Features.Count; j++)
        {
            strata.Add(new SplitStratum(FormattableString.Invariant($"{Columns.Features[j]}>={threshold}"),
                [.. Rows.Select(r => Binary(r.Ratings[j], threshold))
                    .Select(v => double.IsNaN(v) ? (sbyte)-1 : (sbyte)v)]));
        }
        foreach (string column in categories.Concat(Columns.Task is string task ? [task] : [])
            .Distinct(StringComparer.Ordinal))
        {
            strata.AddRange(SplitStratum.FromCategories(
                column, [.. Rows.Select(r => r.Fields.TryGetValue(column, out string? v)
                ? v
                : throw new ArgumentException(
                    $"Category '{column}' is no column of the metadata; columns are " +
                    $"'{string.Join("', '", r.Fields.Keys)}'.", nameof(categories)))]));
        }
        return strata;
    }
}
