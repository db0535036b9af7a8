using SpeechML.Audio.Options;

namespace SpeechML;

/// <summary>What is evaluated over subjects, and by which columns of the scored data.</summary>
public sealed class SpeechEvaluationOptions
{
    /// <summary>Name of the text column that says who speaks.</summary>
    [IsText("a column name")]
    public required string SubjectColumnName { get; set; }

    /// <summary>
    /// Name of the label column: Boolean, a key, or Single for numbers. Rows without a label (a missing key, NaN) are
    /// left out and counted. The default is <c>Label</c>.
    /// </summary>
    [IsText("a column name")]
    public string LabelColumnName { get; set; } = "Label";

    /// <summary>
    /// Name of the score column: the vector of class probabilities, or the predicted number. Ordered classes are
    /// evaluated without it where the data has no such column, but for the ROC AUC. The default is <c>Score</c>.
    /// </summary>
    [IsText("a column name")]
    public string ScoreColumnName { get; set; } = "Score";

    /// <summary>
    /// Name of the column of probabilities of one label, yes or no. The default is <c>Probability</c>.
    /// </summary>
    [IsText("a column name")]
    public string ProbabilityColumnName { get; set; } = "Probability";

    /// <summary>
    /// Name of the decisions. Where the data has no such column: from 0.5 up, or the most probable class; ordered
    /// classes need it. The default is <c>PredictedLabel</c>.
    /// </summary>
    [IsText("a column name")]
    public string PredictedLabelColumnName { get; set; } = "PredictedLabel";

    /// <summary>
    /// How many ordered classes there are, where neither their label nor their decision is a key; <see
    /// langword="null"/>, the default, where one is.
    /// </summary>
    [InRange("at least 2 classes, or null", Min = 2)]
    public int? ClassCount { get; set; }

    /// <summary>Which metrics; <see langword="null"/>, the default, for all that the task has.</summary>
    [InCodeOnly("metrics, or null for all that the task has")]
    public IReadOnlyList<SpeechMetric>? Metrics { get; set; }

    /// <summary>Resamples, confidence, method, seed.</summary>
    public SubjectBootstrapOptions Bootstrap { get; set; } = new();

    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    internal void Validate() => OptionModel.Of(typeof(SpeechEvaluationOptions)).Validate(this);
}
