namespace SpeechML.Training.Caching;

/// <summary>float32 values whose lower 16 bits are 0, as bfloat16 has them, without these bits.</summary>
internal static class UpperHalves
{
    /// <summary>The upper halves of values.</summary>
    public static ushort[] Of(ReadOnlySpan<float> values)
    {
        ushort[] halves = new ushort[values.Length];
        for (int i = 0; i < halves.Length; i++)
        {
            halves[i] = (ushort)(BitConverter.SingleToUInt32Bits(values[i]) >> 16);
        }
        return halves;
    }

    /// <summary>The values again.</summary>
    public static void Widen(ReadOnlySpan<ushort> halves, Span<float> values)
    {
        for (int i = 0; i < halves.Length; i++)
        {
            values[i] = BitConverter.UInt32BitsToSingle((uint)halves[i] << 16);
        }
    }
}
