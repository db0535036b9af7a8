using Microsoft.ML.SearchSpace;
using SpeechML.Audio.Options;
using static SpeechML.Audio.Options.OptionChecks;

namespace SpeechML;

/// <summary>Options of the binary speech classifier.</summary>
public sealed class SpeechBinaryOptions : SpeechTrainingOptions
{
    /// <summary>Name of the column of logits. The default is <c>Score</c>.</summary>
    [DoesNotAffectResult]
    [IsText("a column name")]
    public string ScoreColumnName { get; set; } = "Score";

    /// <summary>Name of the column of probabilities. The default is <c>Probability</c>.</summary>
    [DoesNotAffectResult]
    [IsText("a column name")]
    public string ProbabilityColumnName { get; set; } = "Probability";

    /// <summary>
    /// Name of the column of decisions: whether the probability reaches 0.5. The default is <c>PredictedLabel</c>.
    /// </summary>
    [DoesNotAffectResult]
    [IsText("a column name")]
    public string PredictedLabelColumnName { get; set; } = "PredictedLabel";

    /// <summary>What is minimised: a name of <see cref="BinaryLoss"/>. The default is the cross-entropy.</summary>
    [IsNameOf(typeof(BinaryLoss))]
    public string Loss { get; set => field = BinaryLoss.NameOf(value); } = BinaryLoss.CrossEntropy;

    /// <summary>
    /// Weighs positives by the ratio of negatives to positives in the training data. The default is <see
    /// langword="false"/>.
    /// </summary>
    [BooleanChoice(false)]
    [ActiveWhen(nameof(FocalGamma), 0.0)]
    public bool BalancePositives { get; set; }

    /// <summary>
    /// Focusing exponent of the focal loss (Lin et al., 2017), which makes clips that are already right count less; 0,
    /// the default, is plain cross-entropy.
    /// </summary>
    [Choice(new object[] { 0.0, 1.0, 2.0 }, 0.0)]
    [ActiveWhen(nameof(Loss), nameof(BinaryLoss.CrossEntropy))]
    [InRange("0 (cross-entropy) or more", Min = 0)]
    public double FocalGamma { get; set; }

    internal override void Validate()
    {
        base.Validate();
        Check(!BalancePositives || FocalGamma == 0, nameof(BalancePositives),
            FormattableString.Invariant($"false, because FocalGamma is {FocalGamma}"), BalancePositives);
        string[] names = [ScoreColumnName, ProbabilityColumnName, PredictedLabelColumnName];
        Check(names.Distinct(StringComparer.Ordinal).Count() == names.Length, nameof(ProbabilityColumnName),
            "a name unlike the other output columns'", ProbabilityColumnName);
    }
}
