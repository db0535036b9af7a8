using System.Runtime.InteropServices;
using NAudio.Wave;

namespace SpeechML.Audio.Sources;

/// <summary>Writes WAV files by NAudio's writer; how a sample becomes an integer is decided here.</summary>
internal static class WavFile
{
    private const int BlockSamples = 1 << 14;

    /// <summary>Writes mono samples to a stream that can seek.</summary>
    public static void Write(Stream stream, ReadOnlySpan<float> samples, int sampleRate, WavEncoding encoding)
    {
        WaveFormat format = encoding == WavEncoding.Pcm16 ? new WaveFormat(sampleRate, 16, 1)
            : WaveFormat.CreateIeeeFloatWaveFormat(sampleRate, 1);
        long bytes = (long)samples.Length * format.BlockAlign;
        const int HeaderSize = 58; // of the longer header
        if (bytes > uint.MaxValue - HeaderSize)
        {
            throw new AudioException(AudioErrorKind.TooLong, "audio",
                $"expected at most {uint.MaxValue - HeaderSize} bytes of samples in a WAV file, got {bytes}. Write " +
                "parts (MLAudio.Truncate).");
        }
        // Leaves the stream open: it belongs to the caller.
        using var writer = new WaveFileWriter(stream, format);
        if (encoding == WavEncoding.FloatingPoint)
        {
            writer.Write(MemoryMarshal.AsBytes(samples));
            return;
        }
        short[] block = new short[Math.Min(BlockSamples, samples.Length)];
        for (int at = 0; at < samples.Length; at += block.Length)
        {
            ReadOnlySpan<float> part = samples.Slice(at, Math.Min(block.Length, samples.Length - at));
            for (int i = 0; i < part.Length; i++)
            {
                block[i] = (short)Math.Clamp(MathF.Round(part[i] * 32768), short.MinValue, short.MaxValue);
            }
            writer.Write(MemoryMarshal.AsBytes(block.AsSpan(0, part.Length)));
        }
    }
}
