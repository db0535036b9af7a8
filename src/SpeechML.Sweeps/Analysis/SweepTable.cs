using System.Globalization;

namespace SpeechML;

/// <summary>
/// A live table of a sweep: one line per trial that ended, and (on a terminal) a last line that is written over, with
/// the trials that run. Where a study goes on, the trials that ended before come first. The third column is the
/// metric, by its name (<c>value</c> where the table is fed by hand). In the column <c>best</c>
/// <c>*</c> marks the best trial so far; beside another stands the number of the best. Give it to <c>SetProgress</c>.
/// </summary>
public sealed class SweepTable : IProgress<SweepProgress>
{
    private const int ValueWidth = 8;

    private readonly TextWriter _writer;
    private readonly bool _live;
    private readonly Lock _gate = new();
    private readonly SortedDictionary<int, string> _running = [];
    private bool _begun;
    private int? _max;
    private string _metric = "value";

    /// <param name="writer">Where to: <c>Console.Out</c>, or a file.</param>
    /// <param name="live">Whether it is a terminal that understands ANSI codes: keeps a line of the running trials at
    /// the end.</param>
    public SweepTable(TextWriter writer, bool live = false)
    {
        ArgumentNullException.ThrowIfNull(writer);
        _writer = writer;
        _live = live;
    }

    /// <summary>Columns of the terminal, which the line that is written over is cut to. The default is 100.</summary>
    public int Width { get; init; } = 100;

    /// <inheritdoc/>
    public void Report(SweepProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        SweepTrial trial = value.Trial;
        lock (_gate)
        {
            WriteHeader();
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
                string line = string.Create(CultureInfo.InvariantCulture,
                    $"{value.Ended}{(_max is { } max ? $" of {max}" : "")} ended, {value.Elapsed.TotalSeconds:F0} " +
                    $"s{string.Concat(_running.Values.Select(r => " | " + r))}");
                _writer.Write(line.Length < Width ? line : line[..Math.Max(0, Width - 1)]);
            }
            _writer.Flush();
        }
    }

    /// <summary>Writes the trials that ended before this process, where there are some.</summary>
    /// <param name="trials">All trials of the study, by number.</param>
    /// <param name="best">The best of them.</param>
    /// <param name="max">Trials in all; <see langword="null"/> where that is not known.</param>
    /// <param name="metric">What trials are compared by.</param>
    internal void Begin(IReadOnlyList<SweepTrial> trials, SweepTrial? best, int? max, SpeechMetric metric)
    {
        lock (_gate)
        {
            (_max, _metric) = (max, metric.Name);
            SweepTrial[] ended = [.. trials.Where(t => t.State != SweepTrialState.Running)];
            if (ended.Length == 0)
            {
                return;
            }
            WriteHeader();
            foreach (SweepTrial trial in ended)
            {
                _writer.WriteLine(Row(trial, best));
            }
            _writer.WriteLine(
                $"{ended.Length}{(max is { } all ? $" of {all}" : "")} trials ended before; the study goes on");
            _writer.Flush();
        }
    }

    private void WriteHeader()
    {
        if (!_begun)
        {
            _begun = true;
            _writer.WriteLine($"trial  state      {Value(_metric)}  sd        epochs  seconds  best   parameters");
        }
    }

    /// <summary>A value, as wide as the title of its column.</summary>
    private string Value(string text) => text.PadRight(Math.Max(ValueWidth, _metric.Length));

    private string Row(SweepTrial trial, SweepTrial? best)
    {
        string value = trial.Value?.ToString("F4", CultureInfo.InvariantCulture) ?? "-";
        string deviation = trial.StandardDeviation?.ToString("F4", CultureInfo.InvariantCulture) ?? "-";
        string mark = best?.Number == trial.Number ? "*"
            : best?.Number.ToString(CultureInfo.InvariantCulture) ?? "-";
        string error = trial.Error is null ? "" : $"  {trial.Error.ReplaceLineEndings(" ")}";
        return string.Create(CultureInfo.InvariantCulture,
            $"{trial.Number,5}  {trial.State,-9}  {Value(value)}  {deviation,-8}  {trial.Epochs,6}  " +
            $"{trial.Seconds,7:F1}  {mark,-5}  {trial.ParameterText}{error}");
    }
}
