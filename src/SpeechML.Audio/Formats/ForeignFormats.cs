using System.Text;

namespace SpeechML.Audio.Formats;

/// <summary>A format that is not decoded here.</summary>
/// <param name="Name">The format, in words.</param>
/// <param name="Demuxer">What ffmpeg calls the reader of the container; null where it has none.</param>
internal sealed record ForeignFormat(string Name, string? Demuxer = null);

/// <summary>Formats that are not decoded here, and files that are no audio, by their first bytes.</summary>
internal static class ForeignFormats
{
    /// <summary>How many bytes from the start <see cref="Of"/> looks at.</summary>
    public const int HeadSize = 1024;

    /// <summary>Extensions of such formats, for clips that are looked for by name.</summary>
    public static IReadOnlyList<string> Extensions { get; } =
        [".m4a", ".mp4", ".m4b", ".mov", ".3gp", ".3g2", ".aac", ".webm", ".mka", ".mkv", ".wma", ".asf", ".amr",
            ".awb", ".spx", ".ac3", ".wv", ".ape", ".tta", ".dss", ".ds2", ".ra", ".rm", ".avi", ".flv"];

    private static ReadOnlySpan<byte> AsfHeader => [0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11];

    private static ReadOnlySpan<byte> Matroska => [0x1A, 0x45, 0xDF, 0xA3];

    /// <summary>The error for a format that has a name but no decoder here.</summary>
    /// <param name="name">The file.</param>
    /// <param name="format">The format.</param>
    public static AudioException Refuse(string name, ForeignFormat format) => new(
        AudioErrorKind.UnsupportedFormat, name,
        $"expected WAV, W64, FLAC, Ogg Vorbis or Opus, MP3, AIFF, AU or CAF, got {format.Name}, which is not decoded " +
        $"here. Convert it to WAV or FLAC: {Command(name)}.{(format.Demuxer is null ? "" : Package)}")
    {
        IsOtherFormat = true,
    };

    /// <summary>Where a decoder of such formats is.</summary>
    public const string Package =
        " Or have it decoded: install ffmpeg, reference the package SpeechML.FFmpeg and call SpeechFFmpeg.Register() " +
        "once.";

    /// <summary>The command that converts a file.</summary>
    public static string Command(string name, string options = "")
    {
        string file = name[(name.LastIndexOfAny(['/', '\\']) + 1)..];
        string before = options.Length > 0 ? options + " " : "";
        return $"ffmpeg -i \"{file}\" {before}\"{Path.ChangeExtension(file, ".flac")}\"";
    }

    /// <summary>The format that begins with these bytes; null where it is not known.</summary>
    public static ForeignFormat? Of(ReadOnlySpan<byte> start) =>
        Boxes(start) ?? Signatures(start) ?? (start.StartsWith("caff"u8) ? Caf(start)
        : start.StartsWith("NIST_1A"u8) ? Sphere(start) : null);

    /// <summary>
    /// What ffmpeg calls the reader of these bytes, also where the container is read here and only its codec is not;
    /// null where it has none.
    /// </summary>
    public static string? Demuxer(ReadOnlySpan<byte> start) => Of(start) is { } format ? format.Demuxer
        : start.StartsWith("OggS"u8) ? "ogg" : IsRiff(start, "WAVE"u8) ? "wav"
        : IsRiff(start, "AVI "u8) ? "avi" : null;

    /// <summary>The error for a file that is text, an archive or a picture; null where it is not known.</summary>
    public static AudioException? NoAudio(ReadOnlySpan<byte> start, string name)
    {
        string? problem = start.StartsWith("version https://git-lfs"u8)
                ? "a pointer of Git LFS instead of the file. Bring the files: git lfs pull."
            : start.StartsWith("PK\u0003\u0004"u8) ? "a ZIP archive. Unpack it."
            : Is(start, 0x1F, 0x8B) ? "gzip. Unpack it."
            : start.StartsWith("<!DOCTYPE"u8) || start.StartsWith("<html"u8) || start.StartsWith("<!doctype"u8)
                ? "a web page: the download failed. Fetch it again."
            : start.StartsWith("%PDF"u8) ? "a PDF document."
            : start.StartsWith("MThd"u8) ? "MIDI, which holds notes and no sound."
            : null;
        return problem is null ? null : new AudioException(
            AudioErrorKind.NotAudio, name, $"expected audio, got {problem}");
    }

    /// <summary>ISO base media (MPEG-4, 3GP, QuickTime): a box of a size and four letters.</summary>
    private static ForeignFormat? Boxes(ReadOnlySpan<byte> start)
    {
        if (start.Length < 12)
        {
            return null;
        }
        ReadOnlySpan<byte> brand = start[8..12];
        string? name = !start[4..].StartsWith("ftyp"u8)
            ? start[4..].StartsWith("moov"u8) || start[4..].StartsWith("mdat"u8) || start[4..].StartsWith("wide"u8)
                ? "QuickTime (.mov)" : null
            : brand.StartsWith("3g"u8) ? "3GP (.3gp)"
            : brand.StartsWith("qt"u8) ? "QuickTime (.mov)"
            : brand.StartsWith("M4A"u8) || brand.StartsWith("M4B"u8) ? "MPEG-4 audio (.m4a)"
            : "MPEG-4 (.mp4, .m4a)";
        return name is null ? null : new ForeignFormat(name, "mov");
    }

