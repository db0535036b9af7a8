using System.Buffers.Binary;
using SpeechML.Audio.Formats.Flac;

namespace SpeechML.Audio.Formats.Ogg;

/// <summary>
/// Walks over all pages of an Ogg file: decoders take what follows the first stream's end, a damaged page or a missing
/// end for nothing.
/// </summary>
internal static class OggPages
{
    public const string Vorbis = "Vorbis", Opus = "Opus", Flac = "FLAC";

    private const int HeaderSize = 27;
    private const int FlagsAt = 5, GranuleAt = 6, SerialAt = 14, NumberAt = 18, ChecksumAt = 22;
    private const int Begins = 2, Ends = 4;

    /// <summary>Reads the links of a file, one or more.</summary>
    /// <exception cref="AudioException">A page is damaged or missing.</exception>
    public static List<OggLink> Read(Stream stream, string name)
    {
        var links = new List<OggLink>();
        byte[] page = new byte[HeaderSize + 255 + (255 * 255)];
        long at = 0, length = stream.Length;
        while (at < length)
        {
            stream.Position = at;
            int size = ReadPage(stream, page);
            if (size == 0)
            {
                break; // the file ends inside the page: the stream has no end
            }
            if (size < 0)
            {
                long tail = Tags.SkipZeros(stream, Tags.Skip(stream, at));
                if (FindPage(stream, tail) is not { } next)
                {
                    break;
                }
                if (next != tail)
                {
                    throw Damaged(name, at, $"expected an Ogg page, got {next - at} other bytes");
                }
                at = next;
                continue;
            }
            CheckSum(page.AsSpan(0, size), at, name);
            Take(links, page.AsSpan(0, size), at, name);
            at += size;
        }
        return links.Count > 0 ? links : throw new AudioException(AudioErrorKind.TruncatedHeader, name,
            "expected an Ogg page, got the end of the file inside the first.");
    }

    /// <summary>The size of the page; 0 where the file ends inside it, -1 where there is none.</summary>
    private static int ReadPage(Stream stream, byte[] page)
    {
        Span<byte> header = page.AsSpan(0, HeaderSize);
        int read = stream.ReadAtLeast(header, HeaderSize, throwOnEndOfStream: false);
        if (!header[..Math.Min(4, read)].SequenceEqual("OggS"u8[..Math.Min(4, read)]))
        {
            return -1;
        }
        if (read < HeaderSize || !Fill(stream, page.AsSpan(HeaderSize, header[HeaderSize - 1])))
        {
            return 0;
        }
        int body = HeaderSize + header[HeaderSize - 1], size = body;
        foreach (byte lacing in page.AsSpan(HeaderSize, body - HeaderSize))
        {
            size += lacing;
        }
        return Fill(stream, page.AsSpan(body, size - body)) ? size : 0;
    }

    private static bool Fill(Stream stream, Span<byte> target) =>
        stream.ReadAtLeast(target, target.Length, throwOnEndOfStream: false) == target.Length;

    private static void CheckSum(Span<byte> page, long at, string name)
    {
        Span<byte> field = page.Slice(ChecksumAt, 4);
        uint stored = BinaryPrimitives.ReadUInt32LittleEndian(field);
        field.Clear();
        uint computed = FlacChecksums.Crc32(page);
        if (computed != stored)
        {
            throw Damaged(name, at, $"expected an Ogg page with checksum {stored:X8}, got {computed:X8}");
        }
    }

    private static void Take(List<OggLink> links, ReadOnlySpan<byte> page, long at, string name)
    {
        uint serial = BinaryPrimitives.ReadUInt32LittleEndian(page[SerialAt..]);
        uint number = BinaryPrimitives.ReadUInt32LittleEndian(page[NumberAt..]);
        OggLink? link = links.Count > 0 ? links[^1] : null;
        OggStream stream;
        if ((page[FlagsAt] & Begins) != 0)
        {
            if (link is null || link.HasBegun)
            {
                links.Add(link = new OggLink());
            }
            else if (link.Find(serial) is not null)
            {
                throw Damaged(name, at, $"expected a stream once, got a second beginning of stream {serial:X8}");
            }
            stream = new OggStream(serial, Codec(page[(HeaderSize + page[HeaderSize - 1])..]));
            link.Add(stream);
        }
        else
        {
            stream = link?.Find(serial) ?? throw Damaged(name, at,
                $"expected the beginning of stream {serial:X8}, got its page {number}");
            // Behind the headers a recording of a running broadcast begins anywhere.
            if (stream.HasAudio && number != stream.LastPage + 1)
            {
                throw Damaged(name, at, $"expected page {stream.LastPage + 1} of stream {serial:X8}, got {number}");
            }
            link.HasBegun = true;
        }
        stream.LastPage = number;
        stream.HasAudio = BinaryPrimitives.ReadInt64LittleEndian(page[GranuleAt..]) > 0;
        stream.HasEnded |= (page[FlagsAt] & Ends) != 0;
        stream.Add(new Segment(at, page.Length));
    }

    private static long? FindPage(Stream stream, long from)
    {
        byte[] block = new byte[(int)Math.Clamp(stream.Length - from, 4, 1 << 15)];
        while (stream.Length - from >= 4)
        {
            stream.Position = from;
            int read = stream.ReadAtLeast(block, 4, throwOnEndOfStream: false);
            int found = block.AsSpan(0, read).IndexOf("OggS"u8);
            if (found >= 0)
            {
                return from + found;
            }
            if (read < 4)
            {
                break;
            }
            from += read - 3;
        }
        return null;
    }

    /// <summary>What the first packet of a stream says that it holds.</summary>
    private static string Codec(ReadOnlySpan<byte> packet) =>
        packet.StartsWith("\u0001vorbis"u8) ? Vorbis
        : packet.StartsWith("OpusHead"u8) ? Opus
        : packet.StartsWith("\u007FFLAC"u8) || packet.StartsWith("fLaC"u8) ? Flac
        : packet.StartsWith("Speex   "u8) ? "Speex"
        : packet.StartsWith("CELT    "u8) ? "CELT"
        : packet.StartsWith("PCM     "u8) ? "PCM"
        : packet.StartsWith("fishead"u8) ? "Skeleton"
        : packet.Length > 7 && packet[1..].StartsWith("theora"u8) ? "Theora"
        : packet.Length > 7 && packet[1..].StartsWith("video"u8) ? "video"
        : packet.Length > 7 && packet[1..].StartsWith("kate"u8) ? "Kate"
        : packet.StartsWith("OVP80"u8) ? "VP8"
        : $"an unknown codec ({Convert.ToHexString(packet[..Math.Min(8, packet.Length)])})";

    private static AudioException Damaged(string name, long at, string problem) =>
        new(AudioErrorKind.CorruptStream, name, $"{problem} at byte {at}. Copy it again.");
}
