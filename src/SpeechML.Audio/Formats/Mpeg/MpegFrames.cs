namespace SpeechML.Audio.Formats.Mpeg;

/// <summary>The frames of an MPEG audio file, counted one by one: no header's length is taken for theirs.</summary>
internal sealed class MpegFrames
{
    /// <summary>The samples by which every decoder of Layer III is late.</summary>
    private const int DecoderDelay = 529;

    /// <summary>Bytes that are no frame and no tag, before the first frame: a piece of one where a file was divided.
    /// </summary>
    private const int MaxLeadingBytes = 1 << 16;

    private readonly Stream _stream;
    private readonly string _name;
    private readonly long _end;
    private readonly MpegHeader.Parser _parser = new();
    private readonly byte[] _head = new byte[256];
    private readonly List<Segment> _segments = [];
    private readonly List<Part> _parts = [];

    private MpegFrames(Stream stream, string name)
    {
        _stream = stream;
        _name = name;
        _end = Tags.End(stream);
    }

    /// <summary>The header of the first frame.</summary>
    public MpegHeader First { get; private set; } = null!;

    /// <summary>Where the frames lie that hold audio.</summary>
    public IReadOnlyList<Segment> Segments => _segments;

    /// <summary>The number of frames that hold audio.</summary>
    public long Count { get; private set; }

    /// <summary>Whether the last frame is cut off, or a header promises more frames and bytes than there are.</summary>
    public bool IsCutOff { get; private set; }

    /// <summary>
    /// The samples of the recording among all that the frames give: without what the encoder put before and behind.
    /// </summary>
    public IReadOnlyList<Segment> Kept { get; private set; } = [];

    /// <summary>Walks over a file.</summary>
    /// <exception cref="AudioException">It has no frames, frames of different formats, or other bytes between
    /// them.</exception>
    public static MpegFrames Read(Stream stream, string name)
    {
        var frames = new MpegFrames(stream, name);
        frames.Walk();
        frames.Finish();
        return frames;
    }

    private void Walk()
    {
        long at = 0;
        while (at < _end)
        {
            if (HeaderAt(at) is { } header && (First is null ? IsFollowed(at, header) : header.IsLike(First)))
            {
                if (at + header.Length > _end)
                {
                    IsCutOff = true;
                    return;
                }
                First ??= header;
                Add(at, header);
                at += header.Length;
                continue;
            }
            long next = Tags.Skip(_stream, at);
            next = next > at ? next : Tags.SkipZeros(_stream, at);
            if (next > at)
            {
                at = next;
                continue;
            }
            if (_end - at < MpegHeader.Size && First is not null && Peek(at, 1)[0] == 0xFF)
            {
                IsCutOff = true; // inside a header
                return;
            }
            if (Search(at) is not { } found)
            {
                return; // what is left holds no frame
            }
            if (First is not null)
            {
                throw new AudioException(AudioErrorKind.CorruptStream, _name,
                    $"expected MPEG frames one after the other, got {found - at} other bytes at byte {at}, after " +
                    $"{Count} frames.");
            }
            at = found;
        }
    }

    /// <summary>The first place from which a frame goes on into another.</summary>
    private long? Search(long from)
    {
        byte[] block = new byte[(int)Math.Min(1 << 15, Math.Max(MpegHeader.Size, _end - from))];
        long end = First is null ? Math.Min(_end, from + MaxLeadingBytes) : _end;
        while (end - from >= MpegHeader.Size)
        {
            _stream.Position = from;
            int read = _stream.ReadAtLeast(
                block.AsSpan(0, (int)Math.Min(block.Length, end - from)), MpegHeader.Size, throwOnEndOfStream: false);
            if (read < MpegHeader.Size)
            {
                return null;
            }
            for (int i = 0; i + MpegHeader.Size <= read; i++)
            {
                if (_parser.Parse(block.AsSpan(i)) is not { } header || !IsFollowed(from + i, header))
                {
                    continue;
                }
                return from + i;
            }
            from += read - MpegHeader.Size + 1;
        }
        return null;
    }