    private static ForeignFormat? Signatures(ReadOnlySpan<byte> s) =>
        s.StartsWith(Matroska) ? new(s[..Math.Min(64, s.Length)].IndexOf("webm"u8) >= 0
            ? "WebM (.webm)" : "Matroska (.mka, .mkv)", "matroska")
        : s.StartsWith(AsfHeader) ? new("Windows Media (.wma)", "asf")
        : s.StartsWith("#!AMR-WB"u8) ? new("AMR-WB (.awb)", "amr")
        : s.StartsWith("#!AMR"u8) ? new("AMR (.amr)", "amr")
        : s.StartsWith("#!SILK"u8) || (s.Length > 1 && s[1..].StartsWith("#!SILK"u8)) ? new("SILK")
        : s.StartsWith("#!iLBC"u8) ? new("iLBC", "ilbc")
        : s.Length > 3 && s[0] == 0xFF && (s[1] & 0xF6) == 0xF0 ? new("AAC in ADTS (.aac)", "aac")
        : s.StartsWith("ADIF"u8) ? new("AAC in ADIF (.aac)")
        : s.StartsWith("FLV\u0001"u8) ? new("Flash video (.flv)", "flv")
        : Is(s, 0x0B, 0x77) ? new("AC-3 (.ac3)", "ac3")
        : Is(s, 0x7F, 0xFE, 0x80, 0x01) ? new("DTS", "dts")
        : s.StartsWith("wvpk"u8) ? new("WavPack (.wv)", "wv")
        : s.StartsWith("TTA1"u8) || s.StartsWith("TTA2"u8) ? new("True Audio (.tta)", "tta")
        : s.StartsWith("MAC "u8) ? new("Monkey's Audio (.ape)", "ape")
        : s.StartsWith("MPCK"u8) ? new("Musepack (.mpc)", "mpc8")
        : s.StartsWith("MP+"u8) ? new("Musepack (.mpc)", "mpc")
        : s.StartsWith("ajkg"u8) ? new("Shorten (.shn)", "shn")
        : s.StartsWith("DSD "u8) ? new("DSD", "dsf")
        : s.StartsWith("FRM8"u8) ? new("DSD", "iff")
        : s.StartsWith(".RMF"u8) || Is(s, 0x2E, 0x72, 0x61, 0xFD) ? new("RealAudio (.ra, .rm)", "rm")
        : s.StartsWith("\u0002dss"u8) || s.StartsWith("\u0003dss"u8) ? new("a dictation of Olympus (.dss)", "dss")
        : s.StartsWith("\u0003ds2"u8) || s.StartsWith("\u0007ds2"u8) ? new("a dictation of Olympus (.ds2)")
        : Is(s, 0, 0, 1, 0xBA) ? new("an MPEG program stream (.mpg)", "mpeg")
        : s.Length > 376 && s[0] == 0x47 && s[188] == 0x47 && s[376] == 0x47
            ? new("an MPEG transport stream (.ts)", "mpegts")
        : null;

    private static bool Is(ReadOnlySpan<byte> start, params ReadOnlySpan<byte> signature) =>
        start.StartsWith(signature);

    private static bool IsRiff(ReadOnlySpan<byte> start, ReadOnlySpan<byte> form) =>
        start.Length >= 12 && start.StartsWith("RIFF"u8) && start[8..12].SequenceEqual(form);

    /// <summary>Core Audio Format: the codec's four letters are in the first chunk.</summary>
    private static ForeignFormat? Caf(ReadOnlySpan<byte> start)
    {
        const int CodecAt = 28;
        if (start.Length < CodecAt + 4 || !start[8..].StartsWith("desc"u8))
        {
            return null;
        }
        string codec = Encoding.Latin1.GetString(start.Slice(CodecAt, 4)).Trim();
        return codec switch
        {
            "lpcm" or "alac" or "alaw" or "ulaw" => null,
            "opus" => new("CAF with Opus", "caf"),
            "aac" or "aach" or "aacl" or "aace" or "aacp" => new("CAF with AAC", "caf"),
            _ => new($"CAF with '{codec}'", "caf"),
        };
    }

    /// <summary>NIST SPHERE: a header of text names the coding.</summary>
    private static ForeignFormat? Sphere(ReadOnlySpan<byte> start)
    {
        string header = Encoding.Latin1.GetString(start);
        return header.Contains("shorten", StringComparison.Ordinal) ? new("NIST SPHERE with Shorten", "nistsphere")
            : header.Contains("wavpack", StringComparison.Ordinal) ? new("NIST SPHERE with WavPack")
            : header.Contains("embedded-", StringComparison.Ordinal) ? new("compressed NIST SPHERE") : null;
    }
}
