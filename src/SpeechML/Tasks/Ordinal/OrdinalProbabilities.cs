namespace SpeechML.Tasks.Ordinal;

/// <summary>What the outputs of an ordinal head say about classes 0 … K - 1.</summary>
internal static class OrdinalProbabilities
{
    /// <summary>P(class &gt; k) for k = 0 … K - 2.</summary>
    /// <param name="loss">What the head was trained with.</param>
    /// <param name="logits">Its outputs: K - 1, with <see cref="OrdinalLoss.EarthMovers"/> K.</param>
    public static double[] Above(OrdinalLoss loss, double[] logits)
    {
        switch (loss)
        {
            case OrdinalLoss.EarthMovers:
                double[] shares = OutputScores.Softmax(logits);
                double reached = 0;
                return [.. shares.Take(shares.Length - 1).Select(p => 1 - (reached += p))];
            case OrdinalLoss.Corn:
                double product = 1;
                return [.. logits.Select(x => product *= Sigmoid(x))];
            default:
                return [.. logits.Select(x => Sigmoid(x))];
        }
    }

    /// <inheritdoc cref="Above(OrdinalLoss, double[])"/>
    public static double[] Above(OrdinalLoss loss, float[] logits) =>
        Above(loss, Array.ConvertAll(logits, x => (double)x));

    /// <summary>The class: how many of P(class &gt; k) exceed one half, which is the median.</summary>
    public static int Class(double[] above) => above.Count(p => p > 0.5);

    /// <summary>
    /// Probabilities of the K classes, differences of P(class &gt; k). Where those do not fall with k (CORAL does not
    /// force them to) some are negative.
    /// </summary>
    public static double[] OfClasses(double[] above) =>
        [.. Enumerable.Range(0, above.Length + 1)
            .Select(k => (k == 0 ? 1 : above[k - 1]) - (k == above.Length ? 0 : above[k]))];

    /// <summary>As <see cref="OfClasses"/>, with negative ones set to 0 and all scaled to sum to 1.</summary>
    public static double[] Proper(double[] above)
    {
        double[] probabilities = Array.ConvertAll(OfClasses(above), p => Math.Max(0, p));
        double sum = probabilities.Sum();
        return Array.ConvertAll(probabilities, p => p / sum);
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
