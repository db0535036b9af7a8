namespace SpeechML.Audio.Formats.Wav;

/// <summary>Format tags of the <c>fmt </c> chunk (RFC 2361).</summary>
internal static class WavTag
{
    public const ushort Pcm = 0x0001;
    public const ushort MicrosoftAdpcm = 0x0002;
    public const ushort Float = 0x0003;
    public const ushort ALaw = 0x0006;
    public const ushort MuLaw = 0x0007;
    public const ushort ImaAdpcm = 0x0011;
    public const ushort Gsm610 = 0x0031;
    public const ushort Mpeg = 0x0050; // layers I and II
    public const ushort Mp3 = 0x0055;
    public const ushort Extensible = 0xFFFE;
}

/// <summary>Decodes the frames of one format whose samples have a size of their own each.</summary>
/// <param name="bytesPerFrame">Bytes of a frame, all channels.</param>
internal abstract class WavCodec(int bytesPerFrame)
{
    public int BytesPerFrame { get; } = bytesPerFrame;

    /// <summary>Whether the format can hold NaN and infinities.</summary>
    public virtual bool MayHoldNonFinite => false;

    /// <summary>The codec of a format.</summary>
    /// <exception cref="AudioException">The tag is unknown, or bits and block size contradict it.</exception>
    public static WavCodec ForFormat(WavFormat format, string name) => format.Tag switch
    {
        WavTag.Pcm => PcmCodec.Create(format, name),
        WavTag.Float => FloatCodec.Create(format, name),
        WavTag.ALaw or WavTag.MuLaw => G711Codec.Create(format, name),
        _ => throw new AudioException(AudioErrorKind.UnknownFormat, name,
            $"expected WAV format PCM (0x0001), Microsoft ADPCM (0x0002), float (0x0003), A-law (0x0006), mu-law " +
            $"(0x0007), IMA ADPCM (0x0011), GSM 6.10 (0x0031) or MP3 (0x0055), got 0x{format.Tag:X4}" +
            $"{Describe(format.Tag)}. Convert it to PCM: {ForeignFormats.Command(name)}.{ForeignFormats.Package}")
        {
            IsOtherFormat = true,
        },
    };

    private static string Describe(ushort tag) => tag switch
    {
        0x0014 or 0x0042 => " (G.723)",
        0x0022 => " (TrueSpeech)",
        0x0040 => " (G.721)",
        0x0045 or 0x0064 => " (G.726)",
        0x0065 or 0x028F => " (G.722)",
        0x0083 or 0x0133 => " (G.729)",
        0x0092 or 0x2000 => " (AC-3)",
        0x00FF or 0x1600 or 0x1602 or 0x1610 or 0x706D => " (AAC)",
        0x0130 => " (ACELP)",
        0x0160 or 0x0161 or 0x0162 or 0x0163 => " (Windows Media)",
        0x0057 => " (AMR)",
        0x566F or 0x674F or 0x6750 or 0x6751 or 0x676F or 0x6770 or 0x6771 => " (Vorbis)",
        0x704F => " (Opus)",
        0xA109 => " (Speex)",
        0xF1AC => " (FLAC)",
        _ => "",
    };

    /// <summary>Decodes whole frames in the order of the file.</summary>
    /// <param name="frames">Their bytes.</param>
    /// <param name="interleaved">Room for as many.</param>
    public abstract void Decode(ReadOnlySpan<byte> frames, Span<float> interleaved);
}
