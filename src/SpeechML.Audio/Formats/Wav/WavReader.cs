namespace SpeechML.Audio.Formats.Wav;

/// <summary>Reads the samples of a WAV file through the codec of its format.</summary>
internal sealed class WavReader : AudioReader
{
    private const int LargestRead = 1 << 16;

    private readonly Stream _stream;
    private readonly bool _leaveOpen;
    private readonly WavCodec _codec;
    private readonly byte[] _bytes;
    private long _framesLeft;

    public WavReader(WavLayout layout, WavFormat format, Stream stream, string name, bool leaveOpen)
        : base(name)
    {
        _codec = WavCodec.ForFormat(format, name);
        _framesLeft = layout.Blocks(_codec.BytesPerFrame, name);
        _stream = stream;
        _leaveOpen = leaveOpen;
        stream.Position = layout.DataPosition;
        SampleRate = format.SampleRate;
        Channels = format.Channels;
        Frames = _framesLeft;
        Truncated = layout.Truncated;
        MayHoldNonFinite = _codec.MayHoldNonFinite;
        _bytes = new byte[Math.Min(_framesLeft, Math.Max(1, LargestRead / _codec.BytesPerFrame)) *
            _codec.BytesPerFrame];
    }

    public override void Dispose()
    {
        if (!_leaveOpen)
        {
            _stream.Dispose();
        }
    }

    protected override int ReadCore(Span<float> interleaved)
    {
        int wanted = (int)Math.Min(interleaved.Length / Channels, _framesLeft);
        for (int written = 0; written < wanted;)
        {
            int frames = Math.Min(wanted - written, _bytes.Length / _codec.BytesPerFrame);
            _codec.Decode(ReadFrames(frames), interleaved.Slice(written * Channels, frames * Channels));
            written += frames;
        }
        return wanted;
    }

    private ReadOnlySpan<byte> ReadFrames(int frames)
    {
        Span<byte> bytes = _bytes.AsSpan(0, frames * _codec.BytesPerFrame);
        try
        {
            _stream.ReadExactly(bytes);
        }
        catch (EndOfStreamException e)
        {
            throw new AudioException(
                AudioErrorKind.Unreadable, Name,
                "expected the file to keep its length while it is read, got its end too early.", e);
        }
        catch (IOException e)
        {
            throw new AudioException(AudioErrorKind.Unreadable, Name, $"expected a readable file, got: {e.Message}", e);
        }
        _framesLeft -= frames;
        return bytes;
    }
}
