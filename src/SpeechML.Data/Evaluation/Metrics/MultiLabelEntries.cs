using SpeechML.Data.Evaluation.Calibration;

namespace SpeechML.Data.Evaluation.Metrics;

/// <summary>The present entries of one label (or of all, or of one clip).</summary>
internal sealed record LabelEntries(bool[] Positive, double[] Scores, bool[] Decision)
{
    public int Wrong => Positive.Zip(Decision).Count(p => p.First != p.Second);

    public MetricValue Accuracy =>
        Positive.Length == 0 ? MetricValue.Because("no labels") : (Positive.Length - Wrong) / (double)Positive.Length;

    public MetricValue BalancedAccuracy =>
        Positive.Length == 0 ? MetricValue.Because("no labels") : Matrix.BalancedAccuracy;

    public MetricValue F1 => Positive.Length == 0 ? MetricValue.Because("no labels") : Matrix.F1(1);

    public MetricValue Brier =>
        Positive.Length == 0 ? MetricValue.Because("no labels")
        : Scores.Zip(Outcome, (s, o) => (s - o) * (s - o)).Average();

    public MetricValue Ece =>
        Positive.Length == 0 ? MetricValue.Because("no labels") : CalibrationError.EqualWidth(Scores, Outcome);

    public MetricValue AdaptiveEce =>
        Positive.Length == 0 ? MetricValue.Because("no labels") : CalibrationError.EqualSize(Scores, Outcome);

    private double[] Outcome => Array.ConvertAll(Positive, p => p ? 1.0 : 0.0);

    private ConfusionMatrix Matrix =>
        new(Array.ConvertAll(Positive, p => p ? 1 : 0), Array.ConvertAll(Decision, p => p ? 1 : 0), 2);
}

/// <summary>Checked multi-label input, by label and by row, without the missing entries.</summary>
internal sealed class MultiLabelEntries
{
    private readonly IReadOnlyList<LabelEntries> _rows;
    private readonly bool _complete;

    private MultiLabelEntries(IReadOnlyList<LabelEntries> labels, IReadOnlyList<LabelEntries> rows)
    {
        Labels = labels;
        _rows = rows;
        _complete = labels.All(c => c.Positive.Length == rows.Count);
    }

    public IReadOnlyList<LabelEntries> Labels { get; }

    public int Rows => _rows.Count;

    public static MultiLabelEntries Collect(
        IReadOnlyList<double[]> labels, IReadOnlyList<double[]> scores, IReadOnlyList<double>? thresholds,
        IReadOnlyList<bool[]>? decisions = null)
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
        var byLabel = new Builder[columns];
        var byRow = new LabelEntries[labels.Count];
        for (int j = 0; j < columns; j++)
        {
            byLabel[j] = new Builder();
        }
        for (int i = 0; i < labels.Count; i++)
        {
            if (labels[i].Length != columns || scores[i].Length != columns)
            {
                throw new ArgumentException(
                    $"Row {i}: expected {columns} labels and scores as in row 0, got {labels[i].Length} labels and " +
                    $"{scores[i].Length} scores.");
            }
            var row = new Builder();
            for (int j = 0; j < columns; j++)
            {
                MetricInput.CheckProbability(scores[i][j], i);
                if (MetricInput.Label(labels[i][j], i) is bool positive)
                {
                    bool decision = decisions?[i][j] ?? (scores[i][j] >= (thresholds?[j] ?? 0.5));
                    row.Add(positive, scores[i][j], decision);
                    byLabel[j].Add(positive, scores[i][j], decision);
                }
            }
            byRow[i] = row.Build();
        }
        return new MultiLabelEntries([.. byLabel.Select(b => b.Build())], byRow);
    }

    public LabelEntries Pooled() =>
        new([.. Labels.SelectMany(c => c.Positive)], [.. Labels.SelectMany(c => c.Scores)],
            [.. Labels.SelectMany(c => c.Decision)]);

    public MetricValue ExactMatch()
    {
        LabelEntries[] rated = [.. _rows.Where(r => r.Positive.Length > 0)];
        return rated.Length == 0 ? MetricValue.Because("no labels")
            : rated.Count(r => r.Wrong == 0) / (double)rated.Length;
    }

    public MetricValue OverRows(Func<LabelEntries, MetricValue> metric)
    {
        if (!_complete || Labels.Count < 2)
        {
            return MetricValue.Because(_complete ? "a single label" : "some labels are missing");
        }
        double sum = 0;
        for (int i = 0; i < _rows.Count; i++)
        {
            MetricValue value = metric(_rows[i]);
            if (value.Value is not double number)
            {
                return MetricValue.Because($"{value.Undefined} in row {i}");
            }
            sum += number;
        }
        return sum / _rows.Count;
    }

    private sealed class Builder
    {
        private readonly List<bool> _positive = [];
        private readonly List<double> _scores = [];
        private readonly List<bool> _decision = [];

        public void Add(bool positive, double score, bool decision)
        {
            _positive.Add(positive);
            _scores.Add(score);
            _decision.Add(decision);
        }

        public LabelEntries Build() => new([.. _positive], [.. _scores], [.. _decision]);
    }
}
