namespace SpeechML.Audio.Formats.Ogg;

/// <summary>One link of an Ogg file: logical streams that begin together (RFC 3533, section 4).</summary>
internal sealed class OggLink
{
    private readonly List<OggStream> _streams = [];

    public IReadOnlyList<OggStream> Streams => _streams;

    /// <summary>Whether a page came that begins no stream.</summary>
    public bool HasBegun { get; set; }

    public void Add(OggStream stream) => _streams.Add(stream);

    public OggStream? Find(uint serial) => _streams.Find(s => s.Serial == serial);

    /// <summary>The stream to decode.</summary>
    /// <exception cref="AudioException">There is none, or several.</exception>
    public OggStream Audio(string name)
    {
        OggStream[] audio = [.. _streams.Where(s => s.IsDecodable)];
        string found = string.Join(", ", _streams.Select(s => s.Codec));
        return audio.Length switch
        {
            1 => audio[0],
            0 => throw ForeignFormats.Refuse(name, new ForeignFormat($"Ogg with {found}", "ogg")),
            _ => throw new AudioException(AudioErrorKind.UnsupportedFormat, name,
                $"expected one audio stream, got {audio.Length} side by side ({found}). Take one out: " +
                $"{ForeignFormats.Command(name, "-map 0:a:0")}."),
        };
    }
}

/// <summary>A logical stream: the pages of one serial number.</summary>
/// <param name="serial">The number.</param>
/// <param name="codec">What it holds, in words.</param>
internal sealed class OggStream(uint serial, string codec)
{
    private readonly List<Segment> _pages = [];

    public uint Serial { get; } = serial;

    public string Codec { get; } = codec;

    public bool IsDecodable => Codec is OggPages.Vorbis or OggPages.Opus or OggPages.Flac;

    /// <summary>Whether its last page came.</summary>
    public bool HasEnded { get; set; }

    /// <summary>The number of the page that came last.</summary>
    public uint LastPage { get; set; }

    /// <summary>Whether that page ended a packet of audio.</summary>
    public bool HasAudio { get; set; }

    /// <summary>Where its pages lie.</summary>
    public IReadOnlyList<Segment> Pages => _pages;

    public void Add(Segment page)
    {
        if (_pages.Count > 0 && _pages[^1].End == page.Start)
        {
            _pages[^1] = _pages[^1] with { Length = _pages[^1].Length + page.Length };
        }
        else
        {
            _pages.Add(page);
        }
    }
}
