using System.Buffers.Binary;

namespace SpeechML.Audio.Formats.Wav;

/// <summary>
/// Finds the <c>fmt </c> and <c>data</c> chunks of RIFF, RIFX (big-endian), RF64 and BW64 files (EBU Tech 3306). Chunk
/// sizes are believed only as
/// far as the file reaches.
/// </summary>
internal static class RiffContainer
{
    private const int HeaderSize = 12;
    private const int ChunkHeaderSize = 8;

    /// <summary>What a 32-bit size holds where <c>ds64</c> has it, or where the writer did not know it.</summary>
    private const uint UnknownSize = uint.MaxValue;

    /// <summary>Reads the chunk headers up to the samples.</summary>
    public static WavLayout Read(Stream stream, string name)
    {
        long length = stream.Length;
        Span<byte> header = stackalloc byte[HeaderSize];
        stream.Position = 0;
        if (length < HeaderSize)
        {
            throw new AudioException(
                AudioErrorKind.TruncatedHeader, name,
                $"expected a RIFF header of {HeaderSize} bytes, got a file of {length}.");
        }
        stream.ReadExactly(header);
        if (!header[8..12].SequenceEqual("WAVE"u8))
        {
            throw new AudioException(
                AudioErrorKind.NotAudio, name,
                $"expected a RIFF file of form 'WAVE', got form '{Printable(header[8..12])}'." +
                (header[8..12].SequenceEqual("AVI "u8)
                    ? $" Take its sound: {ForeignFormats.Command(name)}.{ForeignFormats.Package}" : ""))
            {
                IsOtherFormat = true,
            };
        }
        bool bigEndian = header[3] == 'X';
        uint riffSize = Size(header[4..8], bigEndian);
        ulong dataSize64 = ulong.MaxValue;
        byte[]? format = null;
        long at = HeaderSize;
        while (length - at >= ChunkHeaderSize)
        {
            stream.Position = at;
            Span<byte> chunk = header[..ChunkHeaderSize];
            stream.ReadExactly(chunk);
            at += ChunkHeaderSize;
            uint size = Size(chunk[4..8], bigEndian);
            if (chunk.StartsWith("data"u8))
            {
                return Data(
                    stream, format ?? throw WavLayout.NoFormat(name), bigEndian, riffSize, size, dataSize64, name);
            }
            if (chunk.StartsWith("fmt "u8))
            {
                format = WavLayout.ReadFormat(stream, size, name);
            }
            else if (chunk.StartsWith("ds64"u8) && size >= 16 && length - at >= 16)
            {
                stream.Position = at + 8; // behind the RIFF size
                stream.ReadExactly(chunk);
                dataSize64 = BinaryPrimitives.ReadUInt64LittleEndian(chunk);
            }
            at = Math.Min(length, at + size);
            at += (size & 1) == 1 && at < length && !RiffChunks.FollowsUnpadded(stream, at) ? 1 : 0;
        }
        throw WavLayout.NoData(format is not null, length - at, name);
    }

    private static WavLayout Data(
        Stream stream, byte[] format, bool bigEndian, uint riffSize, uint size, ulong dataSize64, string name)
    {
        long start = stream.Position, left = stream.Length - start;
        ulong claimed = size == UnknownSize && dataSize64 != ulong.MaxValue ? dataSize64 : size;
        if (MeansToTheEnd(stream, start, claimed, riffSize, bigEndian))
        {
            long end = RiffChunks.EndOfSamples(stream, start, bigEndian);
            return new WavLayout(format, bigEndian, start, end - start, false);
        }
        RiffChunks.RefuseSecond(stream, start, claimed, name);
        return new WavLayout(
            format, bigEndian, start, (long)Math.Min((ulong)left, claimed), claimed > (ulong)left);
    }

    /// <summary>
    /// Whether the size of the data chunk is not one: the writer could not know it (a pipe), or was killed before it
    /// wrote it, or wrote the size of the file.
    /// </summary>
    private static bool MeansToTheEnd(Stream stream, long start, ulong claimed, uint riffSize, bool bigEndian)
    {
        const ulong HeadroomOfPipe = 0xFFFFFF00; // 0xFFFFFFFF less a header: ffmpeg, flac, mpg123
        const ulong HalfOfPipe = 0x7FFFF000, EndOfHalf = 0x80000100; // SoX, LAME, arecord
        const ulong Never = 1UL << 62; // of RF64
        long length = stream.Length, left = length - start;
        if (claimed == 0)
        {
            // An empty recording has a right size in its header, and a chunk behind the samples if anything.
            bool isEmpty = left == 0
                || (Math.Abs(riffSize + 8L - length) <= 1 && RiffChunks.IsChunk(stream, start, bigEndian));
            return !isEmpty;
        }
        return claimed > (ulong)left && (claimed is (>= HalfOfPipe and <= EndOfHalf) or >= Never
            || (claimed is >= HeadroomOfPipe and <= uint.MaxValue)
            || claimed == (ulong)length || claimed == (ulong)length - 8);
    }

    private static uint Size(ReadOnlySpan<byte> bytes, bool bigEndian) =>
        bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private static string Printable(ReadOnlySpan<byte> bytes)
    {
        Span<char> text = stackalloc char[bytes.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            text[i] = bytes[i] is >= 0x20 and < 0x7F ? (char)bytes[i] : '?';
        }
        return text.ToString();
    }
}
