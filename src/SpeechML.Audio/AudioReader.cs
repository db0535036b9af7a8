
namespace SpeechML.Audio;

/// <summary>An open audio file that delivers its frames from first to last, block by block.</summary>
internal abstract class AudioReader(string name) : IDisposable
{
    /// <summary>As libsndfile: more channels are a damaged header rather than a recording.</summary>
    public const int MaxChannels = 1024;

    private long _framesRead;

    /// <summary>The file's name, for messages.</summary>
    public string Name { get; } = name;

    /// <summary>Frames per second.</summary>
    public int SampleRate { get; protected init; }

    /// <summary>Samples per frame.</summary>
    public int Channels { get; protected init; }

    /// <summary>The number of frames that the file's own bytes hold; null where only reading on tells.</summary>
    public long? Frames { get; protected init; }

    /// <summary>
    /// The number of frames that the file says it has, which a damaged one may not hold; <see langword="null"/> where
    /// nothing says so.
    /// </summary>
    public virtual long? Announced => Frames;

    /// <summary>
    /// Whether the header promises more than the file holds, or the stream has no end. Known for certain once
    /// everything was read.
    /// </summary>
    public bool Truncated { get; protected set; }

    /// <summary>What a file of the format has that is not cut off, for messages.</summary>
    public string Complete { get; protected init; } = "as many samples as its header says";

    /// <summary>Whether the format can hold NaN and infinities at all.</summary>
    protected bool MayHoldNonFinite { get; init; }

    /// <summary>Reads the next frames.</summary>
    /// <param name="interleaved">Receives whole frames, samples in [-1, 1] for integer formats.</param>
    /// <returns>The number of frames; 0 at the end.</returns>
    /// <exception cref="AudioException">The stream is damaged or holds a non-finite sample.</exception>
    public int Read(Span<float> interleaved)
    {
        int frames = ReadCore(interleaved[..(interleaved.Length / Channels * Channels)]);
        if (MayHoldNonFinite)
        {
            CheckFinite(interleaved[..(frames * Channels)]);
        }
        _framesRead += frames;
        return frames;
    }

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>
    /// Reads as <see cref="Read"/> does, without looking at the values; the span has room for whole frames.
    /// </summary>
    protected abstract int ReadCore(Span<float> interleaved);

    private void CheckFinite(ReadOnlySpan<float> samples)
    {
        int i = FiniteSamples.IndexOfOther(samples);
        if (i >= 0)
        {
            long frame = _framesRead + (i / Channels);
            int channel = i % Channels;
            throw new AudioException(AudioErrorKind.NonFiniteSample, Name,
                $"frame {frame}, channel {channel}: expected a finite sample, got " +
                $"{samples[i].ToString(System.Globalization.CultureInfo.InvariantCulture)}.")
            {
                Frame = frame,
                Channel = channel,
            };
        }
    }
}
