namespace SpeechML;

/// <summary>
/// The network against a plain model on numbers of the same clips, on one part of the data and one label: an entry of
/// <c>baselines.json</c>.
/// </summary>
/// <param name="Model">The plain model: <c>linear</c> or <c>tree</c>.</param>
/// <param name="Split">The part that both are evaluated on; both learned from the training part.</param>
/// <param name="Label">
/// The label or class; empty for all: of several labels their mean, of classes all together.
/// </param>
/// <param name="Metric">Name of the metric: <c>rocAuc</c> and the like (<see cref="SpeechMetrics"/>).</param>
/// <param name="Network">The network's value; <see langword="null"/> where it has none.</param>
/// <param name="Baseline">The plain model's value.</param>
/// <param name="Difference">The network's less the plain model's.</param>
/// <param name="Interval">
/// The 95 % interval of the difference, paired: both on the same resamples of subjects; <see langword="null"/> where
/// subjects are not known or no resamples are asked for.
/// </param>
/// <param name="PValue">Of no difference, two-sided, not corrected for the number of labels.</param>
public sealed record RunBaseline(
    string Model, string Split, string Label, string Metric, double? Network, double? Baseline, double? Difference,
    RunInterval? Interval, double? PValue)
{
    /// <summary>Columns that the plain model was given, separated by commas.</summary>
    public string Features { get; init; } = "";

    /// <summary>Why there is nothing to compare; empty where there is.</summary>
    public string Note { get; init; } = "";

    /// <summary>
    /// Whether the interval lies on the network's side; <see langword="false"/> where it lies on the other one,
    /// <see langword="null"/> where it holds 0 or there is none.
    /// </summary>
    public bool? NetworkIsBetter
    {
        get
        {
            if (Interval is not { Low.Value: { } low, High.Value: { } high } || (low <= 0 && high >= 0))
            {
                return null;
            }
            return SpeechMetrics.Find(Metric)?.Direction == MetricDirection.LowerIsBetter ? high < 0 : low > 0;
        }
    }
}
