using NAudio.Codecs;

namespace SpeechML.Audio.Formats.Wav;

/// <summary>A-law and mu-law companding of ITU-T G.711, one byte a sample, through a table of 256 values.</summary>
internal sealed class G711Codec : WavCodec
{
    private static readonly float[] s_aLaw = Table(ALawDecoder.ALawToLinearSample);

    // NAudio 3.3 gives -1 for the negative zero, which is 0 (ITU-T G.711, table 2b).
    private static readonly float[] s_muLaw =
        Table(code => code == 0x7F ? (short)0 : MuLawDecoder.MuLawToLinearSample(code));

    private readonly float[] _table;

    private G711Codec(float[] table, int channels)
        : base(channels) => _table = table;

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

    public override void Decode(ReadOnlySpan<byte> frames, Span<float> interleaved)
    {
        float[] table = _table;
        for (int i = 0; i < frames.Length; i++)
        {
            interleaved[i] = table[frames[i]];
        }
    }

    private static float[] Table(Func<byte, short> decode)
    {
        float[] table = new float[256];
        for (int code = 0; code < table.Length; code++)
        {
            table[code] = decode((byte)code) * (1f / 32768);
        }
        return table;
    }
}
