using System.Buffers.Binary;

namespace SpeechML.Audio.Formats.Wav;

/// <summary>
/// IMA (DVI) ADPCM as in WAV. A block holds, per channel, 4 bytes of state (first sample, step index, zero), then
/// groups of 4 bytes per channel with 8
/// nibbles, low nibble first. Arithmetic: IMA Digital Audio Focus and Technical Working Group, Recommended Practices,
/// revision 3.00 (1992).
/// </summary>
internal sealed class ImaAdpcmCodec : WavCodec
{
    private const int GroupBytes = 4;
    private const int GroupSamples = 8;

    private static readonly short[] s_steps =
    [
        7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97,
        107, 118, 130, 143, 157, 173, 190, 209, 230, 253, 279, 307,
        337, 371, 408, 449, 494, 544, 598, 658, 724, 796, 876, 963, 1060, 1166, 1282, 1411, 1552, 1707, 1878, 2066,
        2272, 2499, 2749, 3024, 3327, 3660, 4026, 4428, 4871, 5358,
        5894, 6484, 7132, 7845, 8630, 9493, 10442, 11487, 12635, 13899, 15289, 16818, 18500, 20350, 22385, 24623, 27086,
        29794, 32767,
    ];

    private static readonly sbyte[] s_indexMoves = [-1, -1, -1, -1, 2, 4, 6, 8];

    private readonly int _channels;

    private ImaAdpcmCodec(int channels, int blockAlign)
        : base(blockAlign, 1 + ((blockAlign - (GroupBytes * channels)) / (GroupBytes * channels) * GroupSamples)) =>
            _channels = channels;

    public static ImaAdpcmCodec Create(WavFormat format, string name)
    {
        if (format.Bits != 4)
        {
            throw format.BadBits(name, "4 (IMA ADPCM)");
        }
        int unit = GroupBytes * format.Channels;
        if (format.BlockAlign == 0 || format.BlockAlign % unit != 0)
        {
            throw format.BadBlockAlign(
                name, $"a positive multiple of {unit} (IMA ADPCM of {format.Channels} channels)");
        }
        return new ImaAdpcmCodec(format.Channels, format.BlockAlign);
    }

    public override void Decode(ReadOnlySpan<byte> blocks, Span<float> interleaved, string name)
    {
        for (int block = 0; block < blocks.Length / BytesPerBlock; block++)
        {
            for (int channel = 0; channel < _channels; channel++)
            {
                DecodeChannel(blocks.Slice(block * BytesPerBlock, BytesPerBlock),
                    interleaved[((block * FramesPerBlock * _channels) + channel)..], channel, name);
            }
        }
    }

    private void DecodeChannel(ReadOnlySpan<byte> block, Span<float> target, int channel, string name)
    {
        ReadOnlySpan<byte> state = block.Slice(GroupBytes * channel, GroupBytes);
        int sample = BinaryPrimitives.ReadInt16LittleEndian(state);
        int index = state[2];
        if (index >= s_steps.Length)
        {
            throw new AudioException(
                AudioErrorKind.CorruptStream, name,
                $"expected an IMA ADPCM step index of 0 to {s_steps.Length - 1}, got {index}.");
        }
        target[0] = sample * (1f / 32768);
        int at = _channels;
        for (int group = GroupBytes * (_channels + channel); group < block.Length; group += GroupBytes * _channels)
        {
            uint nibbles = BinaryPrimitives.ReadUInt32LittleEndian(block[group..]);
            for (int k = 0; k < GroupSamples; k++, nibbles >>= 4, at += _channels)
            {
                int step = s_steps[index];
                int move = step >> 3;
                move += (nibbles & 4) != 0 ? step : 0;
                move += (nibbles & 2) != 0 ? step >> 1 : 0;
                move += (nibbles & 1) != 0 ? step >> 2 : 0;
                sample = Math.Clamp((nibbles & 8) != 0 ? sample - move : sample + move, short.MinValue, short.MaxValue);
                index = Math.Clamp(index + s_indexMoves[nibbles & 7], 0, s_steps.Length - 1);
                target[at] = sample * (1f / 32768);
            }
        }
    }
}
