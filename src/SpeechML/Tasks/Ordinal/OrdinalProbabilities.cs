namespace SpeechML.Tasks.Ordinal;

/// <summary>What the outputs of an ordinal head say about classes 0 … K - 1.</summary>
internal static class OrdinalProbabilities
{
    /// <summary>P(class &gt; k) for k = 0 … K - 2.</summary>
    /// <param name="objective">What the head was trained with.</param>
    /// <param name="outputs">What the head gives for a clip.</param>
    /// <exception cref="InvalidOperationException">They are not as many as the outputs are for.</exception>
    public static double[] Above(OrdinalObjective objective, float[] outputs)
    {
        double[] above = objective.Above(Array.ConvertAll(outputs, x => (double)x));
        return objective.Outputs(above.Length + 1) == outputs.Length ? above : throw new InvalidOperationException(
            $"{objective.GetType().Name}: expected P(class > k) of one class less than {outputs.Length} outputs are " +
            $"for, got {above.Length} numbers.");
    }

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
}
