using System.Buffers.Binary;

namespace SpeechML.Audio.Formats.Wav;

/// <summary>
/// Microsoft ADPCM. A block holds, for all channels each, the predictor's index (1 byte), the delta, the second and the
/// first sample (2 bytes each), then
/// nibbles, high nibble first, the channels in turn. Arithmetic: Microsoft Multimedia Standards Update, revision 3.0
/// (1994).
/// </summary>
internal sealed class MicrosoftAdpcmCodec : WavCodec
{
    private const int HeaderBytes = 7;

    private static readonly short[] s_adapt =
        [230, 230, 230, 230, 307, 409, 512, 614, 768, 614, 512, 409, 307, 230, 230, 230];

    private static readonly (int First, int Second)[] s_standard =
        [(256, 0), (512, -256), (0, 0), (192, 64), (240, 0), (460, -208), (392, -232)];

    private readonly int _channels;
    private readonly (int First, int Second)[] _coefficients;
    private readonly State[] _states;

    private MicrosoftAdpcmCodec(int channels, int blockAlign, (int First, int Second)[] coefficients)
        : base(blockAlign, 2 + ((blockAlign - (HeaderBytes * channels)) * 2 / channels))
    {
        _channels = channels;
        _coefficients = coefficients;
        _states = new State[channels];
    }

    public static MicrosoftAdpcmCodec Create(WavFormat format, string name)
    {
        if (format.Bits != 4)
        {
            throw format.BadBits(name, "4 (Microsoft ADPCM)");
        }
        int header = HeaderBytes * format.Channels;
        if (format.BlockAlign < header || (format.BlockAlign - header) * 2 % format.Channels != 0)
        {
            throw format.BadBlockAlign(
                name, $"at least {header} with whole frames behind them (Microsoft ADPCM of {format.Channels} " +
                "channels)");
        }
        return new MicrosoftAdpcmCodec(format.Channels, format.BlockAlign, Coefficients(format));
    }

    public override void Decode(ReadOnlySpan<byte> blocks, Span<float> interleaved, string name)
    {
        for (int block = 0; block < blocks.Length / BytesPerBlock; block++)
        {
            DecodeBlock(blocks.Slice(block * BytesPerBlock, BytesPerBlock),
                interleaved.Slice(block * FramesPerBlock * _channels, FramesPerBlock * _channels), name);
        }
    }

    /// <summary>
    /// The pairs that the chunk lists behind the frames per block and their count; the seven standard ones where it
    /// lists none.
    /// </summary>
    private static (int First, int Second)[] Coefficients(WavFormat format)
    {
        int count = format.Extra.Length >= 4 ? BinaryPrimitives.ReadUInt16LittleEndian(format.Extra.AsSpan(2)) : 0;
        if (count == 0 || format.Extra.Length < 4 + (4 * count))
        {
            return s_standard;
        }
        var pairs = new (int First, int Second)[count];
        for (int k = 0; k < count; k++)
        {
            ReadOnlySpan<byte> pair = format.Extra.AsSpan(4 + (4 * k), 4);
            pairs[k] = (BinaryPrimitives.ReadInt16LittleEndian(pair),
                BinaryPrimitives.ReadInt16LittleEndian(pair[2..]));
        }
        return pairs;
    }

    private void DecodeBlock(ReadOnlySpan<byte> block, Span<float> target, string name)
    {
        for (int c = 0; c < _channels; c++)
        {
            if (block[c] >= _coefficients.Length)
            {
                throw new AudioException(
                    AudioErrorKind.CorruptStream, name,
                    $"expected a Microsoft ADPCM predictor of 0 to {_coefficients.Length - 1}, got {block[c]}.");
            }
            ref State state = ref _states[c];
            state.Coefficients = _coefficients[block[c]];
            state.Delta = Int16(block, _channels + (2 * c));
            state.One = Int16(block, (3 * _channels) + (2 * c));
            state.Two = Int16(block, (5 * _channels) + (2 * c));
            target[c] = state.Two * (1f / 32768);
            target[_channels + c] = state.One * (1f / 32768);
        }
        int at = 2 * _channels;
        int channel = 0;
        foreach (byte pair in block[(HeaderBytes * _channels)..])
        {
            target[at++] = _states[channel].Next(pair >> 4);
            channel = channel + 1 == _channels ? 0 : channel + 1;
            target[at++] = _states[channel].Next(pair & 15);
            channel = channel + 1 == _channels ? 0 : channel + 1;
        }
    }

    private static int Int16(ReadOnlySpan<byte> block, int at) => BinaryPrimitives.ReadInt16LittleEndian(block[at..]);

    private struct State
    {
        public (int First, int Second) Coefficients;
        public int Delta;
        public int One;
        public int Two;

        public float Next(int nibble)
        {
            int prediction = ((One * Coefficients.First) + (Two * Coefficients.Second)) >> 8;
            int sample = Math.Clamp(prediction + (((nibble ^ 8) - 8) * Delta), short.MinValue, short.MaxValue);
            Two = One;
            One = sample;
            Delta = Math.Max(16, (s_adapt[nibble] * Delta) >> 8);
            return sample * (1f / 32768);
        }
    }
}
