namespace SpeechML.Audio.Sources;

/// <summary>Records from a provider.</summary>
internal static class Recording
{
    /// <summary>Frames that are asked for at a time: few, so that cancellation is seen soon.</summary>
    private const int BlockFrames = 1 << 12;

    /// <summary>Reads a provider to a limit or to its end, whichever comes first.</summary>
    public static MLAudio Take(AudioReader reader, TimeSpan? limit, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit ?? TimeSpan.Zero, TimeSpan.Zero, nameof(limit));
        long most = limit is { } time ? (long)((Int128)time.Ticks * reader.SampleRate / TimeSpan.TicksPerSecond)
            : AudioLimits.Default.MaxFrames(reader.SampleRate);
        float[] mono = new float[Math.Min(most, BlockFrames)];
        float[] block = reader.Channels == 1 ? [] : new float[mono.Length * reader.Channels];
        int count = 0;
        while (count < most)
        {
            cancellation.ThrowIfCancellationRequested();
            if (count == mono.Length)
            {
                Array.Resize(ref mono, (int)Math.Min(Math.Min(most, Array.MaxLength), 2L * count));
            }
            int wanted = Math.Min(BlockFrames, mono.Length - count);
            int frames = wanted == 0 ? throw AudioLimits.Default.TooLong(reader.Name)
                : Read(reader, block, mono.AsSpan(count, wanted));
            if (frames == 0)
            {
                break;
            }
            count += frames;
        }
        if (limit is null && count == most && Read(reader, new float[reader.Channels], new float[1]) > 0)
        {
            throw new AudioException(AudioErrorKind.TooLong, reader.Name,
                $"expected its end within {AudioLimits.Default.MaxDuration.TotalHours} hour, got more. Give a limit.");
        }
        Array.Resize(ref mono, count);
        return MLAudio.Wrap(mono, reader.SampleRate);
    }

    private static int Read(AudioReader reader, float[] block, Span<float> mono)
    {
        if (reader.Channels == 1)
        {
            return reader.Read(mono);
        }
        int frames = reader.Read(block.AsSpan(0, Math.Min(block.Length, mono.Length * reader.Channels)));
        AudioFile.MeanOfChannels(block.AsSpan(0, frames * reader.Channels), reader.Channels, mono[..frames]);
        return frames;
    }
}
