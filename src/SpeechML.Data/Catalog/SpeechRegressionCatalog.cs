using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Data.DataViews;
using SpeechML.Data.Evaluation;
using SpeechML.Data.Evaluation.Decisions;

namespace SpeechML;

#pragma warning disable CA1822 // A catalog's entry points are instance members, as ML.NET's.

/// <summary>A number: evaluation, subjects.</summary>
public sealed class SpeechRegressionCatalog : SpeechEvaluationCatalog
{
    internal SpeechRegressionCatalog(MLContext mlContext)
        : base(mlContext)
    {
    }

    /// <summary>
    /// Metrics of predicted numbers: errors, concordance, correlations with p-values. Rows without a label (NaN) are
    /// left
    /// out and counted.
    /// </summary>
    /// <param name="data">Scored data.</param>
    /// <param name="labelColumnName">Name of the label column, Single.</param>
    /// <param name="scoreColumnName">Name of the column of predicted numbers, Single.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type, or holds no rows with a
    /// label.</exception>
    public SpeechRegressionMetrics Evaluate(
        IDataView data, string labelColumnName = "Label", string scoreColumnName = "Score")
    {
        ArgumentNullException.ThrowIfNull(data);
        data = ReadOnceDataView.Of(data, labelColumnName, scoreColumnName);
        return SpeechRegressionMetrics.Evaluate(
            ScoreColumns.Numbers(data, "label", labelColumnName), ScoreColumns.Numbers(data, "score", scoreColumnName),
            skipMissing: true);
    }

    /// <summary>Metrics of each of several predicted numbers; a clip is left out where its label is NaN.</summary>
    /// <param name="data">Scored data.</param>
    /// <param name="labelColumnName">Name of the label column, a vector of Single.</param>
    /// <param name="scoreColumnName">Name of the column of predicted numbers, a vector of as many, whose slot names the
    /// metrics have; without names <c>Score0</c> and so on.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type, the two differ in size, or a number
    /// has no rows with a label.</exception>
    public IReadOnlyList<(string Name, SpeechRegressionMetrics Metrics)> EvaluateEach(
        IDataView data, string labelColumnName = "Label", string scoreColumnName = "Score")
    {
        ArgumentNullException.ThrowIfNull(data);
        data = ReadOnceDataView.Of(data, labelColumnName, scoreColumnName);
        float[][] truth = ScoreColumns.Vectors(data, "label", labelColumnName);
        float[][] predicted = ScoreColumns.Vectors(data, "score", scoreColumnName);
        string[] names = LabelValues.OfSlots(data.Schema[scoreColumnName]).Values;
        int size = ((VectorDataViewType)data.Schema[labelColumnName].Type).Size;
        if (size != names.Length)
        {
            throw new ArgumentException(
                $"Label column '{labelColumnName}': expected {names.Length} numbers, as score column " +
                $"'{scoreColumnName}' has, got {size}.", nameof(labelColumnName));
        }
        int none = Enumerable.Range(0, size).FirstOrDefault(j => Array.TrueForAll(truth, t => float.IsNaN(t[j])), -1);
        if (none >= 0)
        {
            throw new ArgumentException(
                $"Label column '{labelColumnName}': expected clips with a label of each number, got none with one of " +
                $"'{names[none]}' among {truth.Length}.", nameof(labelColumnName));
        }
        return [.. names.Select((name, j) => (name, SpeechRegressionMetrics.Evaluate(
            [.. truth.Select(t => (double)t[j])], [.. predicted.Select(p => (double)p[j])], skipMissing: true)))];
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
    public IDataView Combine(
        IDataView data, string subjectColumnName, SubjectCombination how = SubjectCombination.Mean,
        string labelColumnName = "Label", string scoreColumnName = "Score")
    {
        ArgumentNullException.ThrowIfNull(data);
        return ScoresBySubject.Regression(Context, data, subjectColumnName, how, labelColumnName, scoreColumnName);
    }

    private protected override EvaluatedRows Read(IDataView data, SpeechEvaluationOptions options) =>
        EvaluatedRows.Regression(data, options.LabelColumnName, options.ScoreColumnName);
}
