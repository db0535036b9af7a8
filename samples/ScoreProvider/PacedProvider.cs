using System.Diagnostics;
using NAudio.Wave;
using SpeechML;

namespace ScoreProvider;

/// <summary>Stands for a microphone: gives a recording no sooner than it would be spoken.</summary>
internal sealed class PacedProvider(ISampleProvider recording, double speed) : ISampleProvider
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private long _given;

    public WaveFormat WaveFormat => recording.WaveFormat;

    public int Read(Span<float> buffer)
    {
        int read = recording.Read(buffer);
        _given += read / WaveFormat.Channels;
        TimeSpan early = TimeSpan.FromSeconds(_given / (WaveFormat.SampleRate * speed)) - _watch.Elapsed;
        Thread.Sleep(early > TimeSpan.Zero ? early : TimeSpan.Zero);
        return read;
    }
}

/// <summary>What the model takes; the language is what it was trained to say.</summary>
internal sealed class Window
{
    public MLAudio? Audio { get; set; }

    [Microsoft.ML.Data.ColumnName("language")]
    public string Language { get; set; } = "";
}

/// <summary>What the model says.</summary>
internal sealed class Heard
{
    public string PredictedLabel { get; set; } = "";

    public float[] Score { get; set; } = [];
}
