using System.Buffers.Binary;

namespace SpeechML.Audio.Formats.Wav;

/// <summary>
/// WAV formats whose samples come in blocks: IMA (DVI) and Microsoft ADPCM, GSM 6.10. The numbers of a <c>fmt </c>
/// chunk are checked here, the samples are decoded by libsndfile.
/// </summary>
/// <param name="Name">The format, for messages.</param>
/// <param name="Format">The chunk.</param>
/// <param name="FramesPerBlock">Frames in a block.</param>
/// <param name="States">Where a block names an entry of a table, from its start.</param>
/// <param name="StateName">What that entry is, for messages.</param>
/// <param name="LargestState">The largest entry.</param>
internal sealed record BlockFormat(
    string Name, WavFormat Format, int FramesPerBlock, int[] States, string StateName, int LargestState)
{
    private const int GsmBlock = 65, GsmFrames = 320, ImaGroup = 4, MicrosoftHeader = 7;

    /// <summary>
    /// The pairs of Microsoft's standard (Multimedia Standards Update, 1994); libsndfile has no others.
    /// </summary>
    private static readonly short[] s_standardPairs =
        [256, 0, 512, -256, 0, 0, 192, 64, 240, 0, 460, -208, 392, -232];

    /// <summary>Checks a format; null where its samples do not come in blocks.</summary>
    /// <exception cref="AudioException">Channels, bits, block size or coefficients are not the format's.</exception>
    public static BlockFormat? Of(WavFormat format, string name) => format.Tag switch
    {
        WavTag.ImaAdpcm => Ima(format, name),
        WavTag.MicrosoftAdpcm => Microsoft(format, name),
        WavTag.Gsm610 => Gsm(format, name),
        _ => null,
    };

    /// <summary>A header of a file with nothing but blocks, up to the first of them.</summary>
    public byte[] Header(long blocks)
    {
        short[] extra = Format.Tag == WavTag.MicrosoftAdpcm
            ? [(short)FramesPerBlock, (short)(s_standardPairs.Length / 2), .. s_standardPairs]
            : [(short)FramesPerBlock];
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        uint size = checked((uint)(blocks * Format.BlockAlign));
        int chunk = 18 + (2 * extra.Length);
        writer.Write("RIFF"u8);
        writer.Write(checked((uint)(4 + 8 + chunk + 12 + 8 + size)));
        writer.Write("WAVEfmt "u8);
        writer.Write(chunk);
        writer.Write(Format.Tag);
        writer.Write((short)Format.Channels);
        writer.Write(Format.SampleRate);
        writer.Write((uint)((long)Format.SampleRate * Format.BlockAlign / FramesPerBlock));
        writer.Write((short)Format.BlockAlign);
        writer.Write((short)(Format.Tag == WavTag.Gsm610 ? 0 : 4));
        writer.Write((short)(2 * extra.Length));
        foreach (short number in extra)
        {
            writer.Write(number);
        }
        writer.Write("fact"u8);
        writer.Write(4);
        writer.Write(checked((uint)(blocks * FramesPerBlock)));
        writer.Write("data"u8);
        writer.Write(size);
        writer.Flush();
        return stream.ToArray();
    }

    private static BlockFormat Ima(WavFormat format, string name)
    {
        CheckBits(format, name, "IMA ADPCM");
        int unit = ImaGroup * format.Channels;
        if (format.BlockAlign == 0 || format.BlockAlign % unit != 0)
        {
            throw format.BadBlockAlign(
                name, $"a positive multiple of {unit} (IMA ADPCM of {format.Channels} channels)");
        }
        return new BlockFormat("IMA ADPCM", format, 1 + ((format.BlockAlign - unit) / unit * 8),
            [.. Enumerable.Range(0, format.Channels).Select(c => (ImaGroup * c) + 2)], "step index", 88);
    }

    private static BlockFormat Microsoft(WavFormat format, string name)
    {
        CheckBits(format, name, "Microsoft ADPCM");
        int header = MicrosoftHeader * format.Channels;
        if (format.BlockAlign < header || (format.BlockAlign - header) * 2 % format.Channels != 0)
        {
            throw format.BadBlockAlign(
                name, $"at least {header} with whole frames behind them (Microsoft ADPCM of {format.Channels} " +
                "channels)");
        }
        CheckPairs(format, name);
        return new BlockFormat("Microsoft ADPCM", format,
            2 + ((format.BlockAlign - header) * 2 / format.Channels), [.. Enumerable.Range(0, format.Channels)],
            "predictor", (s_standardPairs.Length / 2) - 1);
    }

    private static BlockFormat Gsm(WavFormat format, string name)
    {
        if (format.Channels != 1)
        {
            throw new AudioException(
                AudioErrorKind.BadChannels, name, $"expected 1 channel (GSM 6.10), got {format.Channels}.");
        }
        return format.BlockAlign == GsmBlock ? new BlockFormat("GSM 6.10", format, GsmFrames, [], "", 0)
            : throw format.BadBlockAlign(name, $"{GsmBlock} (GSM 6.10)");
    }

    private static void CheckBits(WavFormat format, string name, string codec)
    {
        if (format.Bits != 4)
        {
            throw format.BadBits(name, $"4 ({codec})");
        }
        if (format.Channels > 2)
        {
            throw new AudioException(
                AudioErrorKind.BadChannels, name, $"expected 1 or 2 channels ({codec}), got {format.Channels}.");
        }
    }

    /// <summary>The chunk lists pairs of coefficients behind the frames per block and the number of pairs.</summary>
    private static void CheckPairs(WavFormat format, string name)
    {
        ReadOnlySpan<byte> extra = format.Extra;
        int count = extra.Length >= 4 ? BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]) : 0;
        for (int k = 0; k < 2 * count && 4 + (2 * k) + 2 <= extra.Length; k++)
        {
            if (k >= s_standardPairs.Length
                || BinaryPrimitives.ReadInt16LittleEndian(extra[(4 + (2 * k))..]) != s_standardPairs[k])
            {
                throw new AudioException(AudioErrorKind.UnsupportedFormat, name,
                    $"expected the 7 standard coefficient pairs of Microsoft ADPCM, got others from pair {k / 2} on, " +
                    "which are not decoded here. Convert it with a program that reads them: sox in.wav -b 16 " +
                    "-e signed out.wav.");
            }
        }
    }
}
