using Microsoft.ML;
using SpeechML.Data.Evaluation;
using SpeechML.Data.Evaluation.Decisions;

namespace SpeechML;

/// <summary>One label, yes or no: evaluation over subjects.</summary>
public sealed class SpeechBinaryCatalog : SpeechEvaluationCatalog
{
    internal SpeechBinaryCatalog(MLContext mlContext)
        : base(mlContext)
    {
    }

    /// <summary>
    /// Combines the probabilities of one label, yes or no, of each subject's clips: one row per subject. A subject's
    /// label is that of most of its clips (positive on a tie).
    /// </summary>
    /// <param name="data">Scored data.</param>
    /// <param name="subjectColumnName">Name of the text column that says who speaks.</param>
    /// <param name="how">Mean or median of the probabilities, or the share of clips that decide so.</param>
    /// <param name="labelColumnName">Name of the label column, Boolean.</param>
    /// <param name="probabilityColumnName">Name of the column of probabilities, Single.</param>
    /// <param name="predictedLabelColumnName">Name of the clips' decisions, which a vote counts; where the data has no
    /// such column, from 0.5 up. In the result: 0.5 of the combined probability.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type, no rows, an empty
    /// subject.</exception>
    public IDataView Combine(
        IDataView data,
        string subjectColumnName,
        SubjectCombination how = SubjectCombination.Mean,
        string labelColumnName = "Label",
        string probabilityColumnName = "Probability",
        string predictedLabelColumnName = "PredictedLabel")
    {
        ArgumentNullException.ThrowIfNull(data);
        return ScoresBySubject.Binary(
            Context, data, subjectColumnName, how, labelColumnName, probabilityColumnName, predictedLabelColumnName);
    }

    private protected override EvaluatedRows Read(IDataView data, SpeechEvaluationOptions options) =>
        EvaluatedRows.Binary(
            data, options.LabelColumnName, options.ProbabilityColumnName, options.PredictedLabelColumnName);
}
