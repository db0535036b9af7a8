namespace SpeechML.Audio.Formats.Flac;

/// <summary>
/// The checksums of FLAC (RFC 9639, sections 9.1.8 and 9.3) and of Ogg (RFC 3533, section 6): most significant bit
/// first, start value 0.
/// </summary>
internal static class FlacChecksums
{
    private static readonly uint[] s_crc8 = Table(0x07, 8);
    private static readonly uint[] s_crc16 = Table(0x8005, 16);
    private static readonly uint[] s_crc32 = Table(0x04C11DB7, 32);

    /// <summary>Polynomial x^8 + x^2 + x + 1, of a frame's header.</summary>
    public static byte Crc8(ReadOnlySpan<byte> bytes)
    {
        uint crc = 0;
        foreach (byte b in bytes)
        {
            crc = s_crc8[crc ^ b];
        }
        return (byte)crc;
    }

    /// <summary>Polynomial x^16 + x^15 + x^2 + 1, of a whole frame.</summary>
    public static ushort Crc16(ReadOnlySpan<byte> bytes)
    {
        uint crc = 0;
        foreach (byte b in bytes)
        {
            crc = ((crc << 8) ^ s_crc16[(crc >> 8) ^ b]) & 0xFFFF;
        }
        return (ushort)crc;
    }

    /// <summary>Polynomial 0x04C11DB7, of an Ogg page.</summary>
    public static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        uint crc = 0;
        foreach (byte b in bytes)
        {
            crc = (crc << 8) ^ s_crc32[(crc >> 24) ^ b];
        }
        return crc;
    }

    private static uint[] Table(uint polynomial, int width)
    {
        uint[] table = new uint[256];
        uint mask = width == 32 ? uint.MaxValue : (1u << width) - 1;
        for (uint k = 0; k < table.Length; k++)
        {
            uint value = k << (width - 8);
            for (int bit = 0; bit < 8; bit++)
            {
                value = (value & (1u << (width - 1))) != 0 ? ((value << 1) ^ polynomial) & mask : (value << 1) & mask;
            }
            table[k] = value;
        }
        return table;
    }
}
