using System.Buffers.Binary;
using System.Globalization;

namespace SpeechML.Audio.Formats;

/// <summary>Tags around audio (ID3v1, ID3v2, APE, Lyrics3), and the zeros that some programs put there.</summary>
internal static class Tags
{
    private const int Id3v1Size = 128;
    private const int ExtendedId3v1Size = 227;
    private const int ApeHeaderSize = 32;
    private const int HeadSize = 32;

    /// <summary>
    /// The size of the tag that begins with these bytes, 0 where none does. ID3v2: 10 bytes of header, 28 bits of size
    /// in 4 bytes, perhaps a footer (ID3v2.4, 3.1). APE: 32 bytes of header, the size of the rest (APEv2).
    /// </summary>
    /// <param name="start">At least 32 bytes, unless the file ends before them.</param>
    public static long Size(ReadOnlySpan<byte> start)
    {
        if (start.Length >= 10 && start.StartsWith("ID3"u8) && start[3] != 0xFF && start[4] != 0xFF)
        {
            int size = ((start[6] & 0x7F) << 21) | ((start[7] & 0x7F) << 14) | ((start[8] & 0x7F) << 7)
                | (start[9] & 0x7F);
            return 10L + size + ((start[5] & 0x10) != 0 ? 10 : 0);
        }
        if (start.Length >= ApeHeaderSize && start.StartsWith("APETAGEX"u8))
        {
            return ApeHeaderSize + BinaryPrimitives.ReadUInt32LittleEndian(start[12..]);
        }
        return start.StartsWith("TAG+"u8) ? ExtendedId3v1Size : start.StartsWith("TAG"u8) ? Id3v1Size : 0;
    }

    /// <summary>Where the bytes behind all tags begin that begin at a place.</summary>
    public static long Skip(Stream stream, long at)
    {
        Span<byte> head = stackalloc byte[HeadSize];
        while (at < stream.Length)
        {
            long size = Size(Head(stream, at, head));
            if (size == 0)
            {
                break;
            }
            at = Math.Min(stream.Length, at + size);
        }
        return at;
    }

    /// <summary>Where the first byte lies that is not zero, from a place on; the end where there is none.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="at">The place.</param>
    /// <param name="most">How far to look.</param>
    public static long SkipZeros(Stream stream, long at, long most = long.MaxValue)
    {
        long from = at;
        Span<byte> block = stackalloc byte[1024];
        stream.Position = at;
        for (int read; at - from < most && (read = stream.Read(block)) > 0; at += read)
        {
            int found = block[..read].IndexOfAnyExcept((byte)0);
            if (found >= 0)
            {
                return at + found;
            }
        }
        return at;
    }

    /// <summary>Where the tags at the end of a file begin; the file's length where it has none.</summary>
    public static long End(Stream stream)
    {
        long end = stream.Length;
        Span<byte> head = stackalloc byte[HeadSize];
        for (bool found = true; found;)
        {
            found = false;
            if (end >= Id3v1Size && Head(stream, end - Id3v1Size, head).StartsWith("TAG"u8))
            {
                (end, found) = (end - Id3v1Size, true);
            }
            else if (end >= ApeHeaderSize && Head(stream, end - ApeHeaderSize, head).StartsWith("APETAGEX"u8))
            {
                // The footer's size counts the items and the footer; bit 31 of the flags tells of a header.
                long size = BinaryPrimitives.ReadUInt32LittleEndian(head[12..])
                    + ((head[23] & 0x80) != 0 ? ApeHeaderSize : 0);
                found = size is >= ApeHeaderSize && size <= end;
                end -= found ? size : 0;
            }
            else if (end >= 15 && Head(stream, end - 15, head)[6..].StartsWith("LYRICS200"u8)
                && int.TryParse(head[..6], NumberStyles.None, CultureInfo.InvariantCulture, out int lyrics)
                && lyrics + 15 <= end)
            {
                (end, found) = (end - lyrics - 15, true);
            }
        }
        return end;
    }

    private static Span<byte> Head(Stream stream, long at, Span<byte> head)
    {
        stream.Position = at;
        return head[..stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
    }
}
