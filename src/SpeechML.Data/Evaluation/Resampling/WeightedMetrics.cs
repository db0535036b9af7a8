using System.Buffers;

namespace SpeechML.Data.Evaluation.Resampling;

/// <summary>Weighted metrics of some of the clips, and of clips that are named one by one.</summary>
internal static class WeightedMetrics
{
    /// <summary>A metric over some of the clips, given the weights of all.</summary>
    /// <param name="metric">The metric of those clips.</param>
    /// <param name="rows">Their rows; <see langword="null"/> where they are all.</param>
    public static WeightedMetric OfSome(WeightedMetric metric, int[]? rows) => rows is null ? metric : weights =>
    {
        int[] some = ArrayPool<int>.Shared.Rent(rows.Length);
        for (int k = 0; k < rows.Length; k++)
        {
            some[k] = weights[rows[k]];
        }
        MetricValue value = metric(some.AsSpan(0, rows.Length));
        ArrayPool<int>.Shared.Return(some);
        return value;
    };

    /// <summary>Any metric: it is given row numbers, each as often as its weight says.</summary>
    public static WeightedMetric OfRows(Func<IReadOnlyList<int>, MetricValue> metric) => weights =>
    {
        var rows = new List<int>(weights.Length);
        for (int i = 0; i < weights.Length; i++)
        {
            for (int k = 0; k < weights[i]; k++)
            {
                rows.Add(i);
            }
        }
        return rows.Count == 0 ? MetricValue.Because("no labels") : metric(rows);
    };
}
