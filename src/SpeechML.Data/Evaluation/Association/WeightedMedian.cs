namespace SpeechML.Data.Evaluation.Association;

/// <summary>The median of numbers that are sorted once, as a function of weights.</summary>
internal static class WeightedMedian
{
    /// <param name="values">Of each clip.</param>
    /// <param name="rows">The clips that count.</param>
    public static WeightedMetric Of(double[] values, int[] rows)
    {
        int[] order = [.. rows.OrderBy(i => values[i])];
        double[] sorted = Array.ConvertAll(order, i => values[i]);
        return weights =>
        {
            long all = 0;
            foreach (int row in order)
            {
                all += weights[row];
            }
            if (all == 0)
            {
                return MetricValue.Because("no clips");
            }
            long passed = 0, lower = (all - 1) / 2, upper = all / 2;
            double low = double.NaN;
            for (int k = 0; ; k++)
            {
                passed += weights[order[k]];
                if (double.IsNaN(low) && passed > lower)
                {
                    low = sorted[k];
                }
                if (passed > upper)
                {
                    return (low + sorted[k]) / 2;
                }
            }
        };
    }
}
