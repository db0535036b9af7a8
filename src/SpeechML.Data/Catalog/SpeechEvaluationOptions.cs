namespace SpeechML;

/// <summary>What is evaluated over subjects, and by which columns of the scored data.</summary>
public sealed class SpeechEvaluationOptions
{
    /// <summary>Name of the text column that says who speaks.</summary>
    public required string SubjectColumnName { get; set; }

    /// <summary>
    /// Name of the label column: Boolean, a key, or Single for numbers. Rows without a label (a missing key, NaN) are
    /// left out and counted.
    /// </summary>
    public string LabelColumnName { get; set; } = "Label";

    /// <summary>
    /// Name of the score column: the vector of class probabilities, or the predicted number. Ordered classes are
    /// evaluated
    /// without it where the data has no such column, but for the ROC AUC.
    /// </summary>
    public string ScoreColumnName { get; set; } = "Score";

    /// <summary>Name of the column of probabilities of one label, yes or no.</summary>
    public string ProbabilityColumnName { get; set; } = "Probability";

    /// <summary>
    /// Name of the decisions. Where the data has no such column: from 0.5 up, or the most probable class; ordered
    /// classes need it.
    /// </summary>
    public string PredictedLabelColumnName { get; set; } = "PredictedLabel";

    /// <summary>How many ordered classes there are, where neither their label nor their decision is a key.</summary>
    public int? ClassCount { get; set; }

    /// <summary>Which metrics; <see langword="null"/> for all that the task has.</summary>
    public IReadOnlyList<SpeechMetric>? Metrics { get; set; }

    /// <summary>Resamples, confidence, method, seed.</summary>
    public SubjectBootstrapOptions Bootstrap { get; set; } = new();
}
