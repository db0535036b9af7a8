namespace SpeechML.Audio.Sources;

/// <summary>Reads no more than a limit allows, and stops when it is told to.</summary>
internal sealed class LimitedReader : AudioReader
{
    /// <summary>Samples after which cancellation is looked at.</summary>
    private const int BlockSamples = 1 << 16;

    private readonly AudioReader _reader;
    private readonly AudioLimits _limits;
    private readonly CancellationToken _cancellation;
    private long _left;

    public LimitedReader(AudioReader reader, AudioLimits limits, CancellationToken cancellation)
        : base(reader.Name)
    {
        _reader = reader;
        _limits = limits;
        _cancellation = cancellation;
        _left = limits.MaxFrames(reader.SampleRate);
        SampleRate = reader.SampleRate;
        Channels = reader.Channels;
        Frames = reader.Frames;
        Truncated = reader.Truncated;
        Complete = reader.Complete;
        if (reader.Frames > _left)
        {
            throw limits.TooLong(reader.Name);
        }
    }

    public override long? Announced => _reader.Announced;

    public override void Dispose() => _reader.Dispose();

    protected override int ReadCore(Span<float> interleaved)
    {
        _cancellation.ThrowIfCancellationRequested();
        int frames = _reader.Read(interleaved[..Math.Min(interleaved.Length, Math.Max(1, BlockSamples / Channels) *
            Channels)]);
        Truncated |= _reader.Truncated;
        _left -= frames;
        return _left >= 0 ? frames : throw _limits.TooLong(Name);
    }
}
