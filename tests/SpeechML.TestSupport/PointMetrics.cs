namespace SpeechML.TestSupport;

/// <summary>Metrics of arrays, weights of 1.</summary>
internal static class PointMetrics
{
    public static MetricValue RocAuc(bool[] positive, double[] scores)
    {
        // Scores need not be probabilities: the order alone counts.
        double low = scores.DefaultIfEmpty(0).Min(), high = scores.DefaultIfEmpty(1).Max();
        double[] shares = low >= 0 && high <= 1 ? scores
            : Array.ConvertAll(scores, s => high == low ? 0 : Math.Clamp((s - low) / (high - low), 0, 1));
        return SpeechMetrics.RocAuc.Compute(EvaluatedClips.Binary(positive, shares));
    }

    public static MetricValue Spearman(double[] y, double[] x) =>
        SpeechMetrics.Spearman.Compute(EvaluatedClips.Regression(y, x));
}
