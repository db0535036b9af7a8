using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Data.DataViews;
using SpeechML.Data.Evaluation;
using SpeechML.Data.Evaluation.Decisions;

namespace SpeechML;

#pragma warning disable CA1822 // A catalog's entry points are instance members, as ML.NET's.

/// <summary>One of several classes that have an order: evaluation, subjects.</summary>
public sealed class SpeechOrdinalCatalog : SpeechEvaluationCatalog
{
    internal SpeechOrdinalCatalog(MLContext mlContext)
        : base(mlContext)
    {
    }

    /// <summary>
    /// Metrics of ordered classes: errors in classes, kappas weighted by distance, rank correlations. Rows
    /// without a label are left out and counted.
    /// </summary>
    /// <param name="data">Scored data.</param>
    /// <param name="labelColumnName">Name of the label column: a key whose values rise (<c>MapValueToKey(...,
    /// keyOrdinality: ByValue)</c>), or Single with class numbers from 0.</param>
    /// <param name="predictedLabelColumnName">Name of the column of predicted classes, in the same form, or (behind
    /// <c>MapKeyToValue</c>) the values of the label's key.</param>
    /// <param name="classCount">How many classes there are; needed where neither column is a key.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type, keys that do not rise, no class
    /// count, or no rows with a label.</exception>
    public OrdinalMetrics Evaluate(
        IDataView data, string labelColumnName = "Label", string predictedLabelColumnName = "PredictedLabel",
        int? classCount = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        data = ReadOnceDataView.Of(data, labelColumnName, predictedLabelColumnName);
        int classes = ClassCount(data, labelColumnName, predictedLabelColumnName, classCount);
        int[] truth = ScoreColumns.Classes(data, "label", labelColumnName, out _),
            predicted = ScoreColumns.DecidedClasses(data, labelColumnName, predictedLabelColumnName);
        return OrdinalMetrics.Evaluate(truth, predicted, classes, skipMissing: true,
            Names(data, classes, labelColumnName, predictedLabelColumnName));
    }

    /// <summary>
    /// Combines the class probabilities of each subject's clips as <see cref="SpeechMulticlassCatalog.Combine"/>; but a
    /// clip's vote and a subject's predicted class are the median of the class probabilities, as the ordinal trainer
    /// decides. For <see cref="Evaluate"/>.
    /// </summary>
    /// <param name="data">Scored data.</param>
    /// <param name="subjectColumnName">Name of the text column that says who speaks.</param>
    /// <param name="how">Mean or median of the probabilities, or the share of clips that decide so.</param>
    /// <param name="labelColumnName">Name of the label column, a key whose values rise.</param>
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
            ordinal: true);
    }

    private protected override EvaluatedRows Read(IDataView data, SpeechEvaluationOptions options) =>
        EvaluatedRows.Ordinal(
            data, options.LabelColumnName, options.PredictedLabelColumnName,
            ClassCount(data, options.LabelColumnName, options.PredictedLabelColumnName, options.ClassCount),
            options.ScoreColumnName);

    /// <summary>How many ordered classes there are, by the keys or as said.</summary>
    private static int ClassCount(
        IDataView data, string labelColumnName, string predictedLabelColumnName, int? classCount)
    {
        int? labelClasses = ScoreColumns.ClassCount(data, "label", labelColumnName),
            predictedClasses = ScoreColumns.DecidedClassCount(data, labelColumnName, predictedLabelColumnName);
        CheckRising(data.Schema[labelColumnName]);
        CheckRising(data.Schema[predictedLabelColumnName]);
        int[] known = [.. new[] { classCount, labelClasses, predictedClasses }.OfType<int>()];
        return known.Length > 0
            ? known.Max()
            : throw new ArgumentException(
                $"Columns '{labelColumnName}' and '{predictedLabelColumnName}': expected a key, or the number of " +
                $"classes, got numbers and no {nameof(classCount)}.", nameof(classCount));
    }

    private static void CheckRising(DataViewSchema.Column column)
    {
        if (LabelValues.Read(column, AnnotationUtils.Kinds.KeyValues) is { } keys
            && OrdinalKeys.Disorder(column.Name, keys) is { } disorder)
        {
            throw new ArgumentException(disorder);
        }
    }

    // The names of the classes, by whichever column has all of them.
    private static string[]? Names(IDataView data, int classes, params ReadOnlySpan<string> columns)
    {
        foreach (string column in columns)
        {
            if (LabelValues.Read(data.Schema[column], AnnotationUtils.Kinds.KeyValues)?.Values is { } names
                && names.Length == classes)
            {
                return names;
            }
        }
        return null;
    }
}
