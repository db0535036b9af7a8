namespace SpeechML.Metrics;

/// <summary>A metric that can be evaluated again and again with other multiplicities of the same rows.</summary>
internal interface IResampledMetric
{
    /// <summary>The metric as if row i stood there <paramref name="multiplicity"/>[i] times.</summary>
    MetricValue Value(ReadOnlySpan<int> multiplicity);
}

/// <summary>ROC AUC; the scores are sorted once, each evaluation is one pass.</summary>
internal sealed class ResampledRocAuc : IResampledMetric
{
    private readonly double[] _sorted;
    private readonly int[] _order;
    private readonly bool[] _positive;

    public ResampledRocAuc(bool[] positive, double[] scores)
    {
        _sorted = [.. scores];
        _order = [.. Enumerable.Range(0, scores.Length)];
        Array.Sort(_sorted, _order);
        _positive = positive;
    }

    public MetricValue Value(ReadOnlySpan<int> multiplicity)
    {
        double negativesBelow = 0, positives = 0, area = 0;
        for (int i = 0; i < _sorted.Length;)
        {
            double p = 0, n = 0, score = _sorted[i];
            for (; i < _sorted.Length && _sorted[i] == score; i++)
            {
                int row = _order[i];
                if (_positive[row])
                {
                    p += multiplicity[row];
                }
                else
                {
                    n += multiplicity[row];
                }
            }
            area += p * (negativesBelow + (n / 2));
            negativesBelow += n;
            positives += p;
        }
        return positives == 0 ? MetricValue.Because("no positives") : negativesBelow == 0 ? MetricValue.Because("no negatives") : area / (positives * negativesBelow);
    }
}

/// <summary>Mean recall over the classes that occur, of decisions score ≥ 0.5.</summary>
internal sealed class ResampledBalancedAccuracy(bool[] positive, double[] scores) : IResampledMetric
{
    public MetricValue Value(ReadOnlySpan<int> multiplicity)
    {
        double p = 0, n = 0, truePositives = 0, trueNegatives = 0;
        for (int i = 0; i < multiplicity.Length; i++)
        {
            bool decision = scores[i] >= 0.5;
            if (positive[i])
            {
                p += multiplicity[i];
                truePositives += decision ? multiplicity[i] : 0;
            }
            else
            {
                n += multiplicity[i];
                trueNegatives += decision ? 0 : multiplicity[i];
            }
        }
        return p == 0 && n == 0 ? MetricValue.Because("no rows") : p == 0 ? trueNegatives / n : n == 0 ? truePositives / p : ((truePositives / p) + (trueNegatives / n)) / 2;
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

/// <summary>Spearman's rank correlation; both columns are sorted once, ranks of a resample follow from the multiplicities.</summary>
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
            : yy == 0 ? MetricValue.Because("constant truth") : xx == 0 ? MetricValue.Because("constant prediction") : Math.Clamp(yx / Math.Sqrt(yy) / Math.Sqrt(xx), -1, 1);
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
