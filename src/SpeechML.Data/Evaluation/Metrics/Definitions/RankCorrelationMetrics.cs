namespace SpeechML.Data.Evaluation.Metrics.Definitions;

/// <summary>Rank correlations of numbers or of ordered classes' numbers, as SciPy defines them.</summary>
internal static class RankCorrelationMetrics
{
    private static readonly SpeechTask[] s_tasks = [SpeechTask.Ordinal, SpeechTask.Regression];

    public static SpeechMetric Spearman { get; } = new(
        "spearman", "Spearman", MetricDirection.HigherIsBetter, s_tasks, clips =>
        {
            Column y = new([.. clips.Truth]), x = new([.. clips.Predicted]);
            return weights => OfRanks(y.Ranks(weights), x.Ranks(weights), weights);
        });

    public static SpeechMetric Kendall { get; } = new(
        "kendall", "Kendall", MetricDirection.HigherIsBetter, s_tasks,
        clips => new KendallTau([.. clips.Truth], [.. clips.Predicted]).Value);

    /// <summary>
    /// The two-sided p-value of a Pearson or Spearman coefficient, from Student's t with n - 2 degrees of freedom.
    /// </summary>
    public static MetricValue PValue(MetricValue r, int rows) =>
        r.Value is not double value ? r : rows == 2 ? MetricValue.Because("two rows")
            : IncompleteBeta.Regularized((rows - 2) / 2.0, 0.5, (1 - value) * (1 + value));

    private static MetricValue OfRanks(double[] y, double[] x, ReadOnlySpan<int> weights)
    {
        double rows = 0;
        foreach (int weight in weights)
        {
            rows += weight;
        }
        double mean = (rows + 1) / 2, yy = 0, xx = 0, yx = 0;
        for (int i = 0; i < y.Length; i++)
        {
            double dy = y[i] - mean, dx = x[i] - mean;
            yy += weights[i] * dy * dy;
            xx += weights[i] * dx * dx;
            yx += weights[i] * dy * dx;
        }
        return rows < 2 ? MetricValue.Because("fewer than two rows")
            : yy == 0 ? MetricValue.Because("constant truth") : xx == 0 ? MetricValue.Because("constant prediction")
                : Math.Clamp(yx / Math.Sqrt(yy) / Math.Sqrt(xx), -1, 1);
    }

    /// <summary>Numbers that are sorted once; ranks follow from the weights.</summary>
    private sealed class Column
    {
        private readonly double[] _sorted;
        private readonly int[] _order;

        public Column(double[] values)
        {
            _sorted = [.. values];
            _order = [.. Enumerable.Range(0, values.Length)];
            Array.Sort(_sorted, _order);
        }

        /// <summary>Ranks from 1, ties sharing their mean.</summary>
        public double[] Ranks(ReadOnlySpan<int> weights)
        {
            double[] ranks = new double[_sorted.Length];
            double below = 0;
            for (int i = 0, end; i < _sorted.Length; i = end)
            {
                double tied = 0;
                for (end = i; end < _sorted.Length && _sorted[end] == _sorted[i]; end++)
                {
                    tied += weights[_order[end]];
                }
                for (int k = i; k < end; k++)
                {
                    ranks[_order[k]] = below + ((tied + 1) / 2);
                }
                below += tied;
            }
            return ranks;
        }
    }
}
