using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace SpeechML.Audio.Formats.Wav;

/// <summary>
/// Linear PCM in 1, 2, 3 or 4 bytes; one byte is unsigned. Fewer valid bits than the container has are left-aligned in
/// it, so that the container
/// alone gives the scale.
/// </summary>
internal sealed class PcmCodec : WavCodec
{
    private readonly int _bytes;
    private readonly bool _bigEndian;

    private PcmCodec(int bytes, int channels, bool bigEndian)
        : base(bytes * channels)
    {
        _bytes = bytes;
        _bigEndian = bigEndian;
    }

    public static PcmCodec Create(WavFormat format, string name)
    {
        if (format.Bits is < 8 or > 32)
        {
            throw format.BadBits(name, "8 to 32");
        }
        int bytes = (format.Bits + 7) / 8;
        if (format.BlockAlign != bytes * format.Channels)
        {
            string found = $"{bytes * format.Channels} ({format.Channels} channels of {format.Bits} bits)";
            throw bytes == 3 && format.BlockAlign == 4 * format.Channels
                ? new AudioException(AudioErrorKind.BadBlockAlign, name,
                    $"expected a block align of {found}, got {format.BlockAlign}: 24 bits in 4 bytes, and nothing " +
                    $"says at which end they lie (arecord -f S24_LE). Record it as S24_3LE or S32_LE.")
                : format.BadBlockAlign(name, found);
        }
        return new PcmCodec(bytes, format.Channels, format.BigEndian);
    }

    public override void Decode(ReadOnlySpan<byte> frames, Span<float> interleaved)
    {
        switch (_bytes)
        {
            case 1:
                for (int i = 0; i < frames.Length; i++)
                {
                    interleaved[i] = (frames[i] - 128) * (1f / 128);
                }
                break;
            case 2 when !_bigEndian && BitConverter.IsLittleEndian:
                Decode16(MemoryMarshal.Cast<byte, short>(frames), interleaved);
                break;
            case 2:
                for (int i = 0, at = 0; at < frames.Length; i++, at += 2)
                {
                    interleaved[i] = Int16(frames[at..]) * (1f / 32768);
                }
                break;
            case 3:
                int high = _bigEndian ? 0 : 2, low = 2 - high;
                for (int i = 0, at = 0; at < frames.Length; i++, at += 3)
                {
                    interleaved[i] = (((sbyte)frames[at + high] << 16) | (frames[at + 1] << 8) | frames[at + low]) *
                        (1f / 8388608);
                }
                break;
            default:
                for (int i = 0, at = 0; at < frames.Length; i++, at += 4)
                {
                    interleaved[i] = Int32(frames[at..]) * (1f / 2147483648f);
                }
                break;
        }
    }

    private static void Decode16(ReadOnlySpan<short> samples, Span<float> target)
    {
        var scale = new Vector<float>(1f / 32768);
        int i = 0;
        for (; i <= samples.Length - Vector<short>.Count; i += Vector<short>.Count)
        {
            Vector.Widen(new Vector<short>(samples[i..]), out Vector<int> low, out Vector<int> high);
            (Vector.ConvertToSingle(low) * scale).CopyTo(target[i..]);
            (Vector.ConvertToSingle(high) * scale).CopyTo(target[(i + Vector<int>.Count)..]);
        }
        for (; i < samples.Length; i++)
        {
            target[i] = samples[i] * (1f / 32768);
        }
    }

    private short Int16(ReadOnlySpan<byte> bytes) =>
        _bigEndian ? BinaryPrimitives.ReadInt16BigEndian(bytes) : BinaryPrimitives.ReadInt16LittleEndian(bytes);

    private int Int32(ReadOnlySpan<byte> bytes) =>
        _bigEndian ? BinaryPrimitives.ReadInt32BigEndian(bytes) : BinaryPrimitives.ReadInt32LittleEndian(bytes);
}
