namespace SpeechML.Audio.Formats.Wav;

/// <summary>A-law and mu-law companding of ITU-T G.711, one byte a sample, through a table of 256 values.</summary>
internal sealed class G711Codec : WavCodec
{
    private static readonly float[] s_aLaw = Table(ALaw);
    private static readonly float[] s_muLaw = Table(MuLaw);

    private readonly float[] _table;

    private G711Codec(float[] table, int channels)
        : base(channels, 1) => _table = table;

    public static G711Codec Create(WavFormat format, string name)
    {
        if (format.Bits != 8)
        {
            throw format.BadBits(name, "8 (G.711)");
        }
        if (format.BlockAlign != format.Channels)
        {
            throw format.BadBlockAlign(name, $"{format.Channels} ({format.Channels} channels of 8 bits)");
        }
        return new G711Codec(format.Tag == WavTag.ALaw ? s_aLaw : s_muLaw, format.Channels);
    }

    public override void Decode(ReadOnlySpan<byte> blocks, Span<float> interleaved, string name)
    {
        float[] table = _table;
        for (int i = 0; i < blocks.Length; i++)
        {
            interleaved[i] = table[blocks[i]];
        }
    }

    private static float[] Table(Func<int, int> decode)
    {
        float[] table = new float[256];
        for (int code = 0; code < table.Length; code++)
        {
            table[code] = decode(code) * (1f / 32768);
        }
        return table;
    }

    /// <summary>13 bits left-aligned in 16; even bits are stored inverted.</summary>
    private static int ALaw(int code)
    {
        code ^= 0x55;
        int segment = (code & 0x70) >> 4;
        int magnitude = ((code & 0x0F) << 4) + 8;
        if (segment > 0)
        {
            magnitude = (magnitude + 0x100) << (segment - 1);
        }
        return (code & 0x80) != 0 ? magnitude : -magnitude;
    }

    /// <summary>
    /// 14 bits left-aligned in 16; all bits are stored inverted, and the segments start at a bias of 0x84.
    /// </summary>
    private static int MuLaw(int code)
    {
        const int Bias = 0x84;
        code = ~code;
        int magnitude = ((((code & 0x0F) << 3) + Bias) << ((code & 0x70) >> 4)) - Bias;
        return (code & 0x80) != 0 ? -magnitude : magnitude;
    }
}
