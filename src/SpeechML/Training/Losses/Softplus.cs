namespace SpeechML.Training.Losses;

/// <summary>log(1 + exp(x)), the logistic loss of a logit whose label is 0.</summary>
internal static class Softplus
{
    /// <summary>The value, and its slope.</summary>
    public static double Of(double x, out double slope)
    {
        double e = Math.Exp(-Math.Abs(x));
        slope = x >= 0 ? 1 / (1 + e) : e / (1 + e);
        return Math.Max(x, 0) + Math.Log(1 + e);
    }

    /// <summary>Loss of a logit whose label is 1 or 0.</summary>
    public static double Of(double x, bool label, out double slope)
    {
        double value = Of(label ? -x : x, out slope);
        slope = label ? -slope : slope;
        return value;
    }

    /// <summary>
    /// The sum over clips and levels of the loss of whether the class is above the level, and its slopes.
    /// </summary>
    /// <param name="outputs">(clips, width), row after row.</param>
    /// <param name="targets">Class numbers; NaN or below 0 where missing.</param>
    /// <param name="width">Levels.</param>
    /// <param name="weights">Of each level; <see langword="null"/> for 1.</param>
    /// <param name="counts">Whether a level counts for a class number.</param>
    /// <param name="slopes">Receives the slopes, 0 where a level does not count.</param>
    public static double Levels(
        ReadOnlySpan<double> outputs, ReadOnlySpan<float> targets, int width, double[]? weights,
        Func<float, int, bool> counts, Span<double> slopes)
    {
        double sum = 0;
        for (int i = 0; i < outputs.Length; i++)
        {
            (int row, int level) = Math.DivRem(i, width);
            slopes[i] = 0;
            if (counts(targets[row], level))
            {
                double weight = weights?[level] ?? 1;
                sum += weight * Of(outputs[i], targets[row] > level, out double slope);
                slopes[i] = weight * slope;
            }
        }
        return sum;
    }
}
