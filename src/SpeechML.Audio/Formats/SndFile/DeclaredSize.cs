using System.Buffers.Binary;

namespace SpeechML.Audio.Formats.SndFile;

/// <summary>
/// Whether AIFF, AU and CAF headers promise more bytes than the file has; libsndfile cuts such promises down without a
/// word.
/// </summary>
internal static class DeclaredSize
{
    private const uint UnknownSize = uint.MaxValue;

    /// <summary>Reads the header from the start of the stream; false for other formats.</summary>
    public static bool ExceedsFile(Stream stream)
    {
        Span<byte> start = stackalloc byte[12];
        stream.Position = 0;
        if (stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) < start.Length)
        {
            return false;
        }
        if (start.StartsWith("FORM"u8))
        {
            return 8L + BinaryPrimitives.ReadUInt32BigEndian(start[4..]) > stream.Length;
        }
        if (start.StartsWith(".snd"u8))
        {
            uint offset = BinaryPrimitives.ReadUInt32BigEndian(start[4..]),
                size = BinaryPrimitives.ReadUInt32BigEndian(start[8..]);
            return size != UnknownSize && (long)offset + size > stream.Length;
        }
        return start.StartsWith("caff"u8) && CafExceedsFile(stream);
    }

    /// <summary>
    /// Chunks of a name and a signed 64-bit size, -1 for "to the end" (Core Audio Format specification 1.0).
    /// </summary>
    private static bool CafExceedsFile(Stream stream)
    {
        const int FileHeader = 8, ChunkHeader = 12;
        Span<byte> header = stackalloc byte[ChunkHeader];
        for (long at = FileHeader; stream.Length - at >= ChunkHeader;)
        {
            stream.Position = at;
            stream.ReadExactly(header);
            at += ChunkHeader;
            long size = BinaryPrimitives.ReadInt64BigEndian(header[4..]);
            if (size < 0)
            {
                return false;
            }
            if (size > stream.Length - at)
            {
                return true;
            }
            at += size;
        }
        return false;
    }
}
