using static SpeechML.OptionChecks;

namespace SpeechML;

/// <summary>Options of the multi-class speech classifier.</summary>
public sealed class SpeechClassificationOptions : SpeechTrainingOptions
{
    /// <summary>Name of the column of class probabilities.</summary>
    public string ScoreColumnName { get; set; } = "Score";

    /// <summary>Name of the column of the most probable class.</summary>
    public string PredictedLabelColumnName { get; set; } = "PredictedLabel";

    /// <summary>Share of the target that is spread over all classes (Szegedy et al., 2016), in [0, 1).</summary>
    public double LabelSmoothing { get; set; }

    internal override void Validate()
    {
        base.Validate();
        Check(!string.IsNullOrWhiteSpace(ScoreColumnName), nameof(ScoreColumnName), "a column name", ScoreColumnName);
        Check(!string.IsNullOrWhiteSpace(PredictedLabelColumnName), nameof(PredictedLabelColumnName), "a column name", PredictedLabelColumnName);
        Check(LabelSmoothing is >= 0 and < 1, nameof(LabelSmoothing), "a share from 0 to below 1", LabelSmoothing);
    }
}
