using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using SpeechML.Audio;

namespace SpeechML.Data.Checking;

/// <summary>What is kept of a recording that was looked at; of one that cannot be read, the problem.</summary>
internal sealed record ClipMetadata(string Key, string Part)
{
    public int SampleRate { get; init; }

    public long Frames { get; init; }

    public bool Truncated { get; init; }

    /// <summary>Whether all samples are the same.</summary>
    public bool Silent { get; init; }

    /// <summary>Half of the SHA-256 over channel count and samples.</summary>
    public UInt128 Hash { get; init; }

    public SpeechDataProblem? Problem { get; init; }

    public string Message { get; init; } = "";

    public TimeSpan Duration => SampleRate == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds((double)Frames / SampleRate);

    /// <summary>Decodes a recording block by block: memory does not grow with its length.</summary>
    /// <param name="key">The clip.</param>
    /// <param name="part">Its part of the data.</param>
    /// <param name="open">Opens its file.</param>
    /// <param name="cancellation">Ends it.</param>
    public static ClipMetadata Read(string key, string part, Func<AudioReader> open, CancellationToken cancellation)
    {
        var facts = new ClipMetadata(key, part);
        try
        {
            using AudioReader reader = open();
            return facts.Decode(reader, cancellation);
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

    private ClipMetadata Decode(AudioReader reader, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> channels = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(channels, reader.Channels);
        hash.AppendData(channels);
        float[] block = AudioFile.Block(reader);
        float[] mono = new float[block.Length / reader.Channels];
        long frames = 0;
        float first = 0;
        bool silent = true;
        for (int count; (count = reader.Read(block)) > 0; frames += count)
        {
            cancellation.ThrowIfCancellationRequested();
            Span<float> samples = block.AsSpan(0, count * reader.Channels);
            hash.AppendData(MemoryMarshal.AsBytes(samples));
            AudioFile.MeanOfChannels(samples, reader.Channels, mono.AsSpan(0, count));
            first = frames == 0 ? mono[0] : first;
            silent = silent && !mono.AsSpan(0, count).ContainsAnyExcept(first);
        }
        if (frames == 0)
        {
            return this with
            {
                Problem = SpeechDataProblem.Empty,
                Message = $"'{reader.Name}': expected at least one frame of samples, got none."
            };
        }
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(digest);
        return this with
        {
            SampleRate = reader.SampleRate,
            Frames = frames,
            Truncated = reader.Truncated,
            Silent = silent,
            Hash = BinaryPrimitives.ReadUInt128LittleEndian(digest),
        };
    }
}
