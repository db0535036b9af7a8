using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Data.DataViews;

namespace SpeechML;

#pragma warning disable CA1822 // A catalog's entry points are instance members, as ML.NET's.

/// <content>Judging of what ML.NET has no evaluator for, or judges without what speech needs.</content>
public sealed partial class SpeechCatalog
{
    /// <summary>
    /// Judges multi-label scores: AUC, average precision, accuracy, balanced accuracy, F1, calibration, rank
    /// correlation with the ratings; per label and averaged. What is undefined says why
    /// and takes no part in averages.
    /// </summary>
    /// <param name="data">Scored data.</param>
    /// <param name="labelColumnName">Name of the label vector: 1, 0, missing (negative or NaN).</param>
    /// <param name="probabilityColumnName">Name of the probability vector.</param>
    /// <param name="predictedLabelColumnName">Name of the decisions, a vector of Boolean; where the data has no such
    /// column, probabilities from 0.5 up are positive.</param>
    /// <param name="ratingColumnName">Name of the vector of ratings that the labels were made from (missing: NaN or
    /// -1), for the rank correlation; <see langword="null"/> for none.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type, or holds no rows.</exception>
    public MultiLabelMetrics EvaluateMultiLabel(
        IDataView data,
        string labelColumnName = MetadataDataView.Labels,
        string probabilityColumnName = "Probability",
        string? predictedLabelColumnName = "PredictedLabel",
        string? ratingColumnName = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        double[][] labels = ScoreColumns.Labels(data, labelColumnName);
        double[][] probabilities = ScoreColumns.Probabilities(data, probabilityColumnName);
        return MultiLabelMetrics.Evaluate(
            labels,
            probabilities,
            ScoreColumns.Names(data, probabilityColumnName) ?? ScoreColumns.Names(data, labelColumnName),
            decisions: ScoreColumns.Decisions(data, predictedLabelColumnName),
            ratings: ratingColumnName is null ? null
            : [.. ScoreColumns.Vectors(data, "rating", ratingColumnName)
            .Select(r => Array.ConvertAll(r, v => (double)v))]);
    }

    /// <summary>
    /// Judges predictions of ordered classes: errors in classes, kappas weighted by distance, rank correlations. Rows
    /// without a label are left out and counted.
    /// </summary>
    /// <param name="data">Scored data.</param>
    /// <param name="labelColumnName">Name of the label column: a key whose values rise (<c>MapValueToKey(...,
    /// keyOrdinality: ByValue)</c>), or Single with class numbers from 0.</param>
    /// <param name="predictedLabelColumnName">Name of the column of predicted classes, in the same form.</param>
    /// <param name="classCount">How many classes there are; needed where neither column is a key.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type, keys that do not rise, no class
    /// count, or no rows with a label.</exception>
    public OrdinalMetrics EvaluateOrdinal(
        IDataView data, string labelColumnName = "Label", string predictedLabelColumnName = "PredictedLabel",
        int? classCount = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        int classes = OrdinalClasses(data, labelColumnName, predictedLabelColumnName, classCount);
        int[] truth = ScoreColumns.Classes(data, "label", labelColumnName, out _),
            predicted = ScoreColumns.Classes(data, "predicted label", predictedLabelColumnName, out _);
        return OrdinalMetrics.Evaluate(truth, predicted, classes, skipMissing: true);
    }

    /// <summary>
    /// Judges predicted numbers: errors, concordance, correlations with p-values. Rows without a label (NaN) are left
    /// out and counted.
    /// </summary>
    /// <param name="data">Scored data.</param>
    /// <param name="labelColumnName">Name of the label column, Single.</param>
    /// <param name="scoreColumnName">Name of the column of predicted numbers, Single.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type, or holds no rows with a
    /// label.</exception>
    public SpeechRegressionMetrics EvaluateRegression(
        IDataView data, string labelColumnName = "Label", string scoreColumnName = "Score")
    {
        ArgumentNullException.ThrowIfNull(data);
        return SpeechRegressionMetrics.Evaluate(
            ScoreColumns.Numbers(data, "label", labelColumnName), ScoreColumns.Numbers(data, "score", scoreColumnName),
            skipMissing: true);
    }

