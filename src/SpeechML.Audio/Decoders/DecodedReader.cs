namespace SpeechML.Audio.Decoders;

/// <summary>Reads what a registered decoder made of a file.</summary>
internal sealed class DecodedReader : AudioReader
{
    private readonly AudioReader _reader;

    public DecodedReader(AudioReader reader, bool truncated)
        : base(reader.Name)
    {
        _reader = reader;
        SampleRate = reader.SampleRate;
        Channels = reader.Channels;
        Frames = reader.Frames;
        Truncated = truncated || reader.Truncated;
        Complete = "a whole recording";
    }

    public override long? Announced => _reader.Announced;

    public override void Dispose() => _reader.Dispose();

    protected override int ReadCore(Span<float> interleaved)
    {
        int frames = _reader.Read(interleaved);
        Truncated |= _reader.Truncated;
        return frames;
    }
}
