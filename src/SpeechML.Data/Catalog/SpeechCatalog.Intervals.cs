using Microsoft.ML;
using SpeechML.Data.Evaluation;
using SpeechML.Data.Evaluation.Resampling;

namespace SpeechML;

#pragma warning disable CA1822 // A catalog's entry points are instance members, as ML.NET's.

/// <content>Intervals over subjects, paired comparison of two models and gaps of groups, for one label, classes,
/// ordered classes and numbers.</content>
public sealed partial class SpeechCatalog
{
    /// <summary>Confidence intervals of metrics by resampling subjects: the clips of a subject stay together.</summary>
    /// <param name="data">Scored data.</param>
    /// <param name="options">Task, columns, metrics, resamples.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type, ordered keys that do not rise, a
    /// metric that the task does not have, or no rows with a label.</exception>
    public SpeechIntervals EvaluateIntervals(IDataView data, SpeechJudgingOptions options)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        JudgedRows rows = Judged(data, options);
        return JudgedIntervals.Intervals(
            Subjects(data, rows, options), rows.Clips, rows.Missing, options.Metrics, options.Bootstrap);
    }

    /// <summary>
    /// The difference of two models on the same test data, paired, with intervals and p-values over subjects.
    /// </summary>
    /// <param name="first">The data scored by the first model.</param>
    /// <param name="second">The same rows scored by the second.</param>
    /// <param name="options">Task, columns, metrics, resamples.</param>
    /// <returns>First minus second.</returns>
    /// <exception cref="ArgumentException">As for <see cref="EvaluateIntervals"/>, or the two are not the same
    /// rows.</exception>
    public IReadOnlyDictionary<SpeechMetric, MetricDifference> CompareModels(
        IDataView first, IDataView second, SpeechJudgingOptions options)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        ArgumentNullException.ThrowIfNull(options);
        JudgedRows one = Judged(first, options), two = Judged(second, options);
        string[] subjects = Subjects(first, one, options);
        if (!one.Truth.SequenceEqual(two.Truth)
            || !subjects.SequenceEqual(Subjects(second, two, options), StringComparer.Ordinal))
        {
            throw new ArgumentException(
                $"Two models: expected the same rows twice, in one order, got subjects or labels that differ " +
                $"({one.Rows} and {two.Rows} rows).", nameof(second));
        }
        return JudgedIntervals.Differences(subjects, one.Clips, two.Clips, options.Metrics, options.Bootstrap);
    }

    /// <summary>
    /// The same metrics for each value of a column (language, task, sex), with intervals over subjects and the gap of
    /// each group to all others.
    /// </summary>
    /// <param name="data">Scored data.</param>
    /// <param name="groupColumnName">Name of the text column to group by.</param>
    /// <param name="options">Task, columns, metrics, resamples.</param>
    /// <exception cref="ArgumentException">As for <see cref="EvaluateIntervals"/>.</exception>
    public SpeechGroups EvaluateByGroup(IDataView data, string groupColumnName, SpeechJudgingOptions options)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        JudgedRows rows = Judged(data, options);
        return JudgedIntervals.Groups(
            groupColumnName, rows.Texts(data, "group", groupColumnName), Subjects(data, rows, options), rows.Clips,
            options.Metrics, options.Bootstrap);
    }

    private static JudgedRows Judged(IDataView data, SpeechJudgingOptions o) => o.Task switch
    {
        SpeechRunTask.Binary =>
            JudgedRows.Binary(data, o.LabelColumnName, o.ProbabilityColumnName, o.PredictedLabelColumnName),
        SpeechRunTask.Multiclass =>
        JudgedRows.Multiclass(data, o.LabelColumnName, o.ScoreColumnName, o.PredictedLabelColumnName),
        SpeechRunTask.Ordinal =>
        JudgedRows.Ordinal(data, o.LabelColumnName, o.PredictedLabelColumnName,
        OrdinalClasses(data, o.LabelColumnName, o.PredictedLabelColumnName, o.ClassCount), o.ScoreColumnName),
        SpeechRunTask.Regression => JudgedRows.Regression(data, o.LabelColumnName, o.ScoreColumnName),
        _ => throw new ArgumentException(
            $"Option {nameof(o.Task)}: expected Binary, Multiclass, Ordinal or Regression, got '{o.Task}'; several " +
            $"labels are judged by EvaluateMultiLabelIntervals, CompareMultiLabel and EvaluateMultiLabelByGroup."),
    };

    private static string[] Subjects(IDataView data, JudgedRows rows, SpeechJudgingOptions options) =>
        rows.Texts(data, "subject", options.SubjectColumnName);
}
