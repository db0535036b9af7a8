namespace SpeechML.Audio.Formats.Wav;

/// <summary>Reads the samples of a WAV file through the codec of its format.</summary>
internal sealed class WavReader : AudioReader
{
    private const int LargestRead = 1 << 16;

    private readonly Stream _stream;
    private readonly bool _leaveOpen;
    private readonly WavCodec _codec;
    private readonly byte[] _bytes;
    private readonly float[] _decoded;
    private long _blocksLeft;
    private int _decodedFrom;
    private int _decodedTo;

    public WavReader(WavLayout layout, WavFormat format, Stream stream, string name, bool leaveOpen)
        : base(name)
    {
        _codec = WavCodec.ForFormat(format, name);
        _blocksLeft = layout.DataLength / _codec.BytesPerBlock;
        if (_blocksLeft == 0)
        {
            throw new AudioException(
                AudioErrorKind.EmptyAudio, name,
                $"expected at least one block of {_codec.BytesPerBlock} bytes of samples, got {layout.DataLength} " +
                $"bytes.");
        }
        _stream = stream;
        _leaveOpen = leaveOpen;
        stream.Position = layout.DataPosition;
        SampleRate = format.SampleRate;
        Channels = format.Channels;
        Frames = _blocksLeft * _codec.FramesPerBlock;
        Truncated = layout.Truncated;
        MayHoldNonFinite = _codec.MayHoldNonFinite;
        _bytes = new byte[Math.Min(_blocksLeft, Math.Max(1, LargestRead / _codec.BytesPerBlock)) *
            _codec.BytesPerBlock];
        _decoded = _codec.FramesPerBlock == 1 ? [] : new float[_codec.FramesPerBlock * Channels];
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
        int samplesPerBlock = _codec.FramesPerBlock * Channels;
        int written = 0;
        while (written < interleaved.Length)
        {
            Span<float> room = interleaved[written..];
            if (_decodedFrom < _decodedTo)
            {
                int count = Math.Min(room.Length, _decodedTo - _decodedFrom);
                _decoded.AsSpan(_decodedFrom, count).CopyTo(room);
                _decodedFrom += count;
                written += count;
                continue;
            }
            int blocks = (int)Math.Min(
                _blocksLeft, Math.Min(_bytes.Length / _codec.BytesPerBlock,
                Math.Max(1, room.Length / samplesPerBlock)));
            if (blocks == 0)
            {
                break;
            }
            ReadBlocks(blocks);
            ReadOnlySpan<byte> bytes = _bytes.AsSpan(0, blocks * _codec.BytesPerBlock);
            if (room.Length >= samplesPerBlock)
            {
                _codec.Decode(bytes, room[..(blocks * samplesPerBlock)], Name);
                written += blocks * samplesPerBlock;
            }
            else
            {
                // less room than one block: keep the rest for the next call
                _codec.Decode(bytes, _decoded, Name);
                (_decodedFrom, _decodedTo) = (0, samplesPerBlock);
            }
        }
        return written / Channels;
    }

    private void ReadBlocks(int blocks)
    {
        Span<byte> bytes = _bytes.AsSpan(0, blocks * _codec.BytesPerBlock);
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
        _blocksLeft -= blocks;
    }
}
