using System.Globalization;
using System.Text;
using SpeechML.Data.Evaluation.Metrics;
using SpeechML.Data.Evaluation.Resampling;

namespace SpeechML;

/// <summary>A metric of several labels with intervals.</summary>
/// <param name="PerLabel">Each label, over its rated clips.</param>
/// <param name="Macro">The mean over the labels that have a value.</param>
public sealed record LabelIntervals(IReadOnlyList<MetricInterval> PerLabel, MetricInterval Macro);

/// <summary>The difference of a metric of several labels with intervals.</summary>
/// <param name="PerLabel">Each label.</param>
/// <param name="Macro">The mean over the labels that have a value on both sides.</param>
public sealed record LabelDifferences(IReadOnlyList<MetricDifference> PerLabel, MetricDifference Macro);

/// <summary>Metrics of several labels with confidence intervals by resampling subjects.</summary>
public sealed class MultiLabelIntervals
{
    internal MultiLabelIntervals(
        IReadOnlyList<string> names, int clips, int subjects,
        IReadOnlyDictionary<SpeechMetric, ResampledStatistic[]> statistics, SubjectBootstrapOptions options)
    {
        LabelNames = names;
        Clips = clips;
        Subjects = subjects;
        Metrics = statistics.ToDictionary(
            s => s.Key, s => new LabelIntervals(
            [.. s.Value.Select(v => v.ToInterval(options))], ResampledStatistic.Mean(s.Value).ToInterval(options)));
    }

    /// <summary>The labels.</summary>
    public IReadOnlyList<string> LabelNames { get; }

    /// <summary>Clips that were evaluated.</summary>
    public int Clips { get; }

    /// <summary>Subjects that they are of.</summary>
    public int Subjects { get; }

    /// <summary>The metrics that were asked for.</summary>
    public IReadOnlyDictionary<SpeechMetric, LabelIntervals> Metrics { get; }

    /// <summary>Computes intervals.</summary>
    /// <param name="subjects">The subject of each clip.</param>
    /// <param name="labels">One row per clip: 1, 0, or missing (-1 or NaN) per label.</param>
    /// <param name="scores">One row per clip: the probability of each label.</param>
    /// <param name="labelNames">Names for tables; <see langword="null"/> for numbers.</param>
    /// <param name="decisions">The decisions; <see langword="null"/> for probabilities from 0.5 up.</param>
    /// <param name="metrics">Which metrics; <see langword="null"/> for all.</param>
    /// <param name="options">Resamples, confidence, method, seed; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ArgumentException">No rows, sizes that differ, a label or score out of range, an empty subject:
    /// names the row.</exception>
    public static MultiLabelIntervals Evaluate(
        IReadOnlyList<string> subjects,
        IReadOnlyList<double[]> labels,
        IReadOnlyList<double[]> scores,
        IReadOnlyList<string>? labelNames = null,
        IReadOnlyList<bool[]>? decisions = null,
        IReadOnlyList<SpeechMetric>? metrics = null,
        SubjectBootstrapOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        options = (options ?? new SubjectBootstrapOptions()).CancelledBy(cancellationToken);
        var set = new MultiLabelClips(labels, scores, decisions: decisions);
        LabelStatistics.CheckSubjects(subjects, set.Rows);
        return new MultiLabelIntervals(
            MultiLabelClips.Names(labelNames, set.Labels.Count), set.Rows,
            subjects.Distinct(StringComparer.Ordinal).Count(),
            LabelStatistics.Run(subjects, [set], metrics, options)[0], options);
    }

    /// <summary>
    /// The difference of two models on the same clips, paired: both are evaluated on the same resamples.
    /// </summary>
    /// <param name="subjects">The subject of each clip.</param>
    /// <param name="labels">One row per clip: 1, 0, or missing (-1 or NaN) per label.</param>
    /// <param name="first">The probabilities of the first model.</param>
    /// <param name="second">The probabilities of the second model.</param>
    /// <param name="firstDecisions">The first model's decisions; <see langword="null"/> for probabilities from 0.5
    /// up.</param>
    /// <param name="secondDecisions">The second model's decisions.</param>
    /// <param name="metrics">Which metrics; <see langword="null"/> for all.</param>
    /// <param name="options">Resamples, confidence, method, seed; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>First minus second.</returns>
    /// <exception cref="ArgumentException">As for <see cref="Evaluate"/>.</exception>
    public static IReadOnlyDictionary<SpeechMetric, LabelDifferences> Difference(
        IReadOnlyList<string> subjects,
        IReadOnlyList<double[]> labels,
        IReadOnlyList<double[]> first,
        IReadOnlyList<double[]> second,
        IReadOnlyList<bool[]>? firstDecisions = null,
        IReadOnlyList<bool[]>? secondDecisions = null,
        IReadOnlyList<SpeechMetric>? metrics = null,
        SubjectBootstrapOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        options = (options ?? new SubjectBootstrapOptions()).CancelledBy(cancellationToken);
        MultiLabelClips[] sets =
        [
            new MultiLabelClips(labels, first, decisions: firstDecisions),
            new MultiLabelClips(labels, second, decisions: secondDecisions),
        ];
        LabelStatistics.CheckSubjects(subjects, sets[0].Rows);
        return LabelStatistics.Differences(
            LabelStatistics.Run(subjects, sets, metrics, options), 0, 1, options);
    }

    /// <summary>A table, one line per label and metric.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        int width = Math.Max(6, LabelNames.Max(n => n.Length)) + 2;
        text.AppendLine(CultureInfo.InvariantCulture, $"{Clips} clips of {Subjects} subjects");
        foreach ((SpeechMetric metric, LabelIntervals intervals) in Metrics)
        {
            text.AppendLine(CultureInfo.InvariantCulture,
                $"{metric.DisplayName}, {intervals.Macro.Confidence:P0} intervals over subjects");
            for (int j = 0; j < LabelNames.Count; j++)
            {
                text.Append("  ").Append(LabelNames[j].PadRight(width)).AppendLine(intervals.PerLabel[j].ToString());
            }
            text.Append("  ").Append("macro".PadRight(width)).AppendLine(intervals.Macro.ToString());
        }
        return text.ToString();
    }
}