    /// <summary>
    /// Confidence intervals of multi-label metrics by resampling subjects: the clips of a subject stay together.
    /// Intervals that resample clips are too narrow (<c>docs/judging.md</c>).
    /// </summary>
    /// <param name="data">Scored data.</param>
    /// <param name="subjectColumnName">Name of the text column that says who speaks.</param>
    /// <param name="labelColumnName">Name of the label vector: 1, 0, missing (negative or NaN).</param>
    /// <param name="probabilityColumnName">Name of the probability vector.</param>
    /// <param name="predictedLabelColumnName">Name of the decisions, as in <see cref="EvaluateMultiLabel"/>.</param>
    /// <param name="metrics">Which metrics; <see langword="null"/> for all.</param>
    /// <param name="options">Resamples, confidence, method, seed; <see langword="null"/> for the defaults.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type, or holds no rows.</exception>
    public MultiLabelIntervals EvaluateMultiLabelIntervals(
        IDataView data,
        string subjectColumnName,
        string labelColumnName = MetadataDataView.Labels,
        string probabilityColumnName = "Probability",
        string? predictedLabelColumnName = "PredictedLabel",
        IReadOnlyList<LabelMetric>? metrics = null,
        SubjectBootstrapOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        return MultiLabelIntervals.Evaluate(
            ScoreColumns.Texts(data, "subject", subjectColumnName),
            ScoreColumns.Labels(data, labelColumnName),
            ScoreColumns.Probabilities(data, probabilityColumnName),
            ScoreColumns.Names(data, probabilityColumnName) ?? ScoreColumns.Names(data, labelColumnName),
            ScoreColumns.Decisions(data, predictedLabelColumnName),
            metrics,
            options);
    }

    /// <summary>
    /// The difference of two models on the same test data, paired, with intervals and p-values over subjects.
    /// </summary>
    /// <param name="first">The data scored by the first model.</param>
    /// <param name="second">The same rows scored by the second.</param>
    /// <param name="subjectColumnName">Name of the text column that says who speaks.</param>
    /// <param name="labelColumnName">Name of the label vector: 1, 0, missing (negative or NaN).</param>
    /// <param name="probabilityColumnName">Name of the probability vector.</param>
    /// <param name="predictedLabelColumnName">Name of the decisions, as in <see cref="EvaluateMultiLabel"/>.</param>
    /// <param name="metrics">Which metrics; <see langword="null"/> for all.</param>
    /// <param name="options">Resamples, confidence, method, seed; <see langword="null"/> for the defaults.</param>
    /// <returns>First minus second.</returns>
    /// <exception cref="ArgumentException">A column is missing or of another type, or the two are not the same
    /// rows.</exception>
    public IReadOnlyDictionary<LabelMetric, LabelDifferences> CompareMultiLabel(
        IDataView first,
        IDataView second,
        string subjectColumnName,
        string labelColumnName = MetadataDataView.Labels,
        string probabilityColumnName = "Probability",
        string? predictedLabelColumnName = "PredictedLabel",
        IReadOnlyList<LabelMetric>? metrics = null,
        SubjectBootstrapOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        string[] subjects = ScoreColumns.Texts(first, "subject", subjectColumnName);
        double[][] labels = ScoreColumns.Labels(first, labelColumnName),
            others = ScoreColumns.Labels(second, labelColumnName);
        if (!subjects.SequenceEqual(ScoreColumns.Texts(second, "subject", subjectColumnName), StringComparer.Ordinal)
            || !labels.Zip(others).All(p => p.First.AsSpan().SequenceEqual(p.Second)))
        {
            throw new ArgumentException(
                $"Two models: expected the same rows twice, in one order, got subjects or labels that differ " +
                $"({subjects.Length} and {others.Length} rows).", nameof(second));
        }
        return MultiLabelIntervals.Difference(
            subjects,
            labels,
            ScoreColumns.Probabilities(first, probabilityColumnName),
            ScoreColumns.Probabilities(second, probabilityColumnName),
            ScoreColumns.Decisions(first, predictedLabelColumnName),
            ScoreColumns.Decisions(second, predictedLabelColumnName),
            metrics,
            options);
    }

