namespace SpeechML.Data.Evaluation.Resampling;

/// <summary>Intervals, paired differences and gaps of groups for clips of any task.</summary>
internal static class JudgedIntervals
{
    /// <summary>The metrics with intervals.</summary>
    /// <param name="subjects">The subject of each rated clip.</param>
    /// <param name="clips">The rated clips.</param>
    /// <param name="missing">Clips that were left out.</param>
    /// <param name="metrics">Which; <see langword="null"/> for all of the task.</param>
    /// <param name="options">Resamples, confidence, method, seed; <see langword="null"/> for the defaults.</param>
    public static SpeechIntervals Intervals(
        string[] subjects, JudgedClips clips, int missing, IReadOnlyList<SpeechMetric>? metrics,
        SubjectBootstrapOptions? options)
    {
        options ??= new SubjectBootstrapOptions();
        (SpeechMetric Name, IResampledMetric Metric)[] chosen = Choose(clips.Metrics(), metrics);
        ResampledStatistic[] statistics = Run(subjects, chosen, options);
        return Table(subjects, missing, chosen, statistics, options);
    }

    /// <summary>First minus second, on the same resamples.</summary>
    public static IReadOnlyDictionary<SpeechMetric, MetricDifference> Differences(
        string[] subjects, JudgedClips first, JudgedClips second, IReadOnlyList<SpeechMetric>? metrics,
        SubjectBootstrapOptions? options)
    {
        options ??= new SubjectBootstrapOptions();
        (SpeechMetric Name, IResampledMetric Metric)[] one = Choose(first.Metrics(), metrics),
            two = Choose(second.Metrics(), metrics);
        ResampledStatistic[] statistics = Run(subjects, [.. one, .. two], options);
        return one.Select((m, k) =>
            (m.Name, Value: ResampledStatistic.Difference(statistics[k], statistics[one.Length + k])
            .ToDifference(options))).ToDictionary(d => d.Name, d => d.Value);
    }

    /// <summary>Each group, and each group minus all other clips.</summary>
    public static SpeechGroups Groups(
        string by, string[] groups, string[] subjects, JudgedClips clips, IReadOnlyList<SpeechMetric>? metrics,
        SubjectBootstrapOptions? options)
    {
        options ??= new SubjectBootstrapOptions();
        string[] names = [.. groups.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        int[][] inside = [.. names.Select(n => Rows(groups, g => g == n))],
            outside = [.. names.Select(n => Rows(groups, g => g != n))];
        // Metrics 2g and 2g + 1 of a block: group g and the rest.
        var all = new List<(SpeechMetric Name, IResampledMetric Metric)>();
        for (int g = 0; g < names.Length; g++)
        {
            all.AddRange(Choose(clips.Metrics(inside[g]), metrics));
            all.AddRange(outside[g].Length == 0
                ? Choose(clips.Metrics(), metrics).Select(m => (m.Name, (IResampledMetric)new NoRows()))
                : Choose(clips.Metrics(outside[g]), metrics));
        }
        ResampledStatistic[] statistics = Run(subjects, [.. all], options);
        int count = all.Count / (2 * names.Length);
        return new SpeechGroups(by, [.. names.Select((name, g) =>
        {
            (SpeechMetric Name, IResampledMetric Metric)[] chosen = [.. all.Skip(2 * g * count).Take(count)];
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
        string[] subjects, int missing, (SpeechMetric Name, IResampledMetric Metric)[] chosen,
        ResampledStatistic[] statistics, SubjectBootstrapOptions options) => new(
        subjects.Length,
        missing,
        subjects.Distinct(StringComparer.Ordinal).Count(),
        chosen.Select((m, k) => (m.Name, Value: statistics[k].ToInterval(options)))
        .ToDictionary(m => m.Name, m => m.Value));

    private static ResampledStatistic[] Run(
        string[] subjects, (SpeechMetric Name, IResampledMetric Metric)[] metrics, SubjectBootstrapOptions options) =>
        SubjectIntervals.Run(subjects, [.. metrics.Select(m => m.Metric)], options);

    private static int[] Rows(string[] groups, Func<string, bool> keep) =>
        [.. Enumerable.Range(0, groups.Length).Where(i => keep(groups[i]))];

    private static (SpeechMetric Name, IResampledMetric Metric)[] Choose(
        IReadOnlyList<(SpeechMetric Name, IResampledMetric Metric)> all, IReadOnlyList<SpeechMetric>? wanted)
    {
        if (wanted is null)
        {
            return [.. all];
        }
        return [.. wanted.Distinct().Select(w => all.Any(m => m.Name == w)
            ? all.First(m => m.Name == w)
            : throw new ArgumentException(
                $"Metrics: expected some of {string.Join(", ", all.Select(m => m.Name))}, which this task has, got {w}.", nameof(wanted)))];
    }

    private sealed class NoRows : IResampledMetric
    {
        public MetricValue Value(ReadOnlySpan<int> multiplicity) => MetricValue.Because("no other clips");
    }
}
