using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace SpeechML.Audio.Formats.Wav;

/// <summary>IEEE floating point of 32 or 64 bits, kept as it is: not clipped to [-1, 1].</summary>
internal sealed class FloatCodec : WavCodec
{
    private readonly bool _wide;
    private readonly bool _bigEndian;

    private FloatCodec(bool wide, int channels, bool bigEndian)
        : base((wide ? 8 : 4) * channels)
    {
        _wide = wide;
        _bigEndian = bigEndian;
    }

    public override bool MayHoldNonFinite => true;

    public static FloatCodec Create(WavFormat format, string name)
    {
        if (format.Bits is not (32 or 64))
        {
            throw format.BadBits(name, "32 or 64 (floating point)");
        }
        int align = format.Bits / 8 * format.Channels;
        if (format.BlockAlign != align)
        {
            throw format.BadBlockAlign(name, $"{align} ({format.Channels} channels of {format.Bits} bits)");
        }
        return new FloatCodec(format.Bits == 64, format.Channels, format.BigEndian);
    }

    public override void Decode(ReadOnlySpan<byte> frames, Span<float> interleaved)
    {
        if (!_wide && _bigEndian != BitConverter.IsLittleEndian)
        {
            MemoryMarshal.Cast<byte, float>(frames).CopyTo(interleaved);
            return;
        }
        int size = _wide ? 8 : 4;
        for (int i = 0, at = 0; at < frames.Length; i++, at += size)
        {
            ReadOnlySpan<byte> bytes = frames.Slice(at, size);
            interleaved[i] = (_wide, _bigEndian) switch
            {
                (false, false) => BinaryPrimitives.ReadSingleLittleEndian(bytes),
                (false, true) => BinaryPrimitives.ReadSingleBigEndian(bytes),
                (true, false) => (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes),
                (true, true) => (float)BinaryPrimitives.ReadDoubleBigEndian(bytes),
            };
        }
    }
}
