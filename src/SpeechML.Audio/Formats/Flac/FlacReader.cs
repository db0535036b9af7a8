namespace SpeechML.Audio.Formats.Flac;

/// <summary>
/// Reads FLAC, also in Ogg: a frame that fails its checksum is an error, a file that ends too early is truncated.
/// </summary>
internal sealed class FlacReader : AudioReader
{
    /// <summary>32-bit side channels would need 33 bits.</summary>
    public const int MaxBits = 24;

    private const int ShortestHeader = 6, LongestHeader = 16;

    private readonly Stream _stream;
    private readonly bool _leaveOpen;
    private readonly FlacBitReader _reader;
    private readonly FlacStreamInfo _info;
    private readonly FlacFrameDecoder _decoder;
    private readonly float _scale;
    private long _decoded;
    private int _from;
    private int _to;

    private FlacReader(FlacBitReader reader, FlacStreamInfo info, Stream stream, string name, bool leaveOpen)
        : base(name)
    {
        _stream = stream;
        _leaveOpen = leaveOpen;
        _reader = reader;
        _info = info;
        _decoder = new FlacFrameDecoder(reader, info, name);
        _scale = 1f / (1 << (info.Bits - 1));
        SampleRate = info.SampleRate;
        Channels = info.Channels;
    }

    public override long? Announced => _info.TotalFrames > 0 ? _info.TotalFrames : null;

    /// <summary>Reads the header; null where the samples have more than <see cref="MaxBits"/> bits.</summary>
    /// <param name="content">The FLAC stream, at its marker.</param>
    /// <param name="stream">The file, which is disposed of with the reader.</param>
    /// <param name="name">The file's name.</param>
    /// <param name="leaveOpen">Whether it is not.</param>
    public static FlacReader? TryOpen(Stream content, Stream stream, string name, bool leaveOpen)
    {
        var reader = new FlacBitReader(content);
        var info = FlacStreamInfo.Read(reader, name);
        return info.Bits <= MaxBits ? new FlacReader(reader, info, stream, name, leaveOpen) : null;
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
        int wanted = interleaved.Length / Channels, written = 0;
        while (written < wanted)
        {
            if (_from == _to && !NextFrame())
            {
                break;
            }
            int count = Math.Min(wanted - written, _to - _from);
            for (int c = 0; c < Channels; c++)
            {
                ReadOnlySpan<int> samples = _decoder.Samples[c].AsSpan(_from, count);
                for (int i = 0, at = (written * Channels) + c; i < samples.Length; i++, at += Channels)
                {
                    interleaved[at] = samples[i] * _scale;
                }
            }
            _from += count;
            written += count;
        }
        return written;
    }

    private bool NextFrame()
    {
        bool known = _info.TotalFrames > 0;
        if (Truncated)
        {
            return false;
        }
        try
        {
            if (known && _decoded >= _info.TotalFrames)
            {
                CheckRest();
                return false;
            }
            if (_reader.IsAtEnd)
            {
                Truncated = known;
                return false;
            }
            int size = _decoder.Next(_decoded);
            (_from, _to) = (0, known ? (int)Math.Min(size, _info.TotalFrames - _decoded) : size);
            _decoded += size;
            return true;
        }
        catch (EndOfStreamException e)
        {
            if (HasAnotherFrame(_reader.HeldFromMark))
            {
                throw new AudioException(
                    AudioErrorKind.CorruptStream, Name,
                    $"expected a whole frame at sample frame {_decoded}, got one that runs over the frames behind it.",
                    e);
            }
            Truncated = true;
            return false;
        }
        catch (IOException e)
        {
            throw new AudioException(AudioErrorKind.Unreadable, Name, $"expected a readable file, got: {e.Message}", e);
        }
    }

    /// <summary>Throws where samples follow the number of them that the header gives: they would be lost.</summary>
    private void CheckRest()
    {
        _reader.Mark();
        ReadOnlySpan<byte> rest = _reader.IsAtEnd ? [] : _reader.HeldFromMark;
        if (rest.StartsWith("fLaC"u8))
        {
            throw new AudioException(AudioErrorKind.CorruptStream, Name,
                $"expected one recording, got a second FLAC stream behind its {_info.TotalFrames} frames. Divide the " +
                $"file.");
        }
        if (rest.Length > 2 && rest[0] == 0xFF && (rest[1] & 0xFE) == 0xF8 && IsFrameHeader(rest))
        {
            throw new AudioException(AudioErrorKind.CorruptStream, Name,
                $"expected {_info.TotalFrames} frames, as the header says, got more behind them. Write the file " +
                $"anew: flac -d, then flac.");
        }
    }

    /// <summary>
    /// Whether a frame header of the same block size and rate with a right checksum follows: then the frame before it
    /// was damaged rather than cut off.
    /// </summary>
    private static bool HasAnotherFrame(ReadOnlySpan<byte> bytes)
    {
        for (int at = 2; at + ShortestHeader <= bytes.Length; at++)
        {
            if (bytes[at] == 0xFF && bytes[at + 1] == bytes[1] && bytes[at + 2] == bytes[2]
                && IsFrameHeader(bytes[at..]))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Whether a header of some length has the checksum that follows it.</summary>
    private static bool IsFrameHeader(ReadOnlySpan<byte> bytes)
    {
        for (int length = ShortestHeader - 1; length < LongestHeader && length < bytes.Length; length++)
        {
            if (FlacChecksums.Crc8(bytes[..length]) == bytes[length])
            {
                return true;
            }
        }
        return false;
    }
}
