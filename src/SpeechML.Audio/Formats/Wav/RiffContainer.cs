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

    /// <summary>
    /// The size a 32-bit field holds where the writer could not know it (streams), or where <c>ds64</c> has it.
    /// </summary>
    private const uint UnknownSize = uint.MaxValue;

    /// <summary>The RIFF size left by a writer that was killed before it could fill in the sizes.</summary>
    private const uint UnclosedSize = 8;

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
                $"expected a RIFF file of form 'WAVE', got form '{Printable(header[8..12])}'.");
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
                return Data(stream, format ?? throw WavLayout.NoFormat(name), bigEndian, riffSize, size, dataSize64);
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
            at = Math.Min(length, at + size + (size & 1)); // chunks are padded to even sizes
        }
        throw WavLayout.NoData(format is not null, length - at, name);
    }

    private static WavLayout Data(
        Stream stream, byte[] format, bool bigEndian, uint riffSize, uint size, ulong dataSize64)
    {
        long left = stream.Length - stream.Position;
        bool toTheEnd = size == UnknownSize ? dataSize64 == ulong.MaxValue : size == 0 && riffSize == UnclosedSize;
        ulong claimed = toTheEnd ? (ulong)left : size == UnknownSize ? dataSize64 : size;
        return new WavLayout(format, bigEndian, stream.Position, (long)Math.Min((ulong)left, claimed),
            claimed > (ulong)left);
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
