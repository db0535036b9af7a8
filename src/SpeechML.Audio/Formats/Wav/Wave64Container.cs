using System.Buffers.Binary;

namespace SpeechML.Audio.Formats.Wav;

/// <summary>
/// Finds the <c>fmt </c> and <c>data</c> chunks of Sony Wave64 files: GUIDs for names, 64-bit sizes that include the
/// header, alignment to 8 bytes.
/// </summary>
internal static class Wave64Container
{
    private const int ChunkHeaderSize = 24;

    /// <summary>No file has this size: ffmpeg writes a larger one to a pipe.</summary>
    private const ulong Never = 1UL << 62;

    // riff GUID, 64-bit size, wave GUID
    private const int HeaderSize = ChunkHeaderSize + 16;

    /// <summary>The GUID that such a file starts with.</summary>
    public static ReadOnlySpan<byte> RiffGuid =>
        [(byte)'r', (byte)'i', (byte)'f', (byte)'f', 0x2E, 0x91, 0xCF, 0x11, 0xA5, 0xD6, 0x28, 0xDB, 0x04, 0xC1, 0x00,
        0x00];

    /// <summary>What the GUIDs of <c>wave</c>, <c>fmt </c> and <c>data</c> have behind their four letters.</summary>
    private static ReadOnlySpan<byte> GuidTail =>
        [0xF3, 0xAC, 0xD3, 0x11, 0x8C, 0xD1, 0x00, 0xC0, 0x4F, 0x8E, 0xDB, 0x8A];

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
                $"expected a Wave64 header of {HeaderSize} bytes, got a file of {length}.");
        }
        stream.ReadExactly(header);
        if (!IsNamed(header[ChunkHeaderSize..], "wave"u8))
        {
            throw new AudioException(
                AudioErrorKind.NotAudio, name,
                $"expected a Wave64 file of form 'wave', got form {Convert.ToHexString(header[ChunkHeaderSize..])}.");
        }
        byte[]? format = null;
        long at = HeaderSize;
        Span<byte> chunk = header[..ChunkHeaderSize];
        while (length - at >= ChunkHeaderSize)
        {
            stream.Position = at;
            stream.ReadExactly(chunk);
            ulong size = BinaryPrimitives.ReadUInt64LittleEndian(chunk[16..]);
            bool isData = IsNamed(chunk, "data"u8);
            if (isData && (size <= ChunkHeaderSize || size >= Never) && length - at > ChunkHeaderSize)
            {
                size = (ulong)(length - at); // the writer did not know it, or was killed
            }
            if (size < ChunkHeaderSize)
            {
                throw new AudioException(
                    AudioErrorKind.TruncatedHeader, name,
                    $"expected a Wave64 chunk of at least {ChunkHeaderSize} bytes, got a size of {size}.");
            }
            ulong body = size - ChunkHeaderSize;
            at += ChunkHeaderSize;
            if (isData)
            {
                ulong left = (ulong)(length - at);
                return new WavLayout(format ?? throw WavLayout.NoFormat(name), false, at, (long)Math.Min(left, body),
                    body > left);
            }
            if (IsNamed(chunk, "fmt "u8))
            {
                format = WavLayout.ReadFormat(stream, body, name);
            }
            ulong padded = body > (ulong)length ? body : (body + 7) & ~7UL;
            at = padded > (ulong)(length - at) ? length : at + (long)padded;
        }
        throw WavLayout.NoData(format is not null, length - at, name);
    }

    private static bool IsNamed(ReadOnlySpan<byte> guid, ReadOnlySpan<byte> letters) =>
        guid[..4].SequenceEqual(letters) && guid[4..16].SequenceEqual(GuidTail);
}
