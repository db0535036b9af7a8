namespace SpeechML.Data.Evaluation.Metrics.Definitions;

/// <summary>Mean of a value per clip.</summary>
internal static class WeightedMean
{
    public static WeightedMetric Of(double[] values) => weights =>
    {
        double sum = 0, rows = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            sum += weights[i] * values[i];
            rows += weights[i];
        }
        return rows == 0 ? MetricValue.Because("no labels") : sum / rows;
    };
}
