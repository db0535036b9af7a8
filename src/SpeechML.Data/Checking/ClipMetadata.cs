using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using SpeechML.Audio;
using SpeechML.Audio.Measures;
using SpeechML.Audio.Measures.Signals;

namespace SpeechML.Data.Checking;

/// <summary>What is kept of a recording that was looked at; of one that cannot be read, the problem.</summary>
internal sealed record ClipMetadata(string Key, string Part)
{
    public int SampleRate { get; init; }

    public long Frames { get; init; }

    public bool Truncated { get; init; }

    /// <summary>What a file of the format has that is not cut off.</summary>
    public string Complete { get; init; } = "";

    /// <summary>Whether all samples are the same.</summary>
    public bool Silent { get; init; }

    /// <summary>The number of channels.</summary>
    public int Channels { get; init; }

    /// <summary>By how many decibels the mean of the channels lies below them where they cancel.</summary>
    public double? Cancelled { get; init; }

    /// <summary>The levels of what is loaded.</summary>
    public LevelMeter Level { get; init; } = new();

    /// <summary>What would make measures of its voice lie; empty where that was not looked at.</summary>
    public IReadOnlyList<(SpeechDataProblem Problem, string Message)> Voice { get; init; } = [];

    /// <summary>Its acoustic measures; <see langword="null"/> where they were not asked for.</summary>
    public float[]? Measures { get; init; }

    /// <summary>Half of the SHA-256 over channel count and samples.</summary>
    public UInt128 Hash { get; init; }

    public SpeechDataProblem? Problem { get; init; }

    public string Message { get; init; } = "";

    public TimeSpan Duration => SampleRate == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds((double)Frames / SampleRate);

    /// <summary>Decodes a recording block by block: memory does not grow with its length.</summary>
    /// <param name="key">The clip.</param>
    /// <param name="part">Its part of the data.</param>
    /// <param name="open">Opens its file.</param>
    /// <param name="channel">The channel that is loaded; null for the mean of all.</param>
    /// <param name="measuresVoice">Whether the voice is looked at, in the first minute.</param>
    /// <param name="cancellation">Ends it.</param>
    public static ClipMetadata Read(string key, string part, Func<AudioReader> open, int? channel, bool measuresVoice,
        CancellationToken cancellation)
    {
        var facts = new ClipMetadata(key, part);
        try
        {
            using AudioReader reader = open();
            return facts.Decode(reader, channel, measuresVoice, cancellation);
        }
        catch (AudioException e)
        {
            SpeechDataProblem problem = e.Kind switch
            {
                AudioErrorKind.NotFound => SpeechDataProblem.MissingFile,
                AudioErrorKind.EmptyAudio or AudioErrorKind.EmptyFile => SpeechDataProblem.Empty,
                _ => SpeechDataProblem.Unreadable,
            };
            return facts with { Problem = problem, Message = e.Message };
        }
        catch (Exception e) when (e is ArgumentException or IOException or UnauthorizedAccessException)
        {
            return facts with { Problem = SpeechDataProblem.Unreadable, Message = $"'{key}': {e.Message}" };
        }
    }

    private ClipMetadata Decode(
        AudioReader reader, int? channel, bool measuresVoice, CancellationToken cancellation)
    {
        AudioFile.CheckChannel(reader, channel);
        var meter = new ChannelMeter(reader.Channels);
        var level = new LevelMeter();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> channels = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(channels, reader.Channels);
        hash.AppendData(channels);
        float[] block = AudioFile.Block(reader);
        float[] mono = new float[block.Length / reader.Channels];
        long frames = 0;
        int measured = measuresVoice ? (int)Math.Min(1 << 24, VoiceCheck.Seconds * (long)reader.SampleRate) : 0;
        var voice = new List<float>();
        for (int count; (count = reader.Read(block)) > 0; frames += count)
        {
            cancellation.ThrowIfCancellationRequested();
            Span<float> samples = block.AsSpan(0, count * reader.Channels);
            hash.AppendData(MemoryMarshal.AsBytes(samples));
            AudioFile.ToMono(samples, reader.Channels, channel, mono.AsSpan(0, count));
            level.Add(mono.AsSpan(0, count));
            voice.AddRange(mono.AsSpan(0, Math.Min(count, measured - voice.Count)));
            if (channel is null && reader.Channels > 1)
            {
                meter.Add(samples, mono.AsSpan(0, count));
            }
        }
        if (frames == 0)
        {
            return this with
            {
                Problem = SpeechDataProblem.Empty,
                Message = $"'{reader.Name}': expected at least one frame of samples, got none."
            };
        }
        var kept = MLAudio.Wrap([.. voice], reader.SampleRate);
        VoiceAnalysis? analysis = measuresVoice
            ? VoiceAnalyzer.Analyze(new SampleSignal(kept), new VoiceMeasureOptions(), vectorOnly: true) : null;
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(digest);
        return this with
        {
            SampleRate = reader.SampleRate,
            Frames = frames,
            Truncated = reader.Truncated,
            Complete = reader.Complete,
            Silent = level.Amplitude == 0,
            Channels = reader.Channels,
            Cancelled = meter.Cancelled(),
            Level = level,
            Voice = analysis is null ? [] : [.. VoiceCheck.Of(Key, kept, analysis)],
            Measures = analysis is null ? null : [.. analysis.ToVector().Select(v => (float)v)],
            Hash = BinaryPrimitives.ReadUInt128LittleEndian(digest),
        };
    }
}
