using Microsoft.ML.SearchSpace;
using SpeechML.Audio.Options;
using static SpeechML.Audio.Options.OptionChecks;

namespace SpeechML;

/// <summary>Options of the multi-label speech classifier.</summary>
public sealed class SpeechMultiLabelOptions : SpeechTrainingOptions
{
    /// <summary>Name of the column of logits, one per label. The default is <c>Score</c>.</summary>
    [DoesNotAffectResult]
    [IsText("a column name")]
    public string ScoreColumnName { get; set; } = "Score";

    /// <summary>Name of the column of probabilities, one per label. The default is <c>Probability</c>.</summary>
    [DoesNotAffectResult]
    [IsText("a column name")]
    public string ProbabilityColumnName { get; set; } = "Probability";

    /// <summary>
    /// Name of the column of decisions, one per label: whether the probability reaches 0.5. The default is
    /// <c>PredictedLabel</c>.
    /// </summary>
    [DoesNotAffectResult]
    [IsText("a column name")]
    public string PredictedLabelColumnName { get; set; } = "PredictedLabel";

    /// <summary>What is minimised: a name of <see cref="MultiLabelLoss"/>. The default is the cross-entropy.</summary>
    [IsNameOf(typeof(MultiLabelLoss))]
    public string Loss { get; set => field = MultiLabelLoss.NameOf(value); } = MultiLabelLoss.CrossEntropy;

    /// <summary>
    /// With a label column of ratings (<c>Ratings</c> of <c>LoadMetadata</c>): the smallest rating that is positive,
    /// above the lowest of <see cref="RatingScale.Levels"/> and at most the highest. 0, the default: the labels are 1
    /// and 0 already.
    /// </summary>
    [InRange("0 (labels are 1 and 0), or a rating", Min = 0)]
    public double RatingThreshold { get; set; }

    /// <summary>
    /// With <see cref="MultiLabelLoss.RankedClassification"/>: by how much the logit of the higher rated clip should be
    /// ahead. The default is 1.
    /// </summary>
    [Range(0.1, 10.0, 1.0, true)]
    [ActiveWhen(nameof(Loss), nameof(MultiLabelLoss.RankedClassification))]
    [InRange("a number above 0", Above = 0)]
    public double RankingMargin { get; set; } = 1;

    /// <summary>
    /// With <see cref="MultiLabelLoss.RankedClassification"/>: share of the cross-entropy in the loss, in [0, 1]; the
    /// rest is the ranking's. The default is 0.5.
    /// </summary>
    [Range(0.0, 1.0, 0.5)]
    [ActiveWhen(nameof(Loss), nameof(MultiLabelLoss.RankedClassification))]
    [InRange("a share from 0 to 1", Min = 0, Max = 1)]
    public double CrossEntropyShare { get; set; } = 0.5;

    /// <summary>
    /// Weighs each label's positives by the ratio of negatives to positives in the training data (PyTorch's
    /// <c>pos_weight</c>). The default is <see langword="false"/>.
    /// </summary>
    [BooleanChoice(false)]
    [ActiveWhen(nameof(FocalGamma), 0.0)]
    public bool BalancePositives { get; set; }

    /// <summary>
    /// Focusing exponent of the focal loss (Lin et al., 2017), which makes labels that are already right count less; 0,
    /// the default, is plain cross-entropy.
    /// </summary>
    [Choice(new object[] { 0.0, 1.0, 2.0 }, 0.0)]
    [ActiveWhen(nameof(Loss), nameof(MultiLabelLoss.CrossEntropy))]
    [InRange("0 (cross-entropy) or more", Min = 0)]
    public double FocalGamma { get; set; }

    internal override void Validate()
    {
        base.Validate();
        Check(!BalancePositives || FocalGamma == 0, nameof(BalancePositives),
            FormattableString.Invariant($"false, because FocalGamma is {FocalGamma}"), BalancePositives);
        (double lowest, double highest) = (RatingScale.Levels[0], RatingScale.Levels[^1]);
        Check(
            RatingThreshold == 0 || (RatingThreshold > lowest && RatingThreshold <= highest),
            nameof(RatingThreshold),
            FormattableString.Invariant(
            $"0 (labels are 1 and 0), or above {lowest} and at most {highest}, the lowest and highest rating"),
            RatingThreshold);
        if (Loss == MultiLabelLoss.RankedClassification)
        {
            Check(RatingThreshold > 0, nameof(RatingThreshold),
                "the smallest rating that is positive, because Loss is RankedClassification", RatingThreshold);
            Check(BatchSize >= 2, nameof(BatchSize),
                "at least 2, because Loss is RankedClassification and ranks the clips of a batch", BatchSize);
            Check(FocalGamma == 0, nameof(FocalGamma), "0, because Loss is RankedClassification", FocalGamma);
        }
        string[] names = [ScoreColumnName, ProbabilityColumnName, PredictedLabelColumnName];
        Check(names.Distinct(StringComparer.Ordinal).Count() == names.Length, nameof(ProbabilityColumnName),
            "a name unlike the other output columns'", ProbabilityColumnName);
    }
}
