using Microsoft.ML;
using SpeechML.Data.DataViews;
using SpeechML.Data.Evaluation.Decisions;

namespace SpeechML;

#pragma warning disable CA1822 // A catalog's entry points are instance members, as ML.NET's.

/// <summary>Several labels, each present or not: evaluation, subjects, several models.</summary>
public sealed class SpeechMultiLabelCatalog
{
    private readonly MLContext _mlContext;

    internal SpeechMultiLabelCatalog(MLContext mlContext)
    {
        _mlContext = mlContext;
    }

    /// <summary>
    /// Metrics of multi-label scores: AUC, average precision, accuracy, balanced accuracy, F1, calibration, rank
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
    public MultiLabelMetrics Evaluate(
        IDataView data,
        string labelColumnName = "Label",
        string probabilityColumnName = "Probability",
        string? predictedLabelColumnName = "PredictedLabel",
        string? ratingColumnName = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        data = ReadOnceDataView.Of(
            data, labelColumnName, probabilityColumnName, predictedLabelColumnName, ratingColumnName);
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
    /// Confidence intervals of multi-label metrics by resampling subjects: the clips of a subject stay together.
    /// Intervals that resample clips are too narrow (<c>docs/evaluation.md</c>).
    /// </summary>
    /// <param name="data">Scored data.</param>
    /// <param name="subjectColumnName">Name of the text column that says who speaks.</param>
    /// <param name="labelColumnName">Name of the label vector: 1, 0, missing (negative or NaN).</param>
    /// <param name="probabilityColumnName">Name of the probability vector.</param>
    /// <param name="predictedLabelColumnName">Name of the decisions, as in <see cref="Evaluate"/>.</param>
    /// <param name="metrics">Which metrics; <see langword="null"/> for all.</param>
    /// <param name="options">Resamples, confidence, method, seed; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Ends it; a context that is cancelled, as AutoML
    /// does with a trial, ends it too.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type, or holds no rows.</exception>
    public MultiLabelIntervals EvaluateIntervals(
        IDataView data,
        string subjectColumnName,
        string labelColumnName = "Label",
        string probabilityColumnName = "Probability",
        string? predictedLabelColumnName = "PredictedLabel",
        IReadOnlyList<SpeechMetric>? metrics = null,
        SubjectBootstrapOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        data = ReadOnceDataView.Of(
            data, subjectColumnName, labelColumnName, probabilityColumnName, predictedLabelColumnName);
        return MultiLabelIntervals.Evaluate(
            ScoreColumns.Texts(data, "subject", subjectColumnName),
            ScoreColumns.Labels(data, labelColumnName),
            ScoreColumns.Probabilities(data, probabilityColumnName),
            ScoreColumns.Names(data, probabilityColumnName) ?? ScoreColumns.Names(data, labelColumnName),
            ScoreColumns.Decisions(data, predictedLabelColumnName),
            metrics,
            (options ?? new SubjectBootstrapOptions()).SeededBy(_mlContext, cancellationToken), cancellationToken);
    }

    /// <summary>
    /// The difference of two models on the same test data, paired, with intervals and p-values over subjects.
    /// </summary>
    /// <param name="first">The data scored by the first model.</param>
    /// <param name="second">The same rows scored by the second.</param>
    /// <param name="subjectColumnName">Name of the text column that says who speaks.</param>
    /// <param name="labelColumnName">Name of the label vector: 1, 0, missing (negative or NaN).</param>
    /// <param name="probabilityColumnName">Name of the probability vector.</param>
    /// <param name="predictedLabelColumnName">Name of the decisions, as in <see cref="Evaluate"/>.</param>
    /// <param name="metrics">Which metrics; <see langword="null"/> for all.</param>
    /// <param name="options">Resamples, confidence, method, seed; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Ends it; a context that is cancelled, as AutoML
    /// does with a trial, ends it too.</param>
    /// <returns>First minus second.</returns>
    /// <exception cref="ArgumentException">A column is missing or of another type, or the two are not the same
    /// rows.</exception>
    public IReadOnlyDictionary<SpeechMetric, LabelDifferences> Compare(
        IDataView first,
        IDataView second,
        string subjectColumnName,
        string labelColumnName = "Label",
        string probabilityColumnName = "Probability",
        string? predictedLabelColumnName = "PredictedLabel",
        IReadOnlyList<SpeechMetric>? metrics = null,
        SubjectBootstrapOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        string?[] names = [subjectColumnName, labelColumnName, probabilityColumnName, predictedLabelColumnName];
        (first, second) = (ReadOnceDataView.Of(first, names), ReadOnceDataView.Of(second, names));
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
            (options ?? new SubjectBootstrapOptions()).SeededBy(_mlContext, cancellationToken), cancellationToken);
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
    /// <param name="predictedLabelColumnName">Name of the decisions, as in <see cref="Evaluate"/>.</param>
    /// <param name="metrics">Which metrics get intervals and gaps; <see langword="null"/> for AUC and balanced
    /// accuracy.</param>
    /// <param name="options">Resamples, confidence, method, seed; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Ends it; a context that is cancelled, as AutoML
    /// does with a trial, ends it too.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type, or holds no rows.</exception>
    public MultiLabelGroups EvaluateByGroup(
        IDataView data,
        string groupColumnName,
        string subjectColumnName,
        string labelColumnName = "Label",
        string probabilityColumnName = "Probability",
        string? predictedLabelColumnName = "PredictedLabel",
        IReadOnlyList<SpeechMetric>? metrics = null,
        SubjectBootstrapOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        data = ReadOnceDataView.Of(
            data, groupColumnName, subjectColumnName, labelColumnName, probabilityColumnName,
            predictedLabelColumnName);
        return MultiLabelGroups.Evaluate(
            groupColumnName,
            ScoreColumns.Texts(data, "group", groupColumnName),
            ScoreColumns.Texts(data, "subject", subjectColumnName),
            ScoreColumns.Labels(data, labelColumnName),
            ScoreColumns.Probabilities(data, probabilityColumnName),
            ScoreColumns.Names(data, probabilityColumnName) ?? ScoreColumns.Names(data, labelColumnName),
            ScoreColumns.Decisions(data, predictedLabelColumnName),
            metrics,
            (options ?? new SubjectBootstrapOptions()).SeededBy(_mlContext, cancellationToken), cancellationToken);
    }

    /// <summary>
    /// Combines the scores of each subject's clips: one row per subject, with columns of the same names and a column
    /// <c>Clips</c> with their number. Evaluate it like clips: <see cref="Evaluate"/>,
    /// <see cref="EvaluateIntervals"/>. A subject's label is that of most of its rated clips (positive on a
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
    public IDataView Combine(
        IDataView data,
        string subjectColumnName,
        SubjectCombination how = SubjectCombination.Mean,
        string labelColumnName = "Label",
        string probabilityColumnName = "Probability",
        string predictedLabelColumnName = "PredictedLabel")
    {
        ArgumentNullException.ThrowIfNull(data);
        return ScoresBySubject.MultiLabel(
            _mlContext, data, subjectColumnName, how, labelColumnName, probabilityColumnName, predictedLabelColumnName);
    }

    /// <summary>
    /// Combines several multi-label models of one chain: the weighted mean of their probabilities, decisions from 0.5
    /// up.
    /// </summary>
    /// <param name="outputColumnName">Name of the probability vector to make.</param>
    /// <param name="inputColumnNames">Names of the models' probability vectors.</param>
    /// <param name="labelColumnName">Name of the label vector, for weights that make the validation labels most likely;
    /// <see langword="null"/> for equal weights.</param>
    /// <param name="predictedLabelColumnName">Name of the decisions to make.</param>
    /// <exception cref="ArgumentException">Fewer than two columns.</exception>
    public ProbabilityFusionEstimator Fuse(
        string outputColumnName, string[] inputColumnNames, string? labelColumnName = null,
        string predictedLabelColumnName = "PredictedLabel") =>
        new(_mlContext, outputColumnName, inputColumnNames, labelColumnName, predictedLabelColumnName, classes: false);
}
