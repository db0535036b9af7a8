using Microsoft.ML.SearchSpace;
using SpeechML.Audio.Options;
using static SpeechML.Audio.Options.OptionChecks;

namespace SpeechML;

/// <summary>Options of the multi-class speech classifier.</summary>
public sealed class SpeechClassificationOptions : SpeechTrainingOptions
{
    /// <summary>Name of the column of class probabilities. The default is <c>Score</c>.</summary>
    [DoesNotAffectResult]
    [IsText("a column name")]
    public string ScoreColumnName { get; set; } = "Score";

    /// <summary>Name of the column of the most probable class. The default is <c>PredictedLabel</c>.</summary>
    [DoesNotAffectResult]
    [IsText("a column name")]
    public string PredictedLabelColumnName { get; set; } = "PredictedLabel";

    /// <summary>What is minimised: a name of <see cref="ClassificationLoss"/>. The default is the cross-entropy.
    /// </summary>
    [IsNameOf(typeof(ClassificationLoss))]
    public string Loss { get; set => field = ClassificationLoss.NameOf(value); } = ClassificationLoss.CrossEntropy;

    /// <summary>
    /// Share of the target that is spread over all classes (Szegedy et al., 2016), in [0, 1). The default is 0.
    /// </summary>
    [Range(0.0, 0.2, 0.0)]
    [ActiveWhen(nameof(Loss), nameof(ClassificationLoss.CrossEntropy))]
    [ActiveWhen(nameof(FocalGamma), 0.0)]
    [InRange("a share from 0 to below 1", Min = 0, Below = 1)]
    public double LabelSmoothing { get; set; }

    /// <summary>
    /// Weighs each class by the training data, <c>clips / (classes × clips of the class)</c> (scikit-learn's
    /// "balanced"), so that rare classes count as much as frequent ones. The default is <see langword="false"/>.
    /// </summary>
    [BooleanChoice(false)]
    public bool BalanceClasses { get; set; }

    /// <summary>
    /// Focusing exponent of the focal loss (Lin et al., 2017), which makes clips that are already right count less; 0,
    /// the default, is plain cross-entropy.
    /// </summary>
    [Choice(new object[] { 0.0, 1.0, 2.0 }, 0.0)]
    [ActiveWhen(nameof(Loss), nameof(ClassificationLoss.CrossEntropy))]
    [InRange("0 (cross-entropy) or more", Min = 0)]
    public double FocalGamma { get; set; }

    internal override void Validate()
    {
        base.Validate();
        Check(LabelSmoothing == 0 || FocalGamma == 0, nameof(LabelSmoothing),
            FormattableString.Invariant($"0, because FocalGamma is {FocalGamma}"), LabelSmoothing);
    }
}
