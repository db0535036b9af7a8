namespace SpeechML.Data.Checking;

/// <summary>How labels, lengths, levels and embeddings are distributed over parts and groups.</summary>
internal static class DataDistributions
{
    public const string Part = "part";
    private const int MinBins = 5;
    private const int MaxBins = 30;

    /// <summary>Lengths and levels by part, then by the values of each group column.</summary>
    /// <param name="parts">The parts.</param>
    /// <param name="clips">What is known of each clip, part after part.</param>
    public static IReadOnlyList<SpeechDataHistogram> Histograms(
        IReadOnlyList<DataPart> parts, IReadOnlyList<ClipMetadata> clips)
    {
        int[] readable = [.. Enumerable.Range(0, clips.Count).Where(i => clips[i].Problem is null)];
        (string By, string[] Names)[] groupings =
            [(Part, [.. clips.Select(c => c.Part)]), .. Columns(parts).Select(c => (c, Values(parts, c)))];
        return
        [
            .. Histograms(SpeechDataMeasure.Length, readable, i => clips[i].Duration.TotalSeconds, groupings),
            .. Histograms(SpeechDataMeasure.Level, [.. readable.Where(i => clips[i].Level.Deviation > 0)],
                i => 20 * Math.Log10(clips[i].Level.Deviation), groupings),
        ];
    }

    /// <summary>The clips by the values of each group column.</summary>
    public static IReadOnlyList<SpeechDataGroup> Groups(IReadOnlyList<DataPart> parts)
    {
        var groups = new List<SpeechDataGroup>();
        string[] labels = [.. parts.SelectMany(p => p.Labels).Select(l => l.Table.Label).Distinct()];
        string[]? subjects = Subjects(parts);
        foreach (string column in Columns(parts))
        {
            string[] values = Values(parts, column);
            foreach (string name in values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
            {
                int[] rows = [.. Enumerable.Range(0, values.Length).Where(i => values[i] == name)];
                groups.Add(new SpeechDataGroup(
                    column, name, rows.Length,
                    subjects is null ? 0 : rows.Select(i => subjects[i]).Distinct(StringComparer.Ordinal).Count(),
                    [.. labels.Select(l => (Label: l, All: LabelValues(parts, l)))
                        .Select(l => CheckedLabel.Count(l.Label, "all", rows.Select(i => l.All[i])))]));
            }
        }
        return groups;
    }

    /// <summary>The map; <see langword="null"/> without embeddings, or with fewer than three.</summary>
    public static SpeechDataMap? Map(IReadOnlyList<DataPart> parts)
    {
        (string Clip, string Part, float[]? Embedding)[] clips = [.. parts.SelectMany(p => p.Keys.Select(
            (k, i) => (k, p.Name, p.Embeddings?[i])))];
        int[] rows = [.. Enumerable.Range(0, clips.Length)
            .Where(i => clips[i].Embedding is { } e && Array.TrueForAll(e, float.IsFinite))];
        if (rows.Length < 3)
        {
            return null;
        }
        (double[][] scores, double[] explained) = PrincipalComponents.Of([.. rows.Select(i => clips[i].Embedding!)], 2);
        string[] labels = [.. parts.SelectMany(p => p.Labels).Where(l => l.Kind != LabelKind.Ratings)
            .Select(l => l.Table.Label).Distinct()];
        string?[][] values = [.. labels.Select(l => LabelValues(parts, l))];
        string[]? subjects = Subjects(parts);
        return new SpeechDataMap(labels, explained, [.. rows.Select((i, k) => new SpeechDataPoint(
            clips[i].Clip, clips[i].Part, subjects?[i] ?? "", scores[k][0], scores[k][1],
            [.. values.Select(v => v[i] ?? "")]))]);
    }

    private static IEnumerable<SpeechDataHistogram> Histograms(
        SpeechDataMeasure measure, int[] rows, Func<int, double> value, (string By, string[] Names)[] groupings)
    {
        if (rows.Length == 0)
        {
            yield break;
        }
        double[] values = Array.ConvertAll(rows, i => value(i));
        (double low, double high) = (values.Min(), values.Max());
        int bins = high == low ? 1 : Math.Clamp((int)Math.Ceiling(Math.Sqrt(rows.Length)), MinBins, MaxBins);
        double width = high == low ? 1 : (high - low) / bins;
        double[] edges = [.. Enumerable.Range(0, bins + 1).Select(b => low + (b * width))];
        foreach ((string by, string[] names) in groupings)
        {
            foreach (IGrouping<string, int> group in Enumerable.Range(0, rows.Length)
                .GroupBy(k => names[rows[k]], StringComparer.Ordinal))
            {
                int[] counts = new int[bins];
                foreach (int k in group)
                {
                    counts[Math.Min(bins - 1, (int)((values[k] - low) / width))]++;
                }
                yield return new SpeechDataHistogram(measure, by, group.Key, edges, counts);
            }
        }
    }

    private static IEnumerable<string> Columns(IReadOnlyList<DataPart> parts) =>
        parts.SelectMany(p => p.Groups.Keys).Distinct(StringComparer.Ordinal);

    private static string[] Values(IReadOnlyList<DataPart> parts, string column) =>
        [.. parts.SelectMany(p => p.Groups[column])];

    private static string[]? Subjects(IReadOnlyList<DataPart> parts) =>
        parts.Any(p => p.Subjects is null) ? null : [.. parts.SelectMany(p => p.Subjects!)];

    private static string?[] LabelValues(IReadOnlyList<DataPart> parts, string label) =>
        [.. parts.SelectMany(p => p.Labels.FirstOrDefault(l => l.Table.Label == label)?.Values
            ?? new string?[p.Keys.Length])];
}
