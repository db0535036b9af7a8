using Microsoft.ML.SearchSpace;
using SpeechML.Audio.Options;
using static SpeechML.Audio.Options.OptionChecks;

namespace SpeechML;

/// <summary>Options of the ordinal speech classifier, whose classes have an order (absent, mild, ... severe).</summary>
public sealed class SpeechOrdinalOptions : SpeechTrainingOptions
{
    /// <summary>Name of the column of class probabilities. The default is <c>Score</c>.</summary>
    [DoesNotAffectResult]
    [IsText("a column name")]
    public string ScoreColumnName { get; set; } = "Score";

    /// <summary>
    /// Name of the column of the predicted class: the median of the probabilities.
    /// <c>mlContext.Speech().Ordinal.Evaluate</c> evaluates it; ML.NET's multi-class evaluator goes by the greatest
    /// probability instead, which can be another class. The default is <c>PredictedLabel</c>.
    /// </summary>
    [DoesNotAffectResult]
    [IsText("a column name")]
    public string PredictedLabelColumnName { get; set; } = "PredictedLabel";

    /// <summary>What is minimised: a name of <see cref="OrdinalLoss"/>. The default is CORAL.</summary>
    [Choice(
        new object[] { nameof(OrdinalLoss.Coral), nameof(OrdinalLoss.Corn), nameof(OrdinalLoss.EarthMovers) },
        nameof(OrdinalLoss.Coral))]
    [IsNameOf(typeof(OrdinalLoss))]
    public string Loss { get; set => field = OrdinalLoss.NameOf(value); } = OrdinalLoss.Coral;

    internal override void Validate()
    {
        base.Validate();
        Check(!Head.PerTarget || !OrdinalLoss.Create(Loss).SharesWeights, "Head.PerTarget",
            $"false, because Loss is {Loss} and its levels share their weights", Head.PerTarget);
        Check(LongAudio.Combination == WindowCombination.Frames || OrdinalLoss.Create(Loss).Form is not null,
            "LongAudio.Combination",
            $"{WindowCombination.Frames}, because it is not known how outputs of the loss {Loss} are averaged",
            LongAudio.Combination);
    }
}
