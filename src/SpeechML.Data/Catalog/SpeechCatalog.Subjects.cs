using Microsoft.ML;
using SpeechML.Data.DataViews;
using SpeechML.Data.Evaluation.Decisions;
using SpeechML.Data.Splits;

namespace SpeechML;

/// <content>Subjects rather than clips.</content>
public sealed partial class SpeechCatalog
{
    /// <summary>
    /// Combines the scores of each subject's clips: one row per subject, with columns of the same names and a column
    /// <c>Clips</c> with their number. Judge it like clips: <see cref="EvaluateMultiLabel"/>,
    /// <see cref="EvaluateMultiLabelIntervals"/>. A subject's label is that of most of its rated clips (positive on a
    /// tie); the log says for how many subjects the clips' labels differ.
    /// </summary>
    /// <param name="data">Scored data.</param>
    /// <param name="subjectColumnName">Name of the text column that says who speaks.</param>
    /// <param name="how">Mean or median of the probabilities, or the share of clips that decide so.</param>
    /// <param name="labelColumnName">Name of the label vector: 1, 0, missing (negative or NaN).</param>
    /// <param name="probabilityColumnName">Name of the probability vector.</param>
    /// <param name="predictedLabelColumnName">Name of the clips' decisions, which a vote counts; where the data has no
    /// such column, from 0.5 up. In the result: 0.5 of the combined probability.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type, no rows, an empty
    /// subject.</exception>
    public IDataView CombineMultiLabel(
        IDataView data,
        string subjectColumnName,
        SubjectCombination how = SubjectCombination.Mean,
        string labelColumnName = MetadataDataView.Labels,
        string probabilityColumnName = "Probability",
        string predictedLabelColumnName = "PredictedLabel")
    {
        ArgumentNullException.ThrowIfNull(data);
        return ScoresBySubject.MultiLabel(
            _mlContext, data, subjectColumnName, how, labelColumnName, probabilityColumnName, predictedLabelColumnName);
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
    public IDataView CombineMulticlass(
        IDataView data,
        string subjectColumnName,
        SubjectCombination how = SubjectCombination.Mean,
        string labelColumnName = "Label",
        string scoreColumnName = "Score",
        string predictedLabelColumnName = "PredictedLabel")
    {
        ArgumentNullException.ThrowIfNull(data);
        return ScoresBySubject.Multiclass(
            _mlContext, data, subjectColumnName, how, labelColumnName, scoreColumnName, predictedLabelColumnName,
            ordinal: false);
    }

    /// <summary>
    /// As <see cref="CombineMulticlass"/> for classes with an order: a clip's vote and a subject's predicted class are
    /// the median of the class probabilities, as the ordinal trainer decides. For <see cref="EvaluateOrdinal"/>.
    /// </summary>
    /// <param name="data">Scored data.</param>
    /// <param name="subjectColumnName">Name of the text column that says who speaks.</param>
    /// <param name="how">Mean or median of the probabilities, or the share of clips that decide so.</param>
    /// <param name="labelColumnName">Name of the label column, a key whose values rise.</param>
    /// <param name="scoreColumnName">Name of the vector of class probabilities.</param>
    /// <param name="predictedLabelColumnName">Name of the predicted class to make.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type, no rows, an empty
    /// subject.</exception>
    public IDataView CombineOrdinal(
        IDataView data,
        string subjectColumnName,
        SubjectCombination how = SubjectCombination.Mean,
        string labelColumnName = "Label",
        string scoreColumnName = "Score",
        string predictedLabelColumnName = "PredictedLabel")
    {
        ArgumentNullException.ThrowIfNull(data);
        return ScoresBySubject.Multiclass(
            _mlContext, data, subjectColumnName, how, labelColumnName, scoreColumnName, predictedLabelColumnName,
            ordinal: true);
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
    public IDataView CombineBinary(
        IDataView data,
        string subjectColumnName,
        SubjectCombination how = SubjectCombination.Mean,
        string labelColumnName = "Label",
        string probabilityColumnName = "Probability",
        string predictedLabelColumnName = "PredictedLabel")
    {
        ArgumentNullException.ThrowIfNull(data);
        return ScoresBySubject.Binary(
            _mlContext, data, subjectColumnName, how, labelColumnName, probabilityColumnName, predictedLabelColumnName);
    }

    /// <summary>
    /// Combines the predicted numbers of each subject's clips: one row per subject; the label is combined in the same
    /// way, without missing ones.
    /// </summary>
    /// <param name="data">Scored data.</param>
    /// <param name="subjectColumnName">Name of the text column that says who speaks.</param>
    /// <param name="how">Mean or median.</param>
    /// <param name="labelColumnName">Name of the label column, Single; NaN is missing.</param>
    /// <param name="scoreColumnName">Name of the column of predicted numbers, Single.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type, no rows, an empty subject, or a
    /// vote.</exception>
    public IDataView CombineRegression(
        IDataView data, string subjectColumnName, SubjectCombination how = SubjectCombination.Mean,
        string labelColumnName = "Label", string scoreColumnName = "Score")
    {
        ArgumentNullException.ThrowIfNull(data);
        return ScoresBySubject.Regression(_mlContext, data, subjectColumnName, how, labelColumnName, scoreColumnName);
    }

    /// <summary>
    /// One fold per subject: trained on all others, tested on its clips. Subjects in the order of their first clip.
    /// </summary>
    /// <param name="data">The data.</param>
    /// <param name="subjectColumnName">Name of the text column that says who speaks.</param>
    /// <exception cref="ArgumentException">Fewer than two subjects, or an empty one.</exception>
    public IReadOnlyList<SpeechFold> LeaveOneSubjectOut(IDataView data, string subjectColumnName)
    {
        ArgumentNullException.ThrowIfNull(data);
        return SubjectSplitting.LeaveOneOut(_mlContext, data, subjectColumnName);
    }
}
