using SpeechML.Data.Evaluation.Resampling;

namespace SpeechML;

/// <summary>Confidence intervals of any metric by resampling subjects.</summary>
public static class SubjectIntervals
{
    /// <summary>The interval of one metric.</summary>
    /// <param name="subjects">The subject of each clip.</param>
    /// <param name="metric">
    /// The metric of clips, given their row numbers, each as often as it was drawn: <c>rows =>
    /// SpeechRegressionMetrics.Evaluate([.. rows.Select(i => y[i])], [.. rows.Select(i => x[i])]).Ccc</c>.
    /// Called from several threads.
    /// </param>
    /// <param name="options">Resamples, confidence, method, seed; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ArgumentException">No clips, an empty subject, or an option out of its range.</exception>
    public static MetricInterval Compute(
        IReadOnlyList<string> subjects, Func<IReadOnlyList<int>, MetricValue> metric,
        SubjectBootstrapOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(metric);
        options = (options ?? new SubjectBootstrapOptions()).CancelledBy(cancellationToken);
        return Run(subjects, [WeightedMetrics.OfRows(metric)], null, options)[0].ToInterval(options);
    }

    /// <summary>
    /// The difference of a metric between two models on the same clips, paired: both are evaluated on the same
    /// resamples.
    /// </summary>
    /// <param name="subjects">The subject of each clip.</param>
    /// <param name="first">The metric of the first model, as in <see cref="Compute"/>.</param>
    /// <param name="second">The metric of the second model.</param>
    /// <param name="options">Resamples, confidence, method, seed; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ArgumentException">No clips, an empty subject, or an option out of its range.</exception>
    public static MetricDifference Difference(
        IReadOnlyList<string> subjects, Func<IReadOnlyList<int>, MetricValue> first, Func<IReadOnlyList<int>,
        MetricValue> second, SubjectBootstrapOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        options = (options ?? new SubjectBootstrapOptions()).CancelledBy(cancellationToken);
        ResampledStatistic[] both =
            Run(subjects, [WeightedMetrics.OfRows(first), WeightedMetrics.OfRows(second)], null, options);
        return ResampledStatistic.Difference(both[0], both[1]).ToDifference(options);
    }

    /// <summary>Evaluates metrics on the clips as they are and on resamples.</summary>
    /// <param name="subjects">The subject of each clip.</param>
    /// <param name="metrics">The metrics, of the weights of all clips.</param>
    /// <param name="rows">The clips that each metric is of; <see langword="null"/> for all.</param>
    /// <param name="options">Resamples, method, seed.</param>
    internal static ResampledStatistic[] Run(
        IReadOnlyList<string> subjects, IReadOnlyList<WeightedMetric> metrics, IReadOnlyList<int[]?>? rows,
        SubjectBootstrapOptions options)
    {
        ArgumentNullException.ThrowIfNull(subjects);
        options.Validate();
        if (subjects.Count == 0)
        {
            throw new ArgumentException("No rows: an interval needs at least one clip.");
        }
        var index = new SubjectIndex(subjects);
        ResampledStatistic[] statistics = SubjectResampling.Run(
            index, metrics, options.Resamples, options.SeedInUse, options.Method == IntervalMethod.Bca,
            options.Cancellation);
        return [.. statistics.Select((s, m) => s with
        {
            Subjects = rows?[m] is { } some ? some.Select(i => index.OfRow[i]).Distinct().Count() : index.Names.Count,
        })];
    }
}
