namespace SpeechML.Data.Evaluation.Decisions;

/// <summary>Ordered classes seen through the thresholds between them: is the class above k?</summary>
internal static class OrdinalThresholds
{
    /// <summary>P(class &gt; k) for k = 0 … K - 2, from the probabilities of the K classes.</summary>
    public static double[] Above(IReadOnlyList<double> classes)
    {
        double[] above = new double[classes.Count - 1];
        double sum = 0;
        for (int k = above.Length - 1; k >= 0; k--)
        {
            sum += classes[k + 1];
            above[k] = Math.Clamp(sum, 0, 1); // sums of single-precision shares
        }
        return above;
    }
}
