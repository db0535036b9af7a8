using static SpeechML.OptionChecks;

namespace SpeechML;

/// <summary>Options of the binary speech classifier.</summary>
public sealed class SpeechBinaryOptions : SpeechTrainingOptions
{
    /// <summary>Name of the column of logits.</summary>
    public string ScoreColumnName { get; set; } = "Score";

    /// <summary>Name of the column of probabilities.</summary>
    public string ProbabilityColumnName { get; set; } = "Probability";

    /// <summary>Name of the column of decisions: whether the probability reaches 0.5.</summary>
    public string PredictedLabelColumnName { get; set; } = "PredictedLabel";

    /// <summary>Weighs positives by the ratio of negatives to positives in the training data.</summary>
    public bool BalancePositives { get; set; }

    internal override void Validate()
    {
        base.Validate();
        string[] names = [ScoreColumnName, ProbabilityColumnName, PredictedLabelColumnName];
        Check(!Array.Exists(names, string.IsNullOrWhiteSpace), nameof(ScoreColumnName), "names of the output columns", string.Join(", ", names));
        Check(names.Distinct(StringComparer.Ordinal).Count() == names.Length, nameof(ProbabilityColumnName), "a name unlike the other output columns'", ProbabilityColumnName);
    }
}
