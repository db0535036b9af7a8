using System.Globalization;
using System.Text;

namespace SpeechML;

/// <summary>A run that is compared with others.</summary>
/// <param name="Name">The folder's name, with the folder above it where two have the same.</param>
/// <param name="Folder">The run's folder.</param>
/// <param name="Evaluation">How it did on the part that is compared.</param>
/// <param name="Epochs">Its log.</param>
public sealed record SpeechComparedRun(
    string Name, string Folder, RunEvaluation Evaluation, IReadOnlyList<RunEpoch> Epochs);

/// <summary>A setting in which runs differ.</summary>
/// <param name="Name">As in <c>train_config.json</c>: <c>lora.rank</c>.</param>
/// <param name="Values">Its value in each run, in their order; empty where a run has none.</param>
public sealed record SpeechRunSetting(string Name, IReadOnlyList<string> Values);

/// <summary>
/// A run against the first of a comparison in one metric, on the clips that both have, paired: both are evaluated on
/// the same resamples of subjects.
/// </summary>
/// <param name="Run">The run.</param>
/// <param name="Metric">The metric; of several labels its mean over them.</param>
/// <param name="Difference">The run minus the first one.</param>
/// <param name="AdjustedPValue">
/// The p-value corrected for as many runs as there are (Holm 1979); <see langword="null"/> where there is none.
/// </param>
public sealed record SpeechRunDifference(
    string Run, SpeechMetric Metric, MetricDifference Difference, double? AdjustedPValue);

/// <summary>Runs beside one another: figures with intervals, paired tests against the first one, settings.</summary>
public sealed class SpeechRunComparison
{
    internal SpeechRunComparison(
        string split, IReadOnlyList<SpeechComparedRun> runs, IReadOnlyList<SpeechRunDifference> differences,
        IReadOnlyList<SpeechRunSetting> settings, IReadOnlyDictionary<string, int> commonClips, string? untested)
    {
        (Split, Runs, Differences, Settings, CommonClips, Untested) =
            (split, runs, differences, settings, commonClips, untested);
    }

    /// <summary>The part of the data.</summary>
    public string Split { get; }

    /// <summary>What was learned.</summary>
    public SpeechTask Task => Runs[0].Evaluation.Task;

    /// <summary>The runs, in the order given; the first is what the others are compared with.</summary>
    public IReadOnlyList<SpeechComparedRun> Runs { get; }

    /// <summary>Each run but the first in each metric.</summary>
    public IReadOnlyList<SpeechRunDifference> Differences { get; }

    /// <summary>The settings in which the runs differ.</summary>
    public IReadOnlyList<SpeechRunSetting> Settings { get; }

    /// <summary>By the name of each run but the first: clips that it has in common with the first.</summary>
    public IReadOnlyDictionary<string, int> CommonClips { get; }

    /// <summary>Why there are no intervals and no p-values; <see langword="null"/> where there are.</summary>
    public string? Untested { get; }

    /// <summary>A table of the metrics, and one of the differences.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{Runs.Count} runs on part '{Split}'");
        foreach (SpeechComparedRun run in Runs)
        {
            text.AppendLine(CultureInfo.InvariantCulture,
                $"{run.Name}: {run.Evaluation.Rows} clips of {run.Evaluation.Subjects} subjects");
            foreach ((string name, RunFigure figure) in run.Evaluation.Figures)
            {
                string interval = figure.Interval is { Low.Value: { } low, High.Value: { } high }
                    ? FormattableString.Invariant($" [{low:F4}, {high:F4}]") : "";
                text.AppendLine(CultureInfo.InvariantCulture,
                    $"  {SpeechMetrics.Find(name)?.DisplayName ?? name,-42}{figure.Value,8:F4}{interval}");
            }
        }
        foreach (IGrouping<string, SpeechRunDifference> run in Differences.GroupBy(d => d.Run))
        {
            text.AppendLine(CultureInfo.InvariantCulture,
                $"{run.Key} minus {Runs[0].Name}, on {CommonClips[run.Key]} clips");
            foreach (SpeechRunDifference difference in run)
            {
                string adjusted = difference.AdjustedPValue is { } p && Runs.Count > 2
                    ? FormattableString.Invariant($" (adjusted {p:F4})") : "";
                text.AppendLine(
                    CultureInfo.InvariantCulture,
                    $"  {difference.Metric.DisplayName,-42}{difference.Difference}{adjusted}");
            }
        }
        return text.Append(Untested is null ? "" : $"No intervals: {Untested}.\n").ToString();
    }
}
