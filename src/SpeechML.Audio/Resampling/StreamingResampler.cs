using SpeechML.Audio.Measures;

namespace SpeechML.Audio.Resampling;

/// <summary>
/// Resamples while a file is read: holds the result, one block of the file, and the inputs that the next outputs still
/// need.
/// </summary>
internal static class StreamingResampler
{
    /// <summary>
    /// Reads a file to its end, takes the mean of its channels and resamples it; the outputs are those of
    /// <see cref="Resampler.Resample"/>.
    /// </summary>
    /// <param name="reader">The file.</param>
    /// <param name="sampleRate">The rate of the result (Hz).</param>
    /// <param name="options">How to resample.</param>
    /// <param name="channel">The channel, from 0; null for the mean.</param>
    /// <param name="meter">Measures the channels where their mean is taken.</param>
    public static float[] ReadMono(
        AudioReader reader, int sampleRate, ResamplingOptions options, int? channel = null, ChannelMeter? meter = null)
    {
        AudioFile.CheckChannel(reader, channel);
        var kernel = ResamplingKernel.Get(reader.SampleRate, sampleRate, options);
        // Beyond the furthest input that an output can need, as seen from its own place.
        long reach = (long)Math.Ceiling(kernel.Reach) + 1 + kernel.TapCount;
        float[] block = AudioFile.Block(reader);
        float[] window = new float[block.Length / reader.Channels];
        float[] output = new float[reader.Frames is { } frames ? Length(reader, frames, sampleRate) : window.Length];
        long firstInput = 0, written = 0, inputs = 0;
        int held = 0;
        while (true)
        {
            int count = reader.Read(block);
            if (count > 0)
            {
                if (held + count > window.Length)
                {
                    Array.Resize(ref window, held + count);
                }
                ReadOnlySpan<float> interleaved = block.AsSpan(0, count * reader.Channels);
                Span<float> mono = window.AsSpan(held, count);
                AudioFile.ToMono(interleaved, reader.Channels, channel, mono);
                meter?.Add(interleaved, mono);
                held += count;
                inputs += count;
            }
            long ready = count == 0
                ? Length(reader, inputs, sampleRate)
                : (long)((Int128)Math.Max(0, inputs - reach) * kernel.To / kernel.From);
            if (ready > output.Length)
            {
                Array.Resize(ref output, (int)Math.Min(Array.MaxLength, Math.Max(ready, 2L * output.Length)));
            }
            if (ready > written)
            {
                Span<float> made = output.AsSpan((int)written, (int)(ready - written));
                Resampler.Compute(kernel, window.AsSpan(0, held), firstInput, made, written);
                int bad = FiniteSamples.IndexOfOther(made);
                if (bad >= 0)
                {
                    throw new AudioException(AudioErrorKind.NonFiniteSample, reader.Name,
                        Resampler.OutOfRange(written + bad, reader.SampleRate, sampleRate));
                }
                written = ready;
            }
            if (count == 0)
            {
                break;
            }
            long needed = Math.Max(firstInput, (long)((Int128)written * kernel.From / kernel.To) - reach);
            int drop = (int)Math.Min(held, needed - firstInput);
            window.AsSpan(drop, held - drop).CopyTo(window);
            held -= drop;
            firstInput += drop;
        }
        if (written == 0)
        {
            throw new AudioException(
                AudioErrorKind.EmptyAudio, reader.Name, "expected at least one frame of samples, got none.");
        }
        Array.Resize(ref output, (int)written);
        return output;
    }

    private static long Length(AudioReader reader, long frames, int sampleRate)
    {
        long length = Resampler.OutputLength(frames, reader.SampleRate, sampleRate);
        return length <= Array.MaxLength
            ? length
            : throw new AudioException(
                AudioErrorKind.TooLong, reader.Name,
                $"expected at most {Array.MaxLength} frames at {sampleRate} Hz, got {length}.");
    }
}
