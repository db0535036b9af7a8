namespace SpeechML.Data.Evaluation.Metrics;

/// <summary>Checked labels, probabilities and decisions of the same clips, without the missing entries.</summary>
internal sealed class MultiLabelClips
{
    private readonly IReadOnlyList<double[]> _labels;
    private readonly IReadOnlyList<double[]> _scores;
    private readonly Func<int, int, bool> _decision;

    /// <summary>Checks the input and takes out the missing entries.</summary>
    /// <param name="labels">One row per clip.</param>
    /// <param name="scores">Probabilities.</param>
    /// <param name="thresholds">One per label; 0.5 where <see langword="null"/>.</param>
    /// <param name="decisions">Decisions, in place of thresholds.</param>
    /// <param name="keep">The clips that belong to the set; all where <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">No rows, sizes that differ, a label or score out of range: names the
    /// row.</exception>
    public MultiLabelClips(
        IReadOnlyList<double[]> labels, IReadOnlyList<double[]> scores, IReadOnlyList<double>? thresholds = null,
        IReadOnlyList<bool[]>? decisions = null, bool[]? keep = null)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(scores);
        Check(labels, scores, thresholds, decisions);
        (_labels, _scores) = (labels, scores);
        _decision = (i, j) => decisions?[i][j] ?? (scores[i][j] >= (thresholds?[j] ?? 0.5));
        Labels = [.. Enumerable.Range(0, labels[0].Length).Select(j =>
        {
            int[] rows = [.. Enumerable.Range(0, Rows).Where(i => (keep is null || keep[i]) && IsPresent(i, j))];
            return (Of(rows.Select(i => (i, j))), rows.Length == Rows ? null : rows);
        })];
    }

    public int Rows => _labels.Count;

    /// <summary>The rated clips of each label, and their rows where they are not all.</summary>
    public IReadOnlyList<(EvaluatedClips Clips, int[]? Rows)> Labels { get; }

    public static IReadOnlyList<string> Names(IReadOnlyList<string>? names, int labels) =>
        names is null ? [.. Enumerable.Range(0, labels).Select(j => $"label {j}")]
        : names.Count == labels ? names
        : throw new ArgumentException(
            $"Label names: expected {labels}, one per column of the labels, got {names.Count}.", nameof(names));

    /// <summary>Decisions that are wrong.</summary>
    public static int Wrong(EvaluatedClips clips) => clips.Classes.Zip(clips.Decisions).Count(p => p.First != p.Second);

    /// <summary>The present entries of all labels.</summary>
    public EvaluatedClips Pooled() => Of(Enumerable.Range(0, Labels.Count)
        .SelectMany(j => Enumerable.Range(0, Rows).Where(i => IsPresent(i, j)).Select(i => (i, j))));

    /// <summary>Share of clips whose present entries are all right, among those with a present entry.</summary>
    public MetricValue ExactMatch()
    {
        EvaluatedClips[] rated = [.. Enumerable.Range(0, Rows).Select(Row).Where(r => r.Count > 0)];
        return rated.Length == 0 ? MetricValue.Because("no labels")
            : rated.Count(r => Wrong(r) == 0) / (double)rated.Length;
    }

    /// <summary>A metric over the labels of a clip, averaged over clips.</summary>
    public MetricValue OverRows(SpeechMetric metric)
    {
        bool complete = Labels.All(l => l.Rows is null);
        if (!complete || Labels.Count < 2)
        {
            return MetricValue.Because(complete ? "a single label" : "some labels are missing");
        }
        double sum = 0;
        for (int i = 0; i < Rows; i++)
        {
            MetricValue value = metric.Compute(Row(i));
            if (value.Value is not double number)
            {
                return MetricValue.Because($"{value.Undefined} in row {i}");
            }
            sum += number;
        }
        return sum / Rows;
    }

    private static void Check(
        IReadOnlyList<double[]> labels, IReadOnlyList<double[]> scores, IReadOnlyList<double>? thresholds,
        IReadOnlyList<bool[]>? decisions)
    {
        MetricInput.CheckRows(labels.Count, scores.Count);
        int columns = labels[0].Length;
        if (thresholds is not null && thresholds.Count != columns)
        {
            throw new ArgumentException($"Thresholds: expected {columns}, one per label, got {thresholds.Count}.");
        }
        if (decisions is not null && (decisions.Count != labels.Count || decisions.Any(d => d.Length != columns)))
        {
            throw new ArgumentException(
                $"Decisions: expected {labels.Count} rows of {columns}, one per label, got {decisions.Count} rows of " +
                $"{string.Join(" or ", decisions.Select(d => d.Length).Distinct())}.");
        }
        for (int i = 0; i < labels.Count; i++)
        {
            if (labels[i].Length != columns || scores[i].Length != columns)
            {
                throw new ArgumentException(
                    $"Row {i}: expected {columns} labels and scores as in row 0, got {labels[i].Length} labels and " +
                    $"{scores[i].Length} scores.");
            }
            for (int j = 0; j < columns; j++)
            {
                MetricInput.CheckProbability(scores[i][j], i);
                _ = MetricInput.Label(labels[i][j], i);
            }
        }
    }

    private bool IsPresent(int row, int label) => _labels[row][label] is 0 or 1;

    private EvaluatedClips Row(int row) =>
        Of(Enumerable.Range(0, Labels.Count).Where(j => IsPresent(row, j)).Select(j => (row, j)));

    private EvaluatedClips Of(IEnumerable<(int Row, int Label)> entries)
    {
        (int Row, int Label)[] all = [.. entries];
        return EvaluatedClips.Binary(
            Array.ConvertAll(all, e => _labels[e.Row][e.Label] == 1),
            Array.ConvertAll(all, e => _scores[e.Row][e.Label]),
            Array.ConvertAll(all, e => _decision(e.Row, e.Label)));
    }
}
