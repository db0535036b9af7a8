namespace SpeechML;

/// <summary>
/// What a plain linear model loses on a part where the values of a measure change places among its clips (L. Breiman
/// 2001, "Random forests", section 10): what the model needs, not what causes the label. Measures that say the same can
/// stand in for one another: their group says what they have in common.
/// </summary>
/// <param name="Label">The label; empty for all: of several labels their mean, of classes all together.</param>
/// <param name="Measure">The measure; of a group of acoustic measures <c>all of jitter</c> and the like.</param>
/// <param name="Metric">Name of the metric.</param>
/// <param name="Loss">
/// By how much the metric is worse, the mean over the permutations; below 0 where it is better without.
/// </param>
/// <param name="Interval">Its 95 % interval, paired by subject; <see langword="null"/> where there is none.</param>
public sealed record RunMeasureImportance(
    string Label, string Measure, string Metric, double? Loss, RunInterval? Interval)
{
    /// <summary>Why there is no interval; empty where there is one.</summary>
    public string NoInterval { get; init; } = "";
}

/// <summary>
/// The measures of a run's clips, read on one part: an entry of <c>measures.json</c>. Made with the plain models.
/// </summary>
/// <param name="Split">The part.</param>
/// <param name="Features">Columns of the measures, separated by commas.</param>
/// <param name="ByLabel">The measures of the training clips by label.</param>
/// <param name="Importance">What the linear model needs of them, on the part.</param>
/// <param name="Clips">The clips that the run keeps of the part, among the training clips.</param>
public sealed record RunMeasures(
    string Split, string Features, MeasureTable ByLabel, IReadOnlyList<RunMeasureImportance> Importance,
    IReadOnlyList<ClipMeasures> Clips);
