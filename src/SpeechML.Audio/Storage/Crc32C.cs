using System.Numerics;
using System.Runtime.InteropServices;

namespace SpeechML.Audio.Storage;

/// <summary>CRC-32C (Castagnoli; RFC 3720 appendix B.4), with the processor's instruction where it has one.</summary>
internal static class Crc32C
{
    /// <summary>The checksum of bytes.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes) => Append(0, bytes);

    /// <summary>The checksum of all bytes of a stream from its position on.</summary>
    public static uint Compute(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        byte[] buffer = new byte[1 << 17];
        uint crc = 0;
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            crc = Append(crc, buffer.AsSpan(0, read));
        }
        return crc;
    }

    /// <summary>The checksum of what <paramref name="crc"/> is the checksum of, with bytes after it.</summary>
    /// <param name="crc">A checksum; 0 for nothing.</param>
    /// <param name="bytes">The bytes that follow.</param>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        crc = ~crc;
        // The instruction takes the first byte in the lowest place.
        if (BitConverter.IsLittleEndian)
        {
            ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
            foreach (ulong word in words)
            {
                crc = BitOperations.Crc32C(crc, word);
            }
            bytes = bytes[(words.Length * sizeof(ulong))..];
        }
        foreach (byte b in bytes)
        {
            crc = BitOperations.Crc32C(crc, b);
        }
        return ~crc;
    }
}
