namespace SpeechML.Tasks;

/// <summary>Probabilities from what the head gives.</summary>
internal static class OutputScores
{
    /// <summary>Of one class out of several.</summary>
    public static double[] Softmax(float[] logits) => Softmax(Array.ConvertAll(logits, v => (double)v));

    /// <inheritdoc cref="Softmax(float[])"/>
    public static double[] Softmax(double[] logits)
    {
        // Less the greatest: exp must not overflow.
        double greatest = logits.Max();
        double[] powers = Array.ConvertAll(logits, v => Math.Exp(v - greatest));
        double sum = powers.Sum();
        return Array.ConvertAll(powers, p => p / sum);
    }

    /// <summary>Of each label by itself.</summary>
    public static float[] Sigmoid(float[] logits) => Array.ConvertAll(logits, v => (float)(1 / (1 + Math.Exp(-v))));
}
