using SpeechML.Data.Evaluation.Resampling;

namespace SpeechML.Data.Evaluation.Metrics;

/// <summary>Labels, probabilities and decisions of the same clips, some of which may belong to the set only.</summary>
internal sealed class LabelSet
{
    private readonly (LabelEntries Entries, int[]? Rows)[] _labels;

    /// <summary>Checks the input and takes out the missing entries.</summary>
    /// <param name="labels">One row per clip.</param>
    /// <param name="scores">Probabilities.</param>
    /// <param name="decisions">Decisions; from 0.5 up where <see langword="null"/>.</param>
    /// <param name="keep">The clips that belong to the set; all where <see langword="null"/>.</param>
    public LabelSet(IReadOnlyList<double[]> labels, IReadOnlyList<double[]> scores, IReadOnlyList<bool[]>? decisions,
        bool[]? keep = null)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(scores);
        _ = MultiLabelEntries.Collect(labels, scores, null, decisions); // the checks
        Rows = labels.Count;
        _labels = new (LabelEntries, int[]?)[labels[0].Length];
        for (int j = 0; j < _labels.Length; j++)
        {
            int[] rows = [.. Enumerable.Range(0, Rows)
                .Where(i => (keep is null || keep[i]) && MetricInput.Label(labels[i][j], i) is not null)];
            double[] chosen = Array.ConvertAll(rows, i => scores[i][j]);
            var entries = new LabelEntries(
                Array.ConvertAll(rows, i => labels[i][j] == 1), chosen,
                Array.ConvertAll(rows, i => decisions?[i][j] ?? (scores[i][j] >= 0.5)));
            _labels[j] = (entries, rows.Length == Rows ? null : rows);
        }
    }

    public int Rows { get; }

    public int Labels => _labels.Length;

    /// <summary>Metrics of several sets on the same resamples: per set, metric and label.</summary>
    public static IReadOnlyDictionary<LabelMetric, ResampledStatistic[]>[] Run(
        IReadOnlyList<string> subjects, IReadOnlyList<LabelSet> sets, IReadOnlyList<LabelMetric> metrics,
        SubjectBootstrapOptions options)
    {
        var all = new List<IResampledMetric>();
        foreach (LabelSet set in sets)
        {
            Lazy<RankedRows>[] ranked =
                [.. set._labels.Select(l =>
                new Lazy<RankedRows>(() => new RankedRows(l.Entries.Positive, l.Entries.Scores)))];
            all.AddRange(metrics.SelectMany(
                m => set._labels.Select((l, j) => LabelMetrics.Resample(m, l.Entries, ranked[j], l.Rows))));
        }
        ResampledStatistic[] statistics = SubjectIntervals.Run(subjects, all, options);
        int labels = sets[0].Labels;
        return [.. sets.Select((_, s) => metrics.Select((m, k) => (m, k))
            .ToDictionary(p => p.m,
                p => statistics.Skip(((s * metrics.Count) + p.k) * labels).Take(labels).ToArray()))];
    }

    /// <summary>One set minus another; the mean is over the labels that have a value in both.</summary>
    public static Dictionary<LabelMetric, LabelDifferences> Differences(
        IReadOnlyDictionary<LabelMetric, ResampledStatistic[]>[] sets, int first, int second,
        SubjectBootstrapOptions options) =>
        sets[first].ToDictionary(m => m.Key, m =>
        {
            ResampledStatistic[] differences = [.. m.Value.Zip(sets[second][m.Key], ResampledStatistic.Difference)];
            return new LabelDifferences(
                [.. differences.Select(d => d.ToDifference(options))],
                ResampledStatistic.Mean(differences).ToDifference(options));
        });

    public static IReadOnlyList<string> Names(IReadOnlyList<string>? names, int labels) =>
        names is null ? [.. Enumerable.Range(0, labels).Select(j => $"label {j}")]
        : names.Count == labels ? names
        : throw new ArgumentException(
            $"Label names: expected {labels}, one per column of the labels, got {names.Count}.", nameof(names));

    public static void CheckSubjects(IReadOnlyList<string> subjects, int rows)
    {
        ArgumentNullException.ThrowIfNull(subjects);
        if (subjects.Count != rows)
        {
            throw new ArgumentException(
                $"Subjects: expected {rows}, one per clip, got {subjects.Count}.", nameof(subjects));
        }
    }
}
