namespace SpeechML.Data.Evaluation.Resampling;

/// <summary>Intervals, paired differences and gaps of groups for clips of any task.</summary>
internal static class ClipIntervals
{
    /// <summary>The metrics with intervals.</summary>
    /// <param name="subjects">The subject of each rated clip.</param>
    /// <param name="clips">The rated clips.</param>
    /// <param name="missing">Clips that were left out.</param>
    /// <param name="metrics">Which; <see langword="null"/> for all of the task.</param>
    /// <param name="options">Resamples, confidence, method, seed; <see langword="null"/> for the defaults.</param>
    public static SpeechIntervals Intervals(
        string[] subjects, EvaluatedClips clips, int missing, IReadOnlyList<SpeechMetric>? metrics,
        SubjectBootstrapOptions? options)
    {
        options ??= new SubjectBootstrapOptions();
        ChosenMetric[] chosen = Choose(clips, null, metrics);
        ResampledStatistic[] statistics = Run(subjects, chosen, options);
        return Table(subjects, missing, chosen, statistics, options);
    }

    /// <summary>First minus second, on the same resamples.</summary>
    public static IReadOnlyDictionary<SpeechMetric, MetricDifference> Differences(
        string[] subjects, EvaluatedClips first, EvaluatedClips second, IReadOnlyList<SpeechMetric>? metrics,
        SubjectBootstrapOptions? options)
    {
        options ??= new SubjectBootstrapOptions();
        ChosenMetric[] one = Choose(first, null, metrics),
            two = Choose(second, null, metrics);
        ResampledStatistic[] statistics = Run(subjects, [.. one, .. two], options);
        return one.Select((m, k) =>
            (m.Name, Value: ResampledStatistic.Difference(statistics[k], statistics[one.Length + k])
            .ToDifference(options))).ToDictionary(d => d.Name, d => d.Value);
    }

    /// <summary>Each group, and each group minus all other clips.</summary>
    public static SpeechGroups Groups(
        string by, string[] groups, string[] subjects, EvaluatedClips clips, IReadOnlyList<SpeechMetric>? metrics,
        SubjectBootstrapOptions? options)
    {
        options ??= new SubjectBootstrapOptions();
        string[] names = [.. groups.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        int[][] inside = [.. names.Select(n => Rows(groups, g => g == n))],
            outside = [.. names.Select(n => Rows(groups, g => g != n))];
        // Metrics 2g and 2g + 1 of a block: group g and the rest.
        var all = new List<ChosenMetric>();
        for (int g = 0; g < names.Length; g++)
        {
            all.AddRange(Choose(clips, inside[g], metrics));
            all.AddRange(outside[g].Length == 0
                ? Choose(clips, null, metrics)
                    .Select(m => m with { Metric = _ => MetricValue.Because("no other clips") })
                : Choose(clips, outside[g], metrics));
        }
        ResampledStatistic[] statistics = Run(subjects, [.. all], options);
        int count = all.Count / (2 * names.Length);
        return new SpeechGroups(by, [.. names.Select((name, g) =>
        {
            ChosenMetric[] chosen = [.. all.Skip(2 * g * count).Take(count)];
            ResampledStatistic[] own = statistics[(2 * g * count)..(((2 * g) + 1) * count)],
                others = statistics[(((2 * g) + 1) * count)..(((2 * g) + 2) * count)];
            return new SpeechGroup(
                name,
                Table([.. inside[g].Select(i => subjects[i])], 0, chosen, own, options),
                chosen.Select((m, k) =>
                (m.Name, Gap: ResampledStatistic.Difference(own[k], others[k]).ToDifference(options)))
                .ToDictionary(d => d.Name, d => d.Gap));
        })]);
    }

    private static SpeechIntervals Table(
        string[] subjects, int missing, ChosenMetric[] chosen,
        ResampledStatistic[] statistics, SubjectBootstrapOptions options) => new(
        subjects.Length,
        missing,
        subjects.Distinct(StringComparer.Ordinal).Count(),
        chosen.Select((m, k) => (m.Name, Value: statistics[k].ToInterval(options)))
        .ToDictionary(m => m.Name, m => m.Value));

    private static ResampledStatistic[] Run(
        string[] subjects, ChosenMetric[] metrics, SubjectBootstrapOptions options) =>
        SubjectIntervals.Run(
            subjects, [.. metrics.Select(m => m.Metric)], [.. metrics.Select(m => m.Rows)], options);

    private static int[] Rows(string[] groups, Func<string, bool> keep) =>
        [.. Enumerable.Range(0, groups.Length).Where(i => keep(groups[i]))];

    /// <summary>The metrics of some of the clips (all where <see langword="null"/>), given the weights of all.
    /// </summary>
    private static ChosenMetric[] Choose(
        EvaluatedClips clips, int[]? rows, IReadOnlyList<SpeechMetric>? wanted)
    {
        EvaluatedClips some = rows is null ? clips : clips.Take(rows);
        IReadOnlyList<SpeechMetric> all = SpeechMetrics.For(clips.Task);
        if (wanted?.FirstOrDefault(w => !w.Tasks.Contains(clips.Task)) is { } other)
        {
            throw new ArgumentException(
                $"Metrics: expected some of {string.Join(", ", all)}, which this task has, got {other}.",
                nameof(wanted));
        }
        return [.. (wanted?.Distinct() ?? all).Select(
            m => new ChosenMetric(m, WeightedMetrics.OfSome(m.Prepare(some), rows), rows))];
    }

    /// <summary>A metric of some of the clips (all where <see langword="null"/>).</summary>
    private sealed record ChosenMetric(SpeechMetric Name, WeightedMetric Metric, int[]? Rows);
}
