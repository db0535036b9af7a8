using System.Buffers;
using SpeechML.Data.Evaluation.Calibration;

namespace SpeechML.Data.Evaluation.Resampling;

/// <summary>Metrics of decisions: each follows from four counts.</summary>
internal sealed class ResampledDecisions : IResampledMetric
{
    private readonly LabelMetric _metric;
    private readonly byte[] _cell;

    public ResampledDecisions(LabelMetric metric, bool[] positive, bool[] decision)
    {
        _metric = metric;
        _cell = [.. positive.Zip(decision, (p, d) => (byte)((p ? 2 : 0) + (d ? 1 : 0)))];
    }

    public MetricValue Value(ReadOnlySpan<int> multiplicity)
    {
        Span<long> cells = stackalloc long[4];
        cells.Clear();
        for (int i = 0; i < _cell.Length; i++)
        {
            cells[_cell[i]] += multiplicity[i];
        }
        double tn = cells[0], fp = cells[1], fn = cells[2], tp = cells[3], p = tp + fn, n = tn + fp;
        if (p + n == 0)
        {
            return MetricValue.Because("no labels");
        }
        return _metric switch
        {
            LabelMetric.Accuracy => (tp + tn) / (p + n),
            LabelMetric.BalancedAccuracy => p == 0 ? tn / n : n == 0 ? tp / p : ((tp / p) + (tn / n)) / 2,
            LabelMetric.F1 => tp + fp + fn == 0 ? 0 : 2 * tp / ((2 * tp) + fp + fn),
            LabelMetric.Sensitivity => p == 0 ? MetricValue.Because("no positives") : tp / p,
            LabelMetric.Specificity => n == 0 ? MetricValue.Because("no negatives") : tn / n,
            _ => throw new InvalidOperationException($"Metric {_metric} is none of decisions."),
        };
    }
}

/// <summary>Expected calibration error over groups of equal width.</summary>
internal sealed class ResampledCalibrationError : IResampledMetric
{
    private readonly int[] _bin;
    private readonly double[] _gap;

    public ResampledCalibrationError(double[] outcome, double[] scores)
    {
        _bin = Array.ConvertAll(scores, CalibrationError.Bin);
        _gap = [.. outcome.Zip(scores, (o, s) => o - s)];
    }

    public MetricValue Value(ReadOnlySpan<int> multiplicity)
    {
        Span<double> gaps = stackalloc double[CalibrationError.Bins];
        gaps.Clear();
        long rows = 0;
        for (int i = 0; i < _bin.Length; i++)
        {
            gaps[_bin[i]] += multiplicity[i] * _gap[i];
            rows += multiplicity[i];
        }
        double sum = 0;
        foreach (double gap in gaps)
        {
            sum += Math.Abs(gap);
        }
        return rows == 0 ? MetricValue.Because("no labels") : sum / rows;
    }
}

/// <summary>A metric over some of the rows: a label's rated clips, a group.</summary>
internal sealed class ResampledSubset(IResampledMetric inner, int[] rows) : IResampledMetric
{
    public MetricValue Value(ReadOnlySpan<int> multiplicity)
    {
        int[] some = ArrayPool<int>.Shared.Rent(rows.Length);
        for (int k = 0; k < rows.Length; k++)
        {
            some[k] = multiplicity[rows[k]];
        }
        MetricValue value = inner.Value(some.AsSpan(0, rows.Length));
        ArrayPool<int>.Shared.Return(some);
        return value;
    }
}

/// <summary>Any metric: it is given row numbers, each as often as it was drawn.</summary>
internal sealed class ResampledRows(Func<IReadOnlyList<int>, MetricValue> metric) : IResampledMetric
{
    public MetricValue Value(ReadOnlySpan<int> multiplicity)
    {
        var rows = new List<int>(multiplicity.Length);
        for (int i = 0; i < multiplicity.Length; i++)
        {
            for (int k = 0; k < multiplicity[i]; k++)
            {
                rows.Add(i);
            }
        }
        return rows.Count == 0 ? MetricValue.Because("no rows") : metric(rows);
    }
}
