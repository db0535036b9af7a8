using System.Buffers.Binary;

namespace SpeechML.TestSupport;

/// <summary>Makes WAV files in memory.</summary>
internal static class WavBytes
{
    /// <summary>16-bit PCM of interleaved samples.</summary>
    public static byte[] Pcm16(ReadOnlySpan<short> interleaved, int channels, int rate)
    {
        byte[] data = new byte[2 * interleaved.Length];
        for (int i = 0; i < interleaved.Length; i++)
        {
            BinaryPrimitives.WriteInt16LittleEndian(data.AsSpan(2 * i), interleaved[i]);
        }
        return File(1, channels, rate, 16, 2 * channels, [], data);
    }

    /// <summary>Any format whose <c>fmt </c> chunk has 16 bytes and some extra ones.</summary>
    public static byte[] File(int tag, int channels, int rate, int bits, int blockAlign, byte[] extra, byte[] data)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write("RIFF"u8);
        writer.Write(4 + 8 + 18 + extra.Length + 8 + data.Length);
        writer.Write("WAVE"u8);
        writer.Write("fmt "u8);
        writer.Write(18 + extra.Length);
        writer.Write((ushort)tag);
        writer.Write((ushort)channels);
        writer.Write(rate);
        writer.Write(rate * blockAlign);
        writer.Write((ushort)blockAlign);
        writer.Write((ushort)bits);
        writer.Write((ushort)extra.Length);
        writer.Write(extra);
        writer.Write("data"u8);
        writer.Write(data.Length);
        writer.Write(data);
        writer.Flush();
        return stream.ToArray();
    }
}
