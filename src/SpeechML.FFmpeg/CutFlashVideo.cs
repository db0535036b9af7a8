using System.Buffers.Binary;

namespace SpeechML.FFmpeg;

/// <summary>
/// Flash video (Adobe, Video File Format Specification, version 10.1, annex E): tags, each followed by its size. The
/// first may say how large the file is and how long it lasts; of a stream that could not be rewound it says 0, and one
/// that ends between two tags then has nothing that tells.
/// </summary>
internal static class CutFlashVideo
{
    private const int FileHeader = 9;
    private const int TagHeader = 11;
    private const int SizeAfterTag = 4;
    private const int Audio = 8, Video = 9, Script = 18;
    private const int MaxMetadata = 1 << 16;
    private const double LongestTag = 1; // s of sound in one, more than any codec has

    /// <summary>Whether the last tag is not whole, or size or duration are less than the file says.</summary>
    public static bool Is(Stream content)
    {
        byte[] header = Bytes(content, 0, FileHeader);
        double size = 0, seconds = 0, last = 0;
        long at = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(5)) + SizeAfterTag;
        while (at < content.Length)
        {
            byte[] tag = Bytes(content, at, TagHeader);
            int type = tag[0] & 0x1F, length = (tag[1] << 16) | (tag[2] << 8) | tag[3];
            if (type is not (Audio or Video or Script) && content.Length - at >= TagHeader)
            {
                return false; // damage, which ffmpeg judges
            }
            if (at + TagHeader + length + SizeAfterTag > content.Length)
            {
                return true;
            }
            if (type == Script && size == 0 && seconds == 0)
            {
                byte[] metadata = Bytes(content, at + TagHeader, Math.Min(length, MaxMetadata));
                (size, seconds) = (Number(metadata, "\u0008filesize\0"u8), Number(metadata, "\u0008duration\0"u8));
            }
            last = Math.Max(last, ((tag[7] << 24) | (tag[4] << 16) | (tag[5] << 8) | tag[6]) / 1000.0);
            at += TagHeader + length + SizeAfterTag;
        }
        return size > content.Length || seconds > last + LongestTag;
    }

    /// <summary>A number of the metadata (AMF 0: the name, a type of 0, eight bytes); 0 where there is none.</summary>
    private static double Number(ReadOnlySpan<byte> metadata, ReadOnlySpan<byte> name) =>
        metadata.IndexOf(name) is var found && found >= 0 && metadata.Length >= found + name.Length + sizeof(double)
            ? BinaryPrimitives.ReadDoubleBigEndian(metadata[(found + name.Length)..]) : 0;

    private static byte[] Bytes(Stream content, long at, int count)
    {
        byte[] bytes = new byte[count];
        content.Position = at;
        _ = content.ReadAtLeast(bytes, count, throwOnEndOfStream: false);
        return bytes;
    }
}
