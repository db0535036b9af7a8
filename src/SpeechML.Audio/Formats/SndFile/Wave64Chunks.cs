using System.Buffers.Binary;

namespace SpeechML.Audio.Formats.SndFile;

/// <summary>
/// Where the samples of a Sony Wave64 file end: chunks have GUIDs for names and 64-bit sizes that include the header of
/// 24 bytes, and begin at multiples of 8. libsndfile takes all that follows for samples.
/// </summary>
internal static class Wave64Chunks
{
    private const int HeaderSize = 40, ChunkHeaderSize = 24;

    /// <summary>No file has this size: ffmpeg writes a larger one to a pipe.</summary>
    private const ulong Never = 1UL << 62;

    /// <summary>The GUID that such a file starts with.</summary>
    public static ReadOnlySpan<byte> RiffGuid =>
        [(byte)'r', (byte)'i', (byte)'f', (byte)'f', 0x2E, 0x91, 0xCF, 0x11, 0xA5, 0xD6, 0x28, 0xDB, 0x04, 0xC1, 0x00,
        0x00];

    private static ReadOnlySpan<byte> DataGuid =>
        [(byte)'d', (byte)'a', (byte)'t', (byte)'a', 0xF3, 0xAC, 0xD3, 0x11, 0x8C, 0xD1, 0x00, 0xC0, 0x4F, 0x8E, 0xDB,
        0x8A];

    /// <summary>The first byte behind the samples, and whether the header promises more than the file holds.</summary>
    public static (long End, bool ExceedsFile) EndOfSamples(Stream stream)
    {
        Span<byte> chunk = stackalloc byte[ChunkHeaderSize];
        for (long at = HeaderSize; stream.Length - at >= ChunkHeaderSize;)
        {
            stream.Position = at;
            stream.ReadExactly(chunk);
            ulong size = BinaryPrimitives.ReadUInt64LittleEndian(chunk[16..]), left = (ulong)(stream.Length - at);
            if (chunk.StartsWith(DataGuid))
            {
                // A writer that did not know the size, or was killed before it wrote it, leaves it to the end.
                return size <= ChunkHeaderSize || size >= Never ? (stream.Length, false)
                    : (at + (long)Math.Min(size, left), size > left);
            }
            ulong padded = (Math.Min(size, left) + 7) & ~7UL;
            if (size < ChunkHeaderSize || padded > left)
            {
                break;
            }
            at += (long)padded;
        }
        return (stream.Length, false);
    }
}
