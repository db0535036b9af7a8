using System.Globalization;

namespace SpeechML;

/// <summary>
/// A live table of a sweep: one line per trial that ended, and (on a terminal) a last line that is written over, with
/// the trials that run. Give it to
/// <c>SetProgress</c>.
/// </summary>
public sealed class SweepTable : IProgress<SweepProgress>
{
    private readonly TextWriter _writer;
    private readonly bool _live;
    private readonly Lock _gate = new();
    private readonly SortedDictionary<int, string> _running = [];
    private bool _begun;

    /// <param name="writer">Where to: <c>Console.Out</c>, or a file.</param>
    /// <param name="live">Whether it is a terminal that understands ANSI codes: keeps a line of the running trials at
    /// the end.</param>
    public SweepTable(TextWriter writer, bool live = false)
    {
        ArgumentNullException.ThrowIfNull(writer);
        _writer = writer;
        _live = live;
    }

    /// <inheritdoc/>
    public void Report(SweepProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        SweepTrial trial = value.Trial;
        lock (_gate)
        {
            if (!_begun)
            {
                _begun = true;
                _writer.WriteLine("trial  state      value     sd        epochs  seconds  best   parameters");
            }
            if (_live)
            {
                _writer.Write("\r\u001b[K");
            }
            if (trial.State == SweepTrialState.Running)
            {
                SweepRun run = trial.Runs.LastOrDefault(r => r.Curve.Count > 0) ?? trial.Runs[0];
                _running[trial.Number] =
                    string.Create(CultureInfo.InvariantCulture,
                    $"trial {trial.Number} run {run.Index + 1}/{trial.Runs.Count} epoch " +
                    $"{run.Curve.Count}{(trial.Value is { } v ? $" {v:F4}" : "")}");
            }
            else
            {
                _running.Remove(trial.Number);
                _writer.WriteLine(Row(trial, value.Best));
            }
            if (_live)
            {
                _writer.Write(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{value.Ended} ended, {value.Elapsed.TotalSeconds:F0} " +
                    $"s{string.Concat(_running.Values.Select(r => " | " + r))}"));
            }
            _writer.Flush();
        }
    }

    private static string Row(SweepTrial trial, SweepTrial? best)
    {
        string value = trial.Value?.ToString("F4", CultureInfo.InvariantCulture) ?? "-";
        string deviation = trial.StandardDeviation?.ToString("F4", CultureInfo.InvariantCulture) ?? "-";
        string error = trial.Error is null ? "" : $"  {trial.Error.ReplaceLineEndings(" ")}";
        return string.Create(CultureInfo.InvariantCulture,
            $"{trial.Number,5}  {trial.State,-9}  {value,-8}  {deviation,-8}  {trial.Epochs,6}  {trial.Seconds,7:F1} " +
            $" " +
            $"{(best?.Number == trial.Number ? "*" : best?.Number.ToString(CultureInfo.InvariantCulture) ?? "-"),-5} " +
            $" {trial.ParameterText}{error}");
    }
}
