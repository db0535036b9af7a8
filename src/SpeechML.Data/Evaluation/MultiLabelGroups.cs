using SpeechML.Data.Evaluation;
using SpeechML.Data.Evaluation.Metrics;
using SpeechML.Data.Evaluation.Resampling;

namespace SpeechML;

/// <summary>The clips of one group: a language, a task, a sex.</summary>
/// <param name="Name">The value that they share.</param>
/// <param name="Metrics">All metrics.</param>
/// <param name="Intervals">The metrics that were asked for, with intervals.</param>
/// <param name="Gaps">The group minus all other clips, on the same resamples of subjects; undefined where there are
/// none.</param>
public sealed record MultiLabelGroup(
    string Name, MultiLabelMetrics Metrics, MultiLabelIntervals Intervals,
    IReadOnlyDictionary<SpeechMetric, LabelDifferences> Gaps);

/// <summary>The same metrics for each group of clips, and how far each group is from the others.</summary>
public sealed class MultiLabelGroups
{
    private MultiLabelGroups(string by, IReadOnlyList<MultiLabelGroup> groups)
    {
        By = by;
        Groups = groups;
    }

    /// <summary>What the clips are grouped by: the name of the column.</summary>
    public string By { get; }

    /// <summary>The groups, by name.</summary>
    public IReadOnlyList<MultiLabelGroup> Groups { get; }

    /// <summary>Evaluates each group.</summary>
    /// <param name="by">What the clips are grouped by, for the table.</param>
    /// <param name="groups">The group of each clip.</param>
    /// <param name="subjects">The subject of each clip.</param>
    /// <param name="labels">One row per clip: 1, 0, or missing (-1 or NaN) per label.</param>
    /// <param name="scores">One row per clip: the probability of each label.</param>
    /// <param name="labelNames">Names for tables; <see langword="null"/> for numbers.</param>
    /// <param name="decisions">The decisions; <see langword="null"/> for probabilities from 0.5 up.</param>
    /// <param name="metrics">Which metrics get intervals and gaps; <see langword="null"/> for AUC and balanced
    /// accuracy.</param>
    /// <param name="options">Resamples, confidence, method, seed; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ArgumentException">No rows, sizes that differ, a label or score out of range, an empty subject:
    /// names the row.</exception>
    public static MultiLabelGroups Evaluate(
        string by,
        IReadOnlyList<string> groups,
        IReadOnlyList<string> subjects,
        IReadOnlyList<double[]> labels,
        IReadOnlyList<double[]> scores,
        IReadOnlyList<string>? labelNames = null,
        IReadOnlyList<bool[]>? decisions = null,
        IReadOnlyList<SpeechMetric>? metrics = null,
        SubjectBootstrapOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(groups);
        options = (options ?? new SubjectBootstrapOptions()).CancelledBy(cancellationToken);
        metrics ??= [SpeechMetrics.RocAuc, SpeechMetrics.BalancedAccuracy];
        var all = new MultiLabelClips(labels, scores, decisions: decisions);
        LabelStatistics.CheckSubjects(subjects, all.Rows);
        if (groups.Count != all.Rows)
        {
            throw new ArgumentException(
                $"Groups: expected {all.Rows}, one per clip, got {groups.Count}.", nameof(groups));
        }
        IReadOnlyList<string> labelNamesOrNumbers = MultiLabelClips.Names(labelNames, all.Labels.Count);
        string[] names = [.. groups.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        // sets 2g and 2g + 1: group g and the rest
        MultiLabelClips[] sets = [.. names.SelectMany(
            g => new[] { true, false }
            .Select(inside => new MultiLabelClips(
                labels, scores, decisions: decisions, keep: [.. groups.Select(v => v == g == inside)])))];
        IReadOnlyDictionary<SpeechMetric, ResampledStatistic[]>[] statistics =
            LabelStatistics.Run(subjects, sets, metrics, options);
        return new MultiLabelGroups(by, [.. names.Select((name, g) =>
        {
            int[] rows = [.. Enumerable.Range(0, groups.Count).Where(i => groups[i] == name)];
            return new MultiLabelGroup(
                name,
                MultiLabelMetrics.Evaluate(
                    [.. rows.Select(i => labels[i])], [.. rows.Select(i => scores[i])], labelNamesOrNumbers,
                    decisions: decisions is null ? null : [.. rows.Select(i => decisions[i])]),
                new MultiLabelIntervals(
                labelNamesOrNumbers, rows.Length,
                rows.Select(i => subjects[i]).Distinct(StringComparer.Ordinal).Count(), statistics[2 * g], options),
                LabelStatistics.Differences(statistics, 2 * g, (2 * g) + 1, options));
        })]);
    }

    /// <summary>A table, one line per group and metric: macro mean, gap to the other groups.</summary>
    public override string ToString()
    {
        SpeechMetric[] metrics = [.. Groups[0].Gaps.Keys];
        return GroupTable.Format(
            By,
            [.. Groups.Select(g => (g.Name, g.Intervals.Clips, g.Intervals.Subjects))],
            metrics.Select(m => $"macro {m.DisplayName}"),
            (m, g) => $"{Groups[g].Intervals.Metrics[metrics[m]].Macro}; {Groups[g].Gaps[metrics[m]].Macro}");
    }
}