    /// <summary>Whether another frame of the kind, a tag, zeros or the end come behind a frame.</summary>
    private bool IsFollowed(long at, MpegHeader header)
    {
        long next = at + header.Length;
        if (next > _end)
        {
            return false;
        }
        bool isLast = next == _end || Tags.Skip(_stream, next) > next
            || !Peek(next, MpegHeader.Size).ContainsAnyExcept((byte)0);
        bool isFollowed = isLast ? First is null || header.IsLike(First)
            : HeaderAt(next) is { } second && second.IsLike(header);
        if (isFollowed && First is not null && !header.IsLike(First))
        {
            throw new AudioException(AudioErrorKind.CorruptStream, _name,
                $"expected one recording, got {First} and, from byte {at} on, {header}. Divide the file, or convert " +
                $"it to WAV or FLAC.");
        }
        return isFollowed;
    }

    private void Add(long at, MpegHeader header)
    {
        ReadOnlySpan<byte> frame = Peek(at, Math.Min(header.Length, _head.Length));
        if (MpegInfo.Read(header, frame) is { } info)
        {
            _parts.Add(new Part(Count, info, at));
            return;
        }
        if (_parts.Count == 0)
        {
            _parts.Add(new Part(0, null, at));
        }
        Count++;
        _parts[^1].End = at + header.Length;
        if (_segments.Count > 0 && _segments[^1].End == at)
        {
            _segments[^1] = _segments[^1] with { Length = _segments[^1].Length + header.Length };
        }
        else
        {
            _segments.Add(new Segment(at, header.Length));
        }
    }

    /// <summary>Compares what was counted with what the headers of the parts say.</summary>
    private void Finish()
    {
        if (First is null)
        {
            ReadOnlySpan<byte> start = Peek(0, MpegHeader.Size);
            bool hasNoBitRate = start.Length == MpegHeader.Size && start[0] == 0xFF && (start[1] & 0xE0) == 0xE0
                && (start[2] & 0xF0) == 0;
            throw hasNoBitRate ? ForeignFormats.Refuse(_name, new ForeignFormat("MPEG audio of a free bit rate"))
                : new AudioException(AudioErrorKind.NotAudio, _name,
                    "expected MPEG audio, got no frame of it that another follows.");
        }
        if (Count == 0)
        {
            throw new AudioException(IsCutOff ? AudioErrorKind.TruncatedHeader : AudioErrorKind.EmptyAudio, _name,
                $"expected at least one frame of MPEG audio, got none{(IsCutOff ? " that is whole" : "")}.");
        }
        var kept = new List<Segment>();
        long spf = First.Samples, last = 0;
        for (int k = 0; k < _parts.Count; k++)
        {
            Part part = _parts[k];
            long count = (k + 1 < _parts.Count ? _parts[k + 1].FirstFrame : Count) - part.FirstFrame;
            // Some encoders count the frame of the header too: the bytes decide then.
            IsCutOff |= part.Info?.Frames > count && !(part.Info.Bytes <= part.End - part.Start);
            long start = part.FirstFrame * spf, end = start + (count * spf);
            if (part.Info?.Delay is { } delay)
            {
                long told = start + ((part.Info.Frames ?? count) * spf) - part.Info.Padding + DecoderDelay;
                Keep(start + delay + DecoderDelay, Math.Min(told, end));
                start += (part.Info.Frames ?? count) * spf; // frames that the header does not count
            }
            Keep(start, end);
        }
        Kept = kept;

        void Keep(long from, long to)
        {
            from = Math.Max(from, last);
            if (to > from)
            {
                kept.Add(new Segment(from, to - from));
                last = to;
            }
        }
    }

    private MpegHeader? HeaderAt(long at) => _parser.Parse(Peek(at, MpegHeader.Size));

    private ReadOnlySpan<byte> Peek(long at, int count)
    {
        _stream.Position = at;
        Span<byte> head = _head.AsSpan(0, (int)Math.Clamp(_end - at, 0, count));
        return head[.._stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
    }

    /// <summary>The frames from one header on.</summary>
    private sealed class Part(long firstFrame, MpegInfo? info, long start)
    {
        public long FirstFrame { get; } = firstFrame;

        public MpegInfo? Info { get; } = info;

        /// <summary>The first byte, of the header's frame.</summary>
        public long Start { get; } = start;

        public long End { get; set; } = start;
    }
}
