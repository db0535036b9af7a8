using SpeechML.Data.Evaluation.Metrics;

namespace SpeechML.Data.Evaluation.Resampling;

/// <summary>Mean of a value per clip.</summary>
internal sealed class ResampledMean(double[] values) : IResampledMetric
{
    public MetricValue Value(ReadOnlySpan<int> multiplicity)
    {
        double sum = 0, rows = 0;
        for (int i = 0; i < multiplicity.Length; i++)
        {
            sum += multiplicity[i] * values[i];
            rows += multiplicity[i];
        }
        return rows == 0 ? MetricValue.Because("no rows") : sum / rows;
    }
}

/// <summary>What follows from the counts of truth against decision.</summary>
internal sealed class ResampledConfusion(
    int[] truth, int[] decision, int classes, Func<ConfusionMatrix, MetricValue> metric) : IResampledMetric
{
    public MetricValue Value(ReadOnlySpan<int> multiplicity)
    {
        long[][] counts = [.. Enumerable.Range(0, classes).Select(_ => new long[classes])];
        long rows = 0;
        for (int i = 0; i < multiplicity.Length; i++)
        {
            counts[truth[i]][decision[i]] += multiplicity[i];
            rows += multiplicity[i];
        }
        return rows == 0 ? MetricValue.Because("no rows") : metric(new ConfusionMatrix(counts));
    }
}

/// <summary>
/// A mean over classes or thresholds, all of the same clips. Where one has no value, there is none: a mean over fewer
/// would be another figure.
/// </summary>
internal sealed class ResampledMacro((string Name, IResampledMetric Metric)[] parts) : IResampledMetric
{
    public MetricValue Value(ReadOnlySpan<int> multiplicity)
    {
        double sum = 0;
        foreach ((string name, IResampledMetric metric) in parts)
        {
            MetricValue part = metric.Value(multiplicity);
            if (part.Value is not { } value)
            {
                return MetricValue.Because($"{part.Undefined}, {name}");
            }
            sum += value;
        }
        return sum / parts.Length;
    }
}

/// <summary>What follows from means, variances and the covariance of truth and prediction.</summary>
internal sealed class ResampledMoments(SpeechMetric metric, double[] y, double[] x) : IResampledMetric
{
    public MetricValue Value(ReadOnlySpan<int> multiplicity)
    {
        double rows = 0, sumY = 0, sumX = 0, square = 0;
        int first = -1;
        bool constantY = true, constantX = true;
        for (int i = 0; i < multiplicity.Length; i++)
        {
            if (multiplicity[i] == 0)
            {
                continue;
            }
            first = first < 0 ? i : first;
            constantY &= y[i] == y[first];
            constantX &= x[i] == x[first];
            rows += multiplicity[i];
            sumY += multiplicity[i] * y[i];
            sumX += multiplicity[i] * x[i];
            square += multiplicity[i] * (y[i] - x[i]) * (y[i] - x[i]);
        }
        if (rows == 0)
        {
            return MetricValue.Because("no rows");
        }
        if (metric == SpeechMetric.Rmse)
        {
            return Math.Sqrt(square / rows);
        }
        double meanY = sumY / rows, meanX = sumX / rows, yy = 0, xx = 0, yx = 0;
        for (int i = 0; i < multiplicity.Length; i++)
        {
            double dy = y[i] - meanY, dx = x[i] - meanX;
            yy += multiplicity[i] * dy * dy;
            xx += multiplicity[i] * dx * dx;
            yx += multiplicity[i] * dy * dx;
        }
        double apart = rows * (meanY - meanX) * (meanY - meanX);
        return metric switch
        {
            SpeechMetric.R2 => rows < 2 ? MetricValue.Because("fewer than two rows") : constantY
                ? MetricValue.Because("constant truth") : 1 - (square / yy),
            SpeechMetric.Ccc => (constantY && constantX) || yy + xx + apart == 0
            ? MetricValue.Because("truth and prediction are one and the same constant") : 2 * yx / (yy + xx + apart),
            SpeechMetric.Pearson => rows < 2 ? MetricValue.Because("fewer than two rows")
                : constantY ? MetricValue.Because("constant truth") : constantX
                    ? MetricValue.Because("constant prediction")
                    : Math.Clamp(yx / Math.Sqrt(yy) / Math.Sqrt(xx), -1, 1),
            _ => throw new InvalidOperationException($"Metric {metric} is none of moments."),
        };
    }
}

/// <summary>
/// Kendall's tau-b; both columns are sorted once, pairs are counted through a tree of counts (Fenwick), O(n log n) per
/// resample.
/// </summary>
internal sealed class ResampledKendall : IResampledMetric
{
    private readonly int[] _order;
    private readonly bool[] _lastOfTie;
    private readonly int[] _place;
    private readonly int _places;

    public ResampledKendall(double[] y, double[] x)
    {
        _order = [.. Enumerable.Range(0, y.Length).OrderBy(i => y[i])];
        _lastOfTie = [.. _order.Select((i, k) => k + 1 == _order.Length || y[_order[k + 1]] != y[i])];
        double[] distinct = [.. x.Distinct().Order()];
        _places = distinct.Length;
        _place = Array.ConvertAll(x, v => Array.BinarySearch(distinct, v));
    }

    public MetricValue Value(ReadOnlySpan<int> multiplicity)
    {
        double[] tree = new double[_places + 1], ofPlace = new double[_places];
        double rows = 0, balance = 0, tiesY = 0, group = 0;
        for (int k = 0, start = 0; k < _order.Length; k++)
        {
            int times = multiplicity[_order[k]], place = _place[_order[k]];
            // Pairs with the clips of lower truth, which are in the tree: in order less out of order.
            balance += times * (Below(tree, place) - (rows - Below(tree, place + 1)));
            group += times;
            if (!_lastOfTie[k])
            {
                continue;
            }
            for (; start <= k; start++)
            {
                int added = multiplicity[_order[start]], at = _place[_order[start]];
                ofPlace[at] += added;
                for (int node = at + 1; node <= _places; node += node & -node)
                {
                    tree[node] += added;
                }
            }
            tiesY += Pairs(group);
            rows += group;
            group = 0;
        }
        double all = Pairs(rows), tiesX = ofPlace.Sum(Pairs);
        return rows < 2 ? MetricValue.Because("fewer than two rows")
            : tiesY == all ? MetricValue.Because("constant truth") : tiesX == all
                ? MetricValue.Because("constant prediction")
            : Math.Clamp(balance / Math.Sqrt(all - tiesY) / Math.Sqrt(all - tiesX), -1, 1);
    }

    private static double Pairs(double n) => n * (n - 1) / 2;

    // Clips at places before this one.
    private static double Below(double[] tree, int place)
    {
        double sum = 0;
        for (int node = place; node > 0; node -= node & -node)
        {
            sum += tree[node];
        }
        return sum;
    }
}
