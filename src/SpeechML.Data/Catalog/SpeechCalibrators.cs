using Microsoft.ML;
using SpeechML.Data.DataViews;

namespace SpeechML;

/// <summary>
/// Calibrators in <c>mlContext.Speech().Calibrators</c>; for one label there are ML.NET's own in
/// <c>mlContext.BinaryClassification.Calibrators</c>.
/// </summary>
public sealed class SpeechCalibrators
{
    private readonly MLContext _mlContext;

    internal SpeechCalibrators(MLContext mlContext)
    {
        _mlContext = mlContext;
    }

    /// <summary>
    /// Calibrates the probabilities of several labels. To be fitted on validation data that the model has scored; its
    /// transformer is appended to the model and saved with it.
    /// </summary>
    /// <param name="labelColumnName">Name of the label vector: 1, 0, missing (negative or NaN).</param>
    /// <param name="scoreColumnName">Name of the vector of logits.</param>
    /// <param name="probabilityColumnName">Name of the probability vector to make; takes the place of the
    /// model's.</param>
    /// <param name="predictedLabelColumnName">Name of the decisions to make, from 0.5 of the calibrated probability up;
    /// takes the place of the model's.</param>
    /// <param name="method">Sigmoid or any rising function.</param>
    public ProbabilityCalibrationEstimator MultiLabel(
        string labelColumnName = MetadataDataView.Labels,
        string scoreColumnName = "Score",
        string probabilityColumnName = "Probability",
        string predictedLabelColumnName = "PredictedLabel",
        CalibrationMethod method = CalibrationMethod.Platt) =>
        new(_mlContext, labelColumnName, scoreColumnName, probabilityColumnName, predictedLabelColumnName, method);

    /// <summary>
    /// Calibrates class probabilities by a temperature. To be fitted on validation data that the model has scored; its
    /// transformer is appended to the model and saved with it.
    /// </summary>
    /// <param name="labelColumnName">Name of the label column, a key.</param>
    /// <param name="scoreColumnName">Name of the vector of class probabilities, which is replaced.</param>
    public ProbabilityTemperatureEstimator Multiclass(
        string labelColumnName = "Label", string scoreColumnName = "Score") =>
        new(_mlContext, labelColumnName, scoreColumnName);
}