    /// <summary>
    /// The same metrics for each value of a column (language, task, sex), with intervals over subjects and the gap of
    /// each group to all others.
    /// </summary>
    /// <param name="data">Scored data.</param>
    /// <param name="groupColumnName">Name of the text column to group by.</param>
    /// <param name="subjectColumnName">Name of the text column that says who speaks.</param>
    /// <param name="labelColumnName">Name of the label vector: 1, 0, missing (negative or NaN).</param>
    /// <param name="probabilityColumnName">Name of the probability vector.</param>
    /// <param name="predictedLabelColumnName">Name of the decisions, as in <see cref="EvaluateMultiLabel"/>.</param>
    /// <param name="metrics">Which metrics get intervals and gaps; <see langword="null"/> for AUC and balanced
    /// accuracy.</param>
    /// <param name="options">Resamples, confidence, method, seed; <see langword="null"/> for the defaults.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type, or holds no rows.</exception>
    public MultiLabelGroups EvaluateMultiLabelByGroup(
        IDataView data,
        string groupColumnName,
        string subjectColumnName,
        string labelColumnName = MetadataDataView.Labels,
        string probabilityColumnName = "Probability",
        string? predictedLabelColumnName = "PredictedLabel",
        IReadOnlyList<LabelMetric>? metrics = null,
        SubjectBootstrapOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        return MultiLabelGroups.Evaluate(
            groupColumnName,
            ScoreColumns.Texts(data, "group", groupColumnName),
            ScoreColumns.Texts(data, "subject", subjectColumnName),
            ScoreColumns.Labels(data, labelColumnName),
            ScoreColumns.Probabilities(data, probabilityColumnName),
            ScoreColumns.Names(data, probabilityColumnName) ?? ScoreColumns.Names(data, labelColumnName),
            ScoreColumns.Decisions(data, predictedLabelColumnName),
            metrics,
            options);
    }

    /// <summary>How many ordered classes there are, by the keys or as said.</summary>
    private static int OrdinalClasses(
        IDataView data, string labelColumnName, string predictedLabelColumnName, int? classCount)
    {
        int? labelClasses = ScoreColumns.ClassCount(data, "label", labelColumnName),
            predictedClasses = ScoreColumns.ClassCount(data, "predicted label", predictedLabelColumnName);
        CheckRising(data.Schema[labelColumnName]);
        CheckRising(data.Schema[predictedLabelColumnName]);
        int[] known = [.. new[] { classCount, labelClasses, predictedClasses }.OfType<int>()];
        return known.Length > 0
            ? known.Max()
            : throw new ArgumentException(
                $"Columns '{labelColumnName}' and '{predictedLabelColumnName}': expected a key, or the number of " +
                $"classes, got numbers and no {nameof(classCount)}.", nameof(classCount));
    }

    // MapValueToKey numbers values as they come unless told otherwise: then distances between classes mean nothing
    private static void CheckRising(DataViewSchema.Column column)
    {
        if (LabelValues.Read(column, AnnotationUtils.Kinds.KeyValues) is not { } keys
            || !Array.TrueForAll(keys.Values,
                v => double.TryParse(v, NumberStyles.Float, CultureInfo.InvariantCulture, out _)))
        {
            return;
        }
        double[] values = Array.ConvertAll(keys.Values, v => double.Parse(v, CultureInfo.InvariantCulture));
        if (!values.SequenceEqual(values.Order()))
        {
            throw new ArgumentException(
                $"Column '{column.Name}': expected keys whose values rise (keyOrdinality: ByValue), got " +
                $"{string.Join(", ", keys.Values)}.");
        }
    }
}
