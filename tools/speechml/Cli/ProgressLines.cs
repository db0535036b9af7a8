using System.Diagnostics;
using System.Globalization;

namespace SpeechML.Tool.Cli;

/// <summary>Progress as plain lines, one in ten seconds at most and one at the end.</summary>
/// <param name="writer">Where to.</param>
/// <param name="what">What is done.</param>
/// <param name="unit">What is counted.</param>
/// <param name="total">How many there are; <see langword="null"/> where that is not known.</param>
internal sealed class ProgressLines(TextWriter writer, string what, string unit, long? total) : IDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(10);
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private TimeSpan _written;
    private long _first = -1;
    private long _done;

    public void Report(long done)
    {
        _first = _first < 0 ? done : _first; // what an earlier process did is no pace of this one
        _done = done;
        if (_clock.Elapsed - _written >= s_pause)
        {
            _written = _clock.Elapsed;
            writer.WriteLine(Line());
        }
    }

    public void Dispose() => writer.WriteLine(Line());

    private string Line()
    {
        double pace = (_done - Math.Max(0, _first)) / _clock.Elapsed.TotalSeconds;
        // What is told once, at its end, has no pace.
        string rate = pace > 0 ? string.Create(CultureInfo.InvariantCulture, $", {pace:F1} {unit}/s") : "";
        string of = total is { } all ? $" of {all}" : "";
        string left = total is { } known && known > _done && pace > 0
            ? $", {TimeSpan.FromSeconds((known - _done) / pace):h\\:mm\\:ss} left" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{what}: {_done}{of} {unit}{rate}{left}");
    }
}
