namespace SpeechML.Audio.Formats;

/// <summary>A part of a stream.</summary>
/// <param name="Start">Its first byte.</param>
/// <param name="Length">Its bytes.</param>
internal readonly record struct Segment(long Start, long Length)
{
    /// <summary>The first byte behind it.</summary>
    public long End => Start + Length;
}

/// <summary>
/// Parts of a stream, one after the other, as a stream of their own, behind bytes of another origin if there are any.
/// Read only; disposes of the stream beneath.
/// </summary>
internal sealed class SegmentStream : Stream
{
    private readonly Stream _stream;
    private readonly byte[] _head;
    private readonly Segment[] _segments;
    private readonly long[] _starts; // where each part begins in this stream
    private long _position;
    private int _current;

    public SegmentStream(Stream stream, params IReadOnlyList<Segment> segments)
        : this([], stream, segments)
    {
    }

    public SegmentStream(byte[] head, Stream stream, params IReadOnlyList<Segment> segments)
    {
        _head = head;
        _stream = stream;
        Length = head.Length;
        _segments = [.. segments];
        _starts = new long[_segments.Length];
        for (int k = 0; k < _segments.Length; k++)
        {
            _starts[k] = Length;
            Length += _segments[k].Length;
        }
    }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length { get; }

    public override long Position
    {
        get => _position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _position = value;
            if (_segments.Length > 0)
            {
                int at = Array.BinarySearch(_starts, value);
                _current = at >= 0 ? at : Math.Max(0, ~at - 1);
            }
        }
    }

    /// <summary>What lies behind a number of bytes of a stream; the stream itself where that is 0.</summary>
    public static Stream Behind(Stream stream, long bytes) =>
        bytes == 0 ? stream : new SegmentStream(stream, new Segment(bytes, stream.Length - bytes));

    public override int Read(Span<byte> buffer)
    {
        if (_position < _head.Length)
        {
            int count = Math.Min(buffer.Length, _head.Length - (int)_position);
            _head.AsSpan((int)_position, count).CopyTo(buffer);
            _position += count;
            return count;
        }
        while (_current < _segments.Length)
        {
            long offset = _position - _starts[_current];
            long left = _segments[_current].Length - offset;
            if (left > 0)
            {
                if (_stream.Position != _segments[_current].Start + offset)
                {
                    _stream.Position = _segments[_current].Start + offset;
                }
                int read = _stream.Read(buffer[..(int)Math.Min(buffer.Length, left)]);
                _position += read;
                return read;
            }
            if (_current + 1 == _segments.Length)
            {
                break;
            }
            _current++;
        }
        return 0;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) => Position = offset + origin switch
    {
        SeekOrigin.Begin => 0,
        SeekOrigin.Current => Position,
        _ => Length,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stream.Dispose();
        }
        base.Dispose(disposing);
    }
}
