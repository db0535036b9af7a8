using System.Globalization;
using System.Text;
using SpeechML.Data.Evaluation;

namespace SpeechML;

/// <summary>Metrics with confidence intervals by resampling subjects, of any task.</summary>
public sealed class SpeechIntervals
{
    internal SpeechIntervals(
        int clips, int missing, int subjects, IReadOnlyDictionary<SpeechMetric, MetricInterval> metrics)
    {
        (Clips, Missing, Subjects, Metrics) = (clips, missing, subjects, metrics);
    }

    /// <summary>Clips that were evaluated.</summary>
    public int Clips { get; }

    /// <summary>Clips that were left out because their label is missing.</summary>
    public int Missing { get; }

    /// <summary>Subjects that the evaluated clips are of.</summary>
    public int Subjects { get; }

    /// <summary>The metrics that were asked for.</summary>
    public IReadOnlyDictionary<SpeechMetric, MetricInterval> Metrics { get; }

    /// <summary>One of them.</summary>
    /// <exception cref="KeyNotFoundException">It was not asked for, or the task does not have it.</exception>
    public MetricInterval this[SpeechMetric metric] => Metrics[metric];

    /// <summary>A table, one line per metric; what is undefined says why.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture,
            $"{Clips} clips of {Subjects} subjects, left out because not rated {Missing}; " +
            $"{Metrics.Values.First().Confidence:P0} intervals over subjects");
        int width = Metrics.Keys.Max(m => m.DisplayName.Length) + 2;
        foreach ((SpeechMetric metric, MetricInterval value) in Metrics)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  {metric.DisplayName.PadRight(width)}{value}");
        }
        return text.ToString();
    }
}

/// <summary>The clips of one group: a language, a task, a sex.</summary>
/// <param name="Name">The value that they share.</param>
/// <param name="Intervals">The metrics that were asked for.</param>
/// <param name="Gaps">The group minus all other clips, on the same resamples of subjects; undefined where there are
/// none.</param>
public sealed record SpeechGroup(
    string Name, SpeechIntervals Intervals, IReadOnlyDictionary<SpeechMetric, MetricDifference> Gaps);

/// <summary>The same metrics for each group of clips, and how far each group is from the others, of any task.</summary>
public sealed class SpeechGroups
{
    internal SpeechGroups(string by, IReadOnlyList<SpeechGroup> groups)
    {
        (By, Groups) = (by, groups);
    }

    /// <summary>What the clips are grouped by: the name of the column.</summary>
    public string By { get; }

    /// <summary>The groups that have rated clips, by name.</summary>
    public IReadOnlyList<SpeechGroup> Groups { get; }

    /// <summary>A table per metric, one line per group: value, gap to the other groups.</summary>
    public override string ToString()
    {
        SpeechMetric[] metrics = [.. Groups[0].Gaps.Keys];
        return GroupTable.Format(
            By,
            [.. Groups.Select(g => (g.Name, g.Intervals.Clips, g.Intervals.Subjects))],
            metrics.Select(m => m.DisplayName),
            (m, g) => $"{Groups[g].Intervals[metrics[m]]}; {Groups[g].Gaps[metrics[m]]}");
    }
}
