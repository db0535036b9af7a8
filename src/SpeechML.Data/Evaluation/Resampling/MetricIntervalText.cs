using System.Globalization;

namespace SpeechML.Data.Evaluation.Resampling;

internal static class MetricIntervalText
{
    public static string Of(MetricValue estimate, MetricValue low, MetricValue high, int resamples, int undefined)
    {
        string left = undefined == 0 ? ""
            : string.Create(CultureInfo.InvariantCulture, $" ({undefined} of {resamples} resamples undefined)");
        return estimate.Value is null ? estimate.ToString() : low.Value is null ? $"{estimate} [{low}]{left}"
            : $"{estimate} [{low}, {high}]{left}";
    }
}
