using System.Text;
using SpeechML.Data.Metadata;

namespace SpeechML.Sweeps.Analysis;

/// <summary>Trials as CSV (RFC 4180), numbers so that they can be read back.</summary>
internal static class SweepCsv
{
    public static string Format(SpeechMetric metric, IReadOnlyList<SweepTrial> trials)
    {
        string[] parameters = [.. trials.SelectMany(t => t.Parameters.Keys).Distinct().Order(StringComparer.Ordinal)];
        var text = new StringBuilder();
        AppendLine(text, ["trial", "state", metric.ToString(), "standard_deviation", "runs", "epochs", "best_epoch",
            "seconds", "peak_memory_bytes", .. parameters, "error"]);
        foreach (SweepTrial trial in trials)
        {
            AppendLine(
                text,
                [
                    trial.Number,
                    trial.State,
                    trial.Value,
                    trial.StandardDeviation,
                    trial.Runs.Count(r => r.Value is not null),
                    trial.Epochs,
                    trial.Runs[0].Curve is [.., var last] ? last.BestEpoch : null,
                    Math.Round(trial.Seconds, 3),
                    trial.PeakMemory,
                    .. parameters.Select(p => trial.Parameters.GetValueOrDefault(p)),
                    trial.Error,
                ]);
        }
        return text.ToString();
    }

    private static void AppendLine(StringBuilder text, IEnumerable<object?> cells) =>
        text.Append(CsvFile.Line(cells)).Append('\n');
}
