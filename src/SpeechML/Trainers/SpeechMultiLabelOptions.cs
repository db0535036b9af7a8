using static SpeechML.OptionChecks;

namespace SpeechML;

/// <summary>Options of the multi-label speech classifier.</summary>
public sealed class SpeechMultiLabelOptions : SpeechTrainingOptions
{
    /// <summary>Name of the column of logits, one per label.</summary>
    public string ScoreColumnName { get; set; } = "Score";

    /// <summary>Name of the column of probabilities, one per label.</summary>
    public string ProbabilityColumnName { get; set; } = "Probability";

    /// <summary>Name of the column of decisions, one per label: whether the probability reaches 0.5.</summary>
    public string PredictedLabelColumnName { get; set; } = "PredictedLabel";

    /// <summary>Weighs each label's positives by the ratio of negatives to positives in the training data (PyTorch's <c>pos_weight</c>).</summary>
    public bool BalancePositives { get; set; }

    /// <summary>Focusing exponent of the focal loss (Lin et al., 2017), which makes labels that are already right count less; 0 is plain cross-entropy.</summary>
    public double FocalGamma { get; set; }

    internal override void Validate()
    {
        base.Validate();
        Check(FocalGamma >= 0 && double.IsFinite(FocalGamma), nameof(FocalGamma), "0 (cross-entropy) or more", FocalGamma);
        Check(!BalancePositives || FocalGamma == 0, nameof(BalancePositives), FormattableString.Invariant($"false, because FocalGamma is {FocalGamma}"), BalancePositives);
        string[] names = [ScoreColumnName, ProbabilityColumnName, PredictedLabelColumnName];
        Check(!string.IsNullOrWhiteSpace(ScoreColumnName), nameof(ScoreColumnName), "a column name", ScoreColumnName);
        Check(!string.IsNullOrWhiteSpace(ProbabilityColumnName), nameof(ProbabilityColumnName), "a column name", ProbabilityColumnName);
        Check(!string.IsNullOrWhiteSpace(PredictedLabelColumnName), nameof(PredictedLabelColumnName), "a column name", PredictedLabelColumnName);
        Check(names.Distinct(StringComparer.Ordinal).Count() == names.Length, nameof(ProbabilityColumnName), "a name unlike the other output columns'", ProbabilityColumnName);
    }
}
