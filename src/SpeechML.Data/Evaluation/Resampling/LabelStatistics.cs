using SpeechML.Data.Evaluation.Metrics;

namespace SpeechML.Data.Evaluation.Resampling;

/// <summary>Metrics of several labels on resamples of the subjects.</summary>
internal static class LabelStatistics
{
    /// <summary>Metrics of several sets on the same resamples: per set, metric and label.</summary>
    public static IReadOnlyDictionary<SpeechMetric, ResampledStatistic[]>[] Run(
        IReadOnlyList<string> subjects, IReadOnlyList<MultiLabelClips> sets, IReadOnlyList<SpeechMetric>? metrics,
        SubjectBootstrapOptions options)
    {
        metrics ??= SpeechMetrics.For(SpeechTask.MultiLabel);
        WeightedMetric[] all = [.. sets.SelectMany(set => metrics.SelectMany(
            m => set.Labels.Select(l => WeightedMetrics.OfSome(m.Prepare(l.Clips), l.Rows))))];
        int[]?[] rows = [.. sets.SelectMany(set => metrics.SelectMany(_ => set.Labels.Select(l => l.Rows)))];
        ResampledStatistic[] statistics = SubjectIntervals.Run(subjects, all, rows, options);
        int labels = sets[0].Labels.Count;
        return [.. sets.Select((_, s) => metrics.Index().ToDictionary(
            m => m.Item, m => statistics.Skip(((s * metrics.Count) + m.Index) * labels).Take(labels).ToArray()))];
    }

    /// <summary>One set minus another; the mean is over the labels that have a value in both.</summary>
    public static Dictionary<SpeechMetric, LabelDifferences> Differences(
        IReadOnlyDictionary<SpeechMetric, ResampledStatistic[]>[] sets, int first, int second,
        SubjectBootstrapOptions options) =>
        sets[first].ToDictionary(m => m.Key, m =>
        {
            ResampledStatistic[] differences = [.. m.Value.Zip(sets[second][m.Key], ResampledStatistic.Difference)];
            return new LabelDifferences(
                [.. differences.Select(d => d.ToDifference(options))],
                ResampledStatistic.Mean(differences).ToDifference(options));
        });

    public static void CheckSubjects(IReadOnlyList<string> subjects, int rows)
    {
        ArgumentNullException.ThrowIfNull(subjects);
        if (subjects.Count != rows)
        {
            throw new ArgumentException(
                $"Subjects: expected {rows}, one per clip, got {subjects.Count}.", nameof(subjects));
        }
    }
}
