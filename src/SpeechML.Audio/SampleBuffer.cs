namespace SpeechML.Audio;

/// <summary>
/// The samples of one channel while they are read: of the exact size where the file's bytes tell it, else growing.
/// </summary>
internal sealed class SampleBuffer
{
    /// <summary>Of all channels together: a small file may say that it has many.</summary>
    private const int FirstSize = 1 << 14, LeastSize = 1 << 8;

    private readonly AudioReader _reader;
    private float[] _samples;
    private int _count;

    public SampleBuffer(AudioReader reader)
    {
        _reader = reader;
        long size = reader.Frames ?? Math.Max(LeastSize, FirstSize / reader.Channels);
        Check(size);
        _samples = new float[size];
    }

    /// <summary>Room for the next samples.</summary>
    public Span<float> Append(int count)
    {
        Reserve(count);
        _count += count;
        return _samples.AsSpan(_count - count, count);
    }

    /// <summary>Reads a mono file to its end straight into the buffer.</summary>
    public void ReadFrom(AudioReader reader)
    {
        while (true)
        {
            if (_count == _samples.Length)
            {
                if (reader.Frames is not null)
                {
                    return;
                }
                Reserve(1);
            }
            int frames = reader.Read(_samples.AsSpan(_count));
            if (frames == 0)
            {
                return;
            }
            _count += frames;
        }
    }

    /// <summary>All samples that were read.</summary>
    /// <exception cref="AudioException">There are none.</exception>
    public float[] Finish()
    {
        if (_count == 0)
        {
            throw new AudioException(
                AudioErrorKind.EmptyAudio, _reader.Name, "expected at least one frame of samples, got none.");
        }
        Array.Resize(ref _samples, _count);
        return _samples;
    }

    private void Reserve(int count)
    {
        long needed = (long)_count + count;
        if (needed > _samples.Length)
        {
            Check(needed);
            Array.Resize(ref _samples, (int)Math.Min(Array.MaxLength, Math.Max(needed, 2L * _samples.Length)));
        }
    }

    private void Check(long frames)
    {
        if (frames > Array.MaxLength)
        {
            throw new AudioException(
                AudioErrorKind.TooLong, _reader.Name, $"expected at most {Array.MaxLength} frames, got {frames}.");
        }
    }
}
