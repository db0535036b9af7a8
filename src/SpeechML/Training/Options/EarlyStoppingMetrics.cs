namespace SpeechML.Training.Options;

/// <summary>Facts about the figures.</summary>
internal static class EarlyStoppingMetrics
{
    /// <summary>Whether a smaller value is better; without a figure the loss counts.</summary>
    public static bool LowerIsBetter(this EarlyStoppingMetric metric) =>
        metric is EarlyStoppingMetric.None or EarlyStoppingMetric.Loss or EarlyStoppingMetric.MeanAbsoluteError;
}
