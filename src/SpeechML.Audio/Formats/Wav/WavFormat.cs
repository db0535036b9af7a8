using System.Buffers.Binary;

namespace SpeechML.Audio.Formats.Wav;

/// <summary>
/// The facts of a <c>fmt </c> chunk, checked; for an extensible format the tag is that of its subformat.
/// </summary>
/// <param name="Tag">The format tag, see <see cref="WavTag"/>.</param>
/// <param name="Channels">Samples per frame.</param>
/// <param name="SampleRate">Frames per second (Hz).</param>
/// <param name="BlockAlign">Bytes per block: a frame of PCM, a block of ADPCM or GSM.</param>
/// <param name="Bits">Bits per sample as stored.</param>
/// <param name="BigEndian">The byte order.</param>
/// <param name="Extra">What follows the 18 bytes that all formats share.</param>
internal sealed record WavFormat(
    ushort Tag, int Channels, int SampleRate, int BlockAlign, int Bits, bool BigEndian, byte[] Extra)
{
    private const int SharedSize = 18;

    // valid bits, channel mask, subformat GUID
    private const int ExtensibleExtraSize = 22;

    /// <summary>Reads the chunk's body.</summary>
    public static WavFormat Parse(byte[] body, bool bigEndian, string name)
    {
        if (body.Length < 14)
        {
            throw new AudioException(
                AudioErrorKind.TruncatedHeader, name, $"expected a fmt chunk of at least 16 bytes, got {body.Length}.");
        }
        ushort tag = UInt16(body, 0, bigEndian);
        int channels = UInt16(body, 2, bigEndian);
        uint rate = bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(body.AsSpan(4))
            : BinaryPrimitives.ReadUInt32LittleEndian(body.AsSpan(4));
        if (channels is 0 or > AudioReader.MaxChannels)
        {
            throw new AudioException(
                AudioErrorKind.BadChannels, name,
                $"expected 1 to {AudioReader.MaxChannels} channels, got {channels}.");
        }
        if (rate is 0 or > int.MaxValue)
        {
            throw new AudioException(
                AudioErrorKind.BadRate, name, $"expected a sample rate of 1 to {int.MaxValue} Hz, got {rate}.");
        }
        if (body.Length < 16)
        {
            throw new AudioException(
                AudioErrorKind.BadBits, name,
                $"expected a fmt chunk with the bits per sample (16 bytes), got {body.Length} bytes.");
        }
        byte[] extra = body.Length > SharedSize ? body[SharedSize..] : [];
        if (tag == WavTag.Extensible)
        {
            tag = SubFormat(extra, bigEndian, name);
        }
        return new WavFormat(tag, channels, (int)rate, UInt16(body, 12, bigEndian), UInt16(body, 14, bigEndian),
            bigEndian, extra);
    }

    /// <summary>The error for bits per sample that the format cannot have.</summary>
    public AudioException BadBits(string name, string expected) =>
        new(AudioErrorKind.BadBits, name, $"expected {expected} bits per sample, got {Bits}.");

    /// <summary>The error for a block size that the format cannot have.</summary>
    public AudioException BadBlockAlign(string name, string expected) =>
        new(AudioErrorKind.BadBlockAlign, name, $"expected a block align of {expected}, got {BlockAlign}.");

    private static ushort SubFormat(byte[] extra, bool bigEndian, string name)
    {
        if (extra.Length < ExtensibleExtraSize)
        {
            throw new AudioException(
                AudioErrorKind.UnknownFormat, name,
                $"expected an extensible fmt chunk of 40 bytes with a subformat GUID, got " +
                $"{extra.Length + SharedSize} bytes.");
        }
        ReadOnlySpan<byte> guid = extra.AsSpan(6, 16);
        ReadOnlySpan<byte> tail = [0x80, 0x00, 0x00, 0xAA, 0x00, 0x38, 0x9B, 0x71]; // KSDATAFORMAT_SUBTYPE_*
        ReadOnlySpan<byte> ambisonicTail = [0x86, 0x44, 0xC8, 0xC1, 0xCA, 0x00, 0x00, 0x00]; // AMBISONIC_B_FORMAT
        if (!guid[8..].SequenceEqual(tail) && !guid[8..].SequenceEqual(ambisonicTail))
        {
            throw new AudioException(
                AudioErrorKind.UnknownFormat, name,
                $"expected a known subformat, got the GUID {new Guid(guid, bigEndian)}.");
        }
        return bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(guid[2..])
            : BinaryPrimitives.ReadUInt16LittleEndian(guid);
    }

    private static ushort UInt16(byte[] bytes, int at, bool bigEndian) =>
        bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(at))
            : BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));
}
