namespace SpeechML.Audio.Formats.Wav;

/// <summary>
/// GSM 06.10 full rate as in WAV: mono, blocks of 65 bytes with two frames of 260 bits, least significant bit first;
/// 160 samples a frame.
/// </summary>
internal sealed class Gsm610Codec : WavCodec
{
    private const int BlockBytes = 65;
    private const int FramesInBlock = 2;

    private static readonly byte[] s_logAreaRatioBits = [6, 6, 5, 5, 4, 4, 3, 3];

    private readonly Gsm610Decoder _decoder = new();
    private readonly Gsm610Frame _frame = new();
    private readonly short[] _samples = new short[Gsm610Decoder.FrameSamples];

    private Gsm610Codec()
        : base(BlockBytes, FramesInBlock * Gsm610Decoder.FrameSamples)
    {
    }

    public static Gsm610Codec Create(WavFormat format, string name)
    {
        if (format.Channels != 1)
        {
            throw new AudioException(
                AudioErrorKind.BadChannels, name, $"expected 1 channel (GSM 6.10), got {format.Channels}.");
        }
        if (format.BlockAlign != BlockBytes)
        {
            throw format.BadBlockAlign(name, $"{BlockBytes} (GSM 6.10)");
        }
        return new Gsm610Codec();
    }

    public override void Decode(ReadOnlySpan<byte> blocks, Span<float> interleaved, string name)
    {
        int at = 0;
        for (; blocks.Length >= BlockBytes; blocks = blocks[BlockBytes..])
        {
            int bit = 0;
            for (int k = 0; k < FramesInBlock; k++)
            {
                Unpack(blocks, ref bit);
                _decoder.Decode(_frame, _samples);
                foreach (short sample in _samples)
                {
                    interleaved[at++] = sample * (1f / 32768);
                }
            }
        }
    }

    private void Unpack(ReadOnlySpan<byte> block, ref int bit)
    {
        for (int k = 0; k < s_logAreaRatioBits.Length; k++)
        {
            _frame.LogAreaRatios[k] = Take(block, s_logAreaRatioBits[k], ref bit);
        }
        foreach (Gsm610Frame.SubFrame part in _frame.SubFrames)
        {
            part.Lag = Take(block, 7, ref bit);
            part.Gain = Take(block, 2, ref bit);
            part.Grid = Take(block, 2, ref bit);
            part.Maximum = Take(block, 6, ref bit);
            for (int k = 0; k < part.Pulses.Length; k++)
            {
                part.Pulses[k] = Take(block, 3, ref bit);
            }
        }
    }

    private static int Take(ReadOnlySpan<byte> block, int count, ref int bit)
    {
        int value = 0;
        for (int k = 0; k < count; k++, bit++)
        {
            value |= ((block[bit >> 3] >> (bit & 7)) & 1) << k;
        }
        return value;
    }
}
