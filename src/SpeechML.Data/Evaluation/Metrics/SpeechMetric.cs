using System.Text.Json.Serialization;
using SpeechML.Data.Evaluation.Metrics;

namespace SpeechML;

/// <summary>Which values of a metric are better.</summary>
public enum MetricDirection
{
    /// <summary>Higher values are better.</summary>
    HigherIsBetter,

    /// <summary>Lower values are better.</summary>
    LowerIsBetter,
}

/// <summary>A metric of given clips as a function of their weights.</summary>
/// <param name="weights">
/// One per clip, 0 or more: the metric is that of data in which clip i is there <c>weights[i]</c> times. Called from
/// several threads.
/// </param>
/// <returns>The value, or why there is none.</returns>
public delegate MetricValue WeightedMetric(ReadOnlySpan<int> weights);

/// <summary>
/// A metric: a name, a direction, the tasks that it is for, and a function of clips with weights. A point value is
/// weights of 1, an interval is weights from resampled subjects. The library's metrics are in
/// <see cref="SpeechMetrics"/>; a new one is an object of this class.
/// </summary>
[JsonConverter(typeof(SpeechMetricJson))]
public sealed class SpeechMetric
{
    private readonly Func<EvaluatedClips, WeightedMetric> _prepare;

    /// <summary>Describes a metric.</summary>
    /// <param name="name">Its name in files and options: a letter, then letters and digits, such as <c>rocAuc</c>.
    /// </param>
    /// <param name="displayName">Its name in reports and tables.</param>
    /// <param name="direction">Which values are better.</param>
    /// <param name="tasks">The tasks that it is for. Several labels: the metric of each label by itself, and its mean
    /// over the labels that have a value.</param>
    /// <param name="prepare">Does once what does not depend on the weights, such as sorting, and returns the metric as
    /// a function of the weights.</param>
    /// <exception cref="ArgumentException">A name that is none, or no task.</exception>
    public SpeechMetric(
        string name, string displayName, MetricDirection direction, IReadOnlyList<SpeechTask> tasks,
        Func<EvaluatedClips, WeightedMetric> prepare)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentException.ThrowIfNullOrWhiteSpace(displayName);
        ArgumentNullException.ThrowIfNull(tasks);
        ArgumentNullException.ThrowIfNull(prepare);
        if (name.Length == 0 || !char.IsAsciiLetter(name[0]) || !name.All(char.IsAsciiLetterOrDigit))
        {
            throw new ArgumentException(
                $"Metric name: expected a letter, then letters and digits, got '{name}'.", nameof(name));
        }
        if (tasks.Count == 0)
        {
            throw new ArgumentException($"Tasks of metric '{name}': expected at least one, got none.", nameof(tasks));
        }
        (Name, DisplayName, Direction, Tasks, _prepare) = (name, displayName, direction, tasks, prepare);
    }

    /// <summary>Its name in files and options, such as <c>rocAuc</c>.</summary>
    public string Name { get; }

    /// <summary>Its name in reports and tables.</summary>
    public string DisplayName { get; }

    /// <summary>Which values are better.</summary>
    public MetricDirection Direction { get; }

    /// <summary>The tasks that it is for.</summary>
    public IReadOnlyList<SpeechTask> Tasks { get; }

    /// <summary>Whether lower values are better.</summary>
    public bool LowerIsBetter => Direction == MetricDirection.LowerIsBetter;

    /// <summary>The value on clips: every weight is 1.</summary>
    /// <param name="clips">The clips.</param>
    /// <exception cref="ArgumentException">The metric is not for their task.</exception>
    public MetricValue Compute(EvaluatedClips clips)
    {
        int[] once = new int[(clips ?? throw new ArgumentNullException(nameof(clips))).Count];
        Array.Fill(once, 1);
        return Prepare(clips)(once);
    }

    /// <summary>The metric of clips as a function of their weights.</summary>
    /// <param name="clips">The clips.</param>
    /// <exception cref="ArgumentException">The metric is not for their task.</exception>
    public WeightedMetric Prepare(EvaluatedClips clips)
    {
        ArgumentNullException.ThrowIfNull(clips);
        // The clips of one label are those of a binary task.
        return Tasks.Contains(clips.Task)
            || (clips.Task == SpeechTask.Binary && Tasks.Contains(SpeechTask.MultiLabel))
            ? _prepare(clips)
            : throw new ArgumentException(
                $"Metric '{Name}': expected clips of {string.Join(" or ", Tasks)}, got clips of {clips.Task}.",
                nameof(clips));
    }

    /// <summary>Its name.</summary>
    public override string ToString() => Name;
}
