using SpeechML.Audio.Options;
using SpeechML.Training.Losses;

namespace SpeechML;

/// <summary>
/// Names of what the multi-label trainer minimises. Options, configuration files and sweeps have the name.
/// </summary>
public static class MultiLabelLoss
{
    // Before the names, which add themselves to it.
    private static readonly NameRegistry<Kind> s_all = new("Loss", $"{nameof(MultiLabelLoss)}.{nameof(Register)}");

    /// <summary>
    /// Binary cross-entropy of every label (focal, with <see cref="SpeechMultiLabelOptions.FocalGamma"/>).
    /// </summary>
    public static string CrossEntropy { get; } = Add("CrossEntropy", (options, data) => options.FocalGamma > 0
        ? new BinaryFocalLoss(options.FocalGamma) : new BinaryCrossEntropyLoss(data.PositiveWeights));

    /// <summary>
    /// Margin ranking of the ratings and cross-entropy of "rated from
    /// <see cref="SpeechMultiLabelOptions.RatingThreshold"/> up", as
    /// <see cref="SpeechMultiLabelOptions.CrossEntropyShare"/> divides them: of two clips in a batch the higher rated
    /// one should be ahead by <see cref="SpeechMultiLabelOptions.RankingMargin"/>.
    /// </summary>
    public static string RankedClassification { get; } = Add(
        "RankedClassification",
        (options, data) => new RankedClassificationLoss(
            options.RatingThreshold, options.RankingMargin, options.CrossEntropyShare, data.PositiveWeights),
        takesRatings: true);

    /// <summary>All names, those that were registered too.</summary>
    public static IReadOnlyList<string> Names => s_all.Names;

    /// <summary>
    /// Gives a loss a name in this process, by which options, configuration files and sweeps can choose it. Scoring
    /// needs no loss: a model loads anywhere.
    /// </summary>
    /// <param name="name">A letter, then letters and digits. Case does not matter.</param>
    /// <param name="create">Makes it; its targets are (batch, labels), NaN where a label is not rated.</param>
    /// <param name="takesRatings">Whether its targets are ratings instead of 0 and 1 where
    /// <see cref="SpeechMultiLabelOptions.RatingThreshold"/> is set. The default is <see langword="false"/>.</param>
    /// <returns>The name.</returns>
    /// <exception cref="ArgumentException">The name is none, or another loss has it.</exception>
    public static string Register(
        string name, LossFactory<SpeechMultiLabelOptions> create, bool takesRatings = false)
    {
        ArgumentNullException.ThrowIfNull(create);
        return Add(name, create, takesRatings);
    }

    /// <summary>The name as it was registered; one that is not known as it is.</summary>
    internal static string NameOf(string? name) => s_all.NameOf(name);

    /// <summary>Whether the targets of the loss of a name are ratings.</summary>
    internal static bool TakesRatings(string name) => s_all.Get(name).TakesRatings;

    /// <summary>The loss that the options choose.</summary>
    internal static Loss Create(SpeechMultiLabelOptions options, TaskData data) =>
        s_all.Get(options.Loss).Create(options, data);

    private static string Add(
        string name, LossFactory<SpeechMultiLabelOptions> create, bool takesRatings = false) =>
        s_all.Add(name, new Kind(create, takesRatings));

    private sealed record Kind(LossFactory<SpeechMultiLabelOptions> Create, bool TakesRatings);
}
