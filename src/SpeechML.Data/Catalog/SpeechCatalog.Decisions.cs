using SpeechML.Data.DataViews;

namespace SpeechML;

/// <content>What is fitted on validation data and appended to a model: calibration, thresholds.</content>
public sealed partial class SpeechCatalog
{
    /// <summary>Calibrators, for probabilities that mean what they say.</summary>
    public SpeechCalibrators Calibrators => new(_mlContext);

    /// <summary>
    /// Chooses the probability from which a label counts as present. To be fitted on validation data that the model has
    /// scored; its transformer is appended to the model and saved with it.
    /// </summary>
    /// <param name="labelColumnName">Name of the label vector (1, 0, missing: negative or NaN), or of a Boolean column
    /// where the probability is one number.</param>
    /// <param name="probabilityColumnName">Name of the probability vector, or of one probability.</param>
    /// <param name="predictedLabelColumnName">Name of the decisions to make; takes the place of the model's.</param>
    /// <param name="rule">How to choose.</param>
    /// <param name="sensitivity">The sensitivity to reach; for <see cref="ThresholdRule.TargetSensitivity"/>
    /// only.</param>
    /// <param name="scoreColumnName">Where the probability is one number: name of the column that gets the probability
    /// minus the threshold, so that ML.NET's binary evaluator, which goes by <c>Score</c> above 0, evaluates the same
    /// decisions. Empty: none.</param>
    /// <exception cref="ArgumentException">An unknown rule, or a sensitivity out of its range.</exception>
    public ThresholdEstimator Thresholds(
        string labelColumnName = MetadataDataView.Labels,
        string probabilityColumnName = "Probability",
        string predictedLabelColumnName = "PredictedLabel",
        ThresholdRule rule = ThresholdRule.YoudenJ,
        double sensitivity = 0.9,
        string scoreColumnName = "Score") =>
        new(_mlContext, labelColumnName, probabilityColumnName, predictedLabelColumnName, rule, sensitivity,
            scoreColumnName);
}
