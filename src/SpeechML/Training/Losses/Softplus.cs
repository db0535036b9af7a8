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
}
