using Microsoft.ML;
using SpeechML.Data.Evaluation;
using SpeechML.Data.Evaluation.Decisions;

namespace SpeechML;

/// <summary>One of several classes: evaluation over subjects, several models.</summary>
public sealed class SpeechMulticlassCatalog : SpeechEvaluationCatalog
{
    internal SpeechMulticlassCatalog(MLContext mlContext)
        : base(mlContext)
    {
    }

    /// <summary>
    /// Combines the class probabilities of each subject's clips: one row per subject, for
    /// <c>mlContext.MulticlassClassification.Evaluate</c>. A subject's class is that of most of its clips (the first on
    /// a tie); the log says for how many subjects the clips' classes differ. Subjects without a class are left out.
    /// </summary>
    /// <param name="data">Scored data.</param>
    /// <param name="subjectColumnName">Name of the text column that says who speaks.</param>
    /// <param name="how">Mean or median of the probabilities, or the share of clips whose most probable class it
    /// is.</param>
    /// <param name="labelColumnName">Name of the label column, a key.</param>
    /// <param name="scoreColumnName">Name of the vector of class probabilities.</param>
    /// <param name="predictedLabelColumnName">Name of the predicted class to make.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type, no rows, an empty
    /// subject.</exception>
    public IDataView Combine(
        IDataView data,
        string subjectColumnName,
        SubjectCombination how = SubjectCombination.Mean,
        string labelColumnName = "Label",
        string scoreColumnName = "Score",
        string predictedLabelColumnName = "PredictedLabel")
    {
        ArgumentNullException.ThrowIfNull(data);
        return ScoresBySubject.Multiclass(
            Context, data, subjectColumnName, how, labelColumnName, scoreColumnName, predictedLabelColumnName,
            ordinal: false);
    }

    /// <summary>
    /// Combines several classifiers of one chain: the weighted mean of their class probabilities, and the most probable
    /// class.
    /// </summary>
    /// <param name="outputColumnName">Name of the vector of class probabilities to make.</param>
    /// <param name="inputColumnNames">Names of the models' score columns.</param>
    /// <param name="labelColumnName">Name of the label column, a key, for weights that make the validation labels most
    /// likely; <see langword="null"/> for equal weights.</param>
    /// <param name="predictedLabelColumnName">Name of the predicted class to make.</param>
    /// <exception cref="ArgumentException">Fewer than two columns.</exception>
    public ProbabilityFusionEstimator Fuse(
        string outputColumnName, string[] inputColumnNames, string? labelColumnName = null,
        string predictedLabelColumnName = "PredictedLabel") =>
        new(Context, outputColumnName, inputColumnNames, labelColumnName, predictedLabelColumnName, classes: true);

    private protected override EvaluatedRows Read(IDataView data, SpeechEvaluationOptions options) =>
        EvaluatedRows.Multiclass(
            data, options.LabelColumnName, options.ScoreColumnName, options.PredictedLabelColumnName);
}
