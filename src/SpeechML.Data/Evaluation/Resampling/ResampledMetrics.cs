namespace SpeechML.Data.Evaluation.Resampling;

/// <summary>A metric that can be evaluated again and again with other multiplicities of the same rows.</summary>
internal interface IResampledMetric
{
    /// <summary>The metric as if row i stood there <paramref name="multiplicity"/>[i] times.</summary>
    MetricValue Value(ReadOnlySpan<int> multiplicity);
}

/// <summary>
/// The clips of one label in the order of their scores, ties marked: what metrics of the order go through.
/// </summary>
internal sealed class RankedRows
{
    public RankedRows(bool[] positive, double[] scores)
    {
        double[] sorted = [.. scores];
        Order = [.. Enumerable.Range(0, scores.Length)];
        Array.Sort(sorted, Order);
        Positive = [.. Order.Select(i => positive[i])];
        LastOfTie = [.. sorted.Select((s, i) => i + 1 == sorted.Length || sorted[i + 1] != s)];
    }

    /// <summary>Row numbers by rising score.</summary>
    public int[] Order { get; }

    /// <summary>Their truth.</summary>
    public bool[] Positive { get; }

    /// <summary>Whether the next score is another.</summary>
    public bool[] LastOfTie { get; }
}

/// <summary>ROC AUC; the scores are sorted once, each evaluation is one pass.</summary>
internal sealed class ResampledRocAuc(RankedRows rows) : IResampledMetric
{
    public ResampledRocAuc(bool[] positive, double[] scores)
        : this(new RankedRows(positive, scores))
    {
    }

    public MetricValue Value(ReadOnlySpan<int> multiplicity)
    {
        int[] order = rows.Order;
        bool[] positive = rows.Positive, last = rows.LastOfTie;
        long p = 0, n = 0, positives = 0, below = 0, twiceArea = 0;
        for (int i = 0; i < order.Length; i++)
        {
            int times = multiplicity[order[i]], hit = positive[i] ? times : 0;
            p += hit;
            n += times - hit;
            if (last[i])
            {
                twiceArea += p * ((2 * below) + n);
                positives += p;
                below += n;
                (p, n) = (0, 0);
            }
        }
        return positives == 0 ? MetricValue.Because("no positives") : below == 0 ? MetricValue.Because("no negatives")
            : twiceArea / (2.0 * positives * below);
    }
}

/// <summary>Average precision: the sum over thresholds of (R_n - R_(n-1)) P_n, in one pass.</summary>
internal sealed class ResampledAveragePrecision(RankedRows rows) : IResampledMetric
{
    public MetricValue Value(ReadOnlySpan<int> multiplicity)
    {
        int[] order = rows.Order;
        bool[] positive = rows.Positive, last = rows.LastOfTie;
        long predicted = 0, truePositives = 0, before = 0;
        double sum = 0;
        for (int i = order.Length - 1; i >= 0; i--)
        {
            int times = multiplicity[order[i]];
            predicted += times;
            truePositives += positive[i] ? times : 0;
            if ((i == 0 || last[i - 1]) && truePositives > before)
            {
                sum += (truePositives - before) * ((double)truePositives / predicted);
                before = truePositives;
            }
        }
        return truePositives == 0 ? MetricValue.Because("no positives") : sum / truePositives;
    }
}

/// <summary>Mean squared distance of probability and outcome.</summary>
internal sealed class ResampledBrier(double[] outcome, double[] scores) : IResampledMetric
{
    public MetricValue Value(ReadOnlySpan<int> multiplicity)
    {
        double sum = 0, rows = 0;
        for (int i = 0; i < multiplicity.Length; i++)
        {
            sum += multiplicity[i] * (scores[i] - outcome[i]) * (scores[i] - outcome[i]);
            rows += multiplicity[i];
        }
        return rows == 0 ? MetricValue.Because("no rows") : sum / rows;
    }
}

/// <summary>
/// Spearman's rank correlation; both columns are sorted once, ranks of a resample follow from the multiplicities.
/// </summary>
internal sealed class ResampledSpearman : IResampledMetric
{
    private readonly Column _y;
    private readonly Column _x;

    public ResampledSpearman(double[] y, double[] x)
    {
        _y = new Column(y);
        _x = new Column(x);
    }

    public MetricValue Value(ReadOnlySpan<int> multiplicity)
    {
        double[] y = _y.Ranks(multiplicity), x = _x.Ranks(multiplicity);
        double rows = 0;
        foreach (int m in multiplicity)
        {
            rows += m;
        }
        double mean = (rows + 1) / 2, yy = 0, xx = 0, yx = 0;
        for (int i = 0; i < y.Length; i++)
        {
            double dy = y[i] - mean, dx = x[i] - mean;
            yy += multiplicity[i] * dy * dy;
            xx += multiplicity[i] * dx * dx;
            yx += multiplicity[i] * dy * dx;
        }
        return rows < 2 ? MetricValue.Because("fewer than two rows")
            : yy == 0 ? MetricValue.Because("constant truth") : xx == 0 ? MetricValue.Because("constant prediction")
                : Math.Clamp(yx / Math.Sqrt(yy) / Math.Sqrt(xx), -1, 1);
    }

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

        public double[] Ranks(ReadOnlySpan<int> multiplicity)
        {
            double[] ranks = new double[_sorted.Length];
            double below = 0;
            for (int i = 0, end; i < _sorted.Length; i = end)
            {
                double tied = 0;
                for (end = i; end < _sorted.Length && _sorted[end] == _sorted[i]; end++)
                {
                    tied += multiplicity[_order[end]];
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
