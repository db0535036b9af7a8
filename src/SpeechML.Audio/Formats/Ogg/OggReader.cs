namespace SpeechML.Audio.Formats.Ogg;

/// <summary>
/// Reads an Ogg file link by link (chained streams one after the other), and says where a stream has no end.
/// </summary>
internal sealed class OggReader : AudioReader
{
    private readonly Stream _stream;
    private readonly bool _leaveOpen;
    private readonly List<OggLink> _links;
    private AudioReader _current;
    private int _link;

    private OggReader(Stream stream, List<OggLink> links, AudioReader first, string name, bool leaveOpen)
        : base(name)
    {
        _stream = stream;
        _leaveOpen = leaveOpen;
        _links = links;
        _current = first;
        SampleRate = first.SampleRate;
        Channels = first.Channels;
        Complete = "a page that ends the stream, and as many samples as the stream says";
        Truncated = first.Truncated || links.Exists(l => !l.Audio(name).HasEnded);
    }

    public override long? Announced => _links.Count == 1 ? _current.Announced : null;

    /// <summary>Opens a stream that can seek.</summary>
    public static OggReader Open(Stream stream, string name, bool leaveOpen)
    {
        List<OggLink> links = OggPages.Read(stream, name);
        foreach (OggLink link in links)
        {
            link.Audio(name);
        }
        return new OggReader(stream, links, OpenLink(stream, links[0], name), name, leaveOpen);
    }

    public override void Dispose()
    {
        _current.Dispose();
        if (!_leaveOpen)
        {
            _stream.Dispose();
        }
    }

    protected override int ReadCore(Span<float> interleaved)
    {
        while (!interleaved.IsEmpty)
        {
            int frames = _current.Read(interleaved);
            if (frames > 0)
            {
                return frames;
            }
            Truncated |= _current.Truncated;
            if (_link + 1 == _links.Count)
            {
                break;
            }
            _current.Dispose();
            _current = OpenLink(_stream, _links[++_link], Name);
            if (_current.SampleRate != SampleRate || _current.Channels != Channels)
            {
                throw new AudioException(AudioErrorKind.UnsupportedFormat, Name,
                    $"expected {_links.Count} chained streams of one format, got {SampleRate} Hz with {Channels} " +
                    $"channel(s) and, in stream {_link + 1}, {_current.SampleRate} Hz with {_current.Channels}. " +
                    $"Divide the file.");
            }
        }
        return 0;
    }

    private static AudioReader OpenLink(Stream stream, OggLink link, string name)
    {
        OggStream audio = link.Audio(name);
        var content = new SegmentStream(stream, audio.Pages);
        AudioContainer container = audio.Codec == OggPages.Flac ? AudioContainer.OggFlac : AudioContainer.Ogg;
        return AudioFile.OpenCodec(content, container, name, leaveOpen: true);
    }
}
