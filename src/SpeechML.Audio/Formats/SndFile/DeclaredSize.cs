using System.Buffers.Binary;

namespace SpeechML.Audio.Formats.SndFile;

/// <summary>
/// Whether AIFF, AU and CAF headers promise more bytes than the file has; libsndfile cuts such promises down without a
/// word.
/// </summary>
internal static class DeclaredSize
{
    /// <summary>From here on a size means "to the end": written to a pipe by SoX (AIFF), or by the others.</summary>
    private const uint AiffOfPipe = 0x7F000000, OfPipe = 0x7FFFF000;

    /// <summary>Throws where a second recording follows, or samples whose number was never written.</summary>
    public static void Check(Stream stream, string name)
    {
        Span<byte> start = stackalloc byte[12];
        stream.Position = 0;
        if (stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) < start.Length)
        {
            return;
        }
        if (start.StartsWith(".snd"u8))
        {
            long left = stream.Length - BinaryPrimitives.ReadUInt32BigEndian(start[4..]);
            if (BinaryPrimitives.ReadUInt32BigEndian(start[8..]) == 0 && left > 0)
            {
                throw new AudioException(AudioErrorKind.EmptyAudio, name,
                    $"expected samples, got a header that says 0 bytes of them, and {left} bytes behind it: the " +
                    $"recorder was stopped before it wrote their number. Write FFFFFFFF (not known) into bytes 8 to " +
                    $"11 of a copy.");
            }
        }
        long end = 8L + BinaryPrimitives.ReadUInt32BigEndian(start[4..]);
        end += end & 1;
        if (start.StartsWith("FORM"u8) && stream.Length - end >= start.Length)
        {
            stream.Position = end;
            stream.ReadExactly(start);
            if (start.StartsWith("FORM"u8) && start[8..11].SequenceEqual("AIF"u8))
            {
                throw new AudioException(AudioErrorKind.CorruptStream, name,
                    $"expected one recording, got a second AIFF file from byte {end} on. Divide the file.");
            }
        }
    }

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
            uint form = BinaryPrimitives.ReadUInt32BigEndian(start[4..]);
            return 8L + form > stream.Length && form is not ((>= AiffOfPipe and <= AiffOfPipe + 0xFFFF) or >= OfPipe);
        }
        if (start.StartsWith(".snd"u8))
        {
            uint offset = BinaryPrimitives.ReadUInt32BigEndian(start[4..]),
                size = BinaryPrimitives.ReadUInt32BigEndian(start[8..]);
            return size < OfPipe && (long)offset + size > stream.Length;
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
