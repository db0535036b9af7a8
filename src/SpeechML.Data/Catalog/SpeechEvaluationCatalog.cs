using Microsoft.ML;
using SpeechML.Data.DataViews;
using SpeechML.Data.Evaluation;
using SpeechML.Data.Evaluation.Resampling;

namespace SpeechML;

/// <summary>
/// Evaluation of a task over subjects: intervals, paired comparison of two models, and gaps of groups.
/// </summary>
public abstract class SpeechEvaluationCatalog
{
    private protected SpeechEvaluationCatalog(MLContext mlContext)
    {
        Context = mlContext;
    }

    private protected MLContext Context { get; }

    /// <summary>Confidence intervals of metrics by resampling subjects: the clips of a subject stay together.</summary>
    /// <param name="data">Scored data.</param>
    /// <param name="options">Columns, metrics, resamples.</param>
    /// <param name="cancellationToken">Ends it; a context that is cancelled, as AutoML
    /// does with a trial, ends it too.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type, ordered keys that do not rise, a
    /// metric that the task does not have, or no rows with a label.</exception>
    public SpeechIntervals EvaluateIntervals(IDataView data, SpeechEvaluationOptions options,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        data = Columns(data, options);
        EvaluatedRows rows = Read(data, options);
        return ClipIntervals.Intervals(
            Subjects(data, rows, options), rows.Clips, rows.Missing, options.Metrics,
            options.Bootstrap.SeededBy(Context, cancellationToken));
    }

    /// <summary>
    /// The difference of two models on the same test data, paired, with intervals and p-values over subjects.
    /// </summary>
    /// <param name="first">The data scored by the first model.</param>
    /// <param name="second">The same rows scored by the second.</param>
    /// <param name="options">Columns, metrics, resamples.</param>
    /// <param name="cancellationToken">Ends it; a context that is cancelled, as AutoML
    /// does with a trial, ends it too.</param>
    /// <returns>First minus second.</returns>
    /// <exception cref="ArgumentException">As for <see cref="EvaluateIntervals"/>, or the two are not the same
    /// rows.</exception>
    public IReadOnlyDictionary<SpeechMetric, MetricDifference> Compare(
        IDataView first, IDataView second, SpeechEvaluationOptions options,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (first, second) = (Columns(first, options), Columns(second, options));
        EvaluatedRows one = Read(first, options), two = Read(second, options);
        string[] subjects = Subjects(first, one, options);
        if (!one.Truth.SequenceEqual(two.Truth)
            || !subjects.SequenceEqual(Subjects(second, two, options), StringComparer.Ordinal))
        {
            throw new ArgumentException(
                $"Two models: expected the same rows twice, in one order, got subjects or labels that differ " +
                $"({one.Rows} and {two.Rows} rows).", nameof(second));
        }
        return ClipIntervals.Differences(
            subjects, one.Clips, two.Clips, options.Metrics, options.Bootstrap.SeededBy(Context, cancellationToken));
    }

    /// <summary>
    /// The same metrics for each value of a column (language, task, sex), with intervals over subjects and the gap of
    /// each group to all others.
    /// </summary>
    /// <param name="data">Scored data.</param>
    /// <param name="groupColumnName">Name of the text column to group by.</param>
    /// <param name="options">Columns, metrics, resamples.</param>
    /// <param name="cancellationToken">Ends it; a context that is cancelled, as AutoML
    /// does with a trial, ends it too.</param>
    /// <exception cref="ArgumentException">As for <see cref="EvaluateIntervals"/>.</exception>
    public SpeechGroups EvaluateByGroup(IDataView data, string groupColumnName, SpeechEvaluationOptions options,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        data = Columns(data, options, groupColumnName);
        EvaluatedRows rows = Read(data, options);
        return ClipIntervals.Groups(
            groupColumnName, rows.Texts(data, "group", groupColumnName), Subjects(data, rows, options), rows.Clips,
            options.Metrics, options.Bootstrap.SeededBy(Context, cancellationToken));
    }

    private protected abstract EvaluatedRows Read(IDataView data, SpeechEvaluationOptions options);

    private static IDataView Columns(IDataView data, SpeechEvaluationOptions options, string? group = null) =>
        ReadOnceDataView.Of(
            data, options.LabelColumnName, options.ScoreColumnName, options.ProbabilityColumnName,
            options.PredictedLabelColumnName, options.SubjectColumnName, group);

    private static string[] Subjects(IDataView data, EvaluatedRows rows, SpeechEvaluationOptions options) =>
        rows.Texts(data, "subject", options.SubjectColumnName);
}
