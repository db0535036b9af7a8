using Microsoft.ML.SearchSpace;
using SpeechML.Audio.Common;
using static SpeechML.Audio.Common.OptionChecks;

namespace SpeechML;

/// <summary>Options of the multi-class speech classifier.</summary>
public sealed class SpeechClassificationOptions : SpeechTrainingOptions
{
    /// <summary>Name of the column of class probabilities.</summary>
    public string ScoreColumnName { get; set; } = "Score";

    /// <summary>Name of the column of the most probable class.</summary>
    public string PredictedLabelColumnName { get; set; } = "PredictedLabel";

    /// <summary>Share of the target that is spread over all classes (Szegedy et al., 2016), in [0, 1).</summary>
    [Range(0.0, 0.2, 0.0)]
    [ActiveWhen(nameof(FocalGamma), 0.0)]
    public double LabelSmoothing { get; set; }

    /// <summary>
    /// Weighs each class by the training data, <c>clips / (classes × clips of the class)</c> (scikit-learn's
    /// "balanced"), so that rare classes count as much as frequent ones.
    /// </summary>
    [BooleanChoice(false)]
    public bool BalanceClasses { get; set; }

    /// <summary>
    /// Focusing exponent of the focal loss (Lin et al., 2017), which makes clips that are already right count less; 0
    /// is plain cross-entropy.
    /// </summary>
    [Choice(new object[] { 0.0, 1.0, 2.0 }, 0.0)]
    public double FocalGamma { get; set; }

    internal override SpeechRunTask? LearnedTask => SpeechRunTask.Multiclass;

    internal override void Validate()
    {
        base.Validate();
        Check(!string.IsNullOrWhiteSpace(ScoreColumnName), nameof(ScoreColumnName), "a column name", ScoreColumnName);
        Check(!string.IsNullOrWhiteSpace(PredictedLabelColumnName), nameof(PredictedLabelColumnName), "a column name",
            PredictedLabelColumnName);
        Check(FocalGamma >= 0 && double.IsFinite(FocalGamma), nameof(FocalGamma), "0 (cross-entropy) or more",
            FocalGamma);
        Check(LabelSmoothing == 0 || FocalGamma == 0, nameof(LabelSmoothing),
            FormattableString.Invariant($"0, because FocalGamma is {FocalGamma}"), LabelSmoothing);
        Check(LabelSmoothing is >= 0 and < 1, nameof(LabelSmoothing), "a share from 0 to below 1", LabelSmoothing);
    }
}
