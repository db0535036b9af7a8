namespace SpeechML.Audio.Formats.Flac;

/// <summary>What the header of a FLAC stream says (RFC 9639, section 8.2).</summary>
/// <param name="SampleRate">Frames per second (Hz).</param>
/// <param name="Channels">1 to 8.</param>
/// <param name="Bits">Bits per sample.</param>
/// <param name="TotalFrames">The number of frames; 0 where the encoder did not know it.</param>
internal sealed record FlacStreamInfo(int SampleRate, int Channels, int Bits, long TotalFrames)
{
    private const int StreamInfoType = 0;
    private const int InvalidType = 127;
    private const int StreamInfoBytes = 34;

    /// <summary>Reads the marker and all metadata blocks; the reader is then at the first frame.</summary>
    public static FlacStreamInfo Read(FlacBitReader reader, string name)
    {
        try
        {
            if (reader.Read(32) != 0x664C6143) // fLaC
            {
                throw new AudioException(
                    AudioErrorKind.CorruptStream, name, "expected the marker 'fLaC', got something else.");
            }
            FlacStreamInfo? info = null;
            for (bool isLast = false; !isLast;)
            {
                isLast = reader.Read(1) == 1;
                uint type = reader.Read(7), length = reader.Read(24);
                if (type == InvalidType || (info is null) != (type == StreamInfoType)
                    || (type == StreamInfoType && length != StreamInfoBytes))
                {
                    throw new AudioException(AudioErrorKind.CorruptStream, name, info is null
                        ? $"expected a STREAMINFO block (type {StreamInfoType}) of {StreamInfoBytes} bytes, got type " +
                            $"{type} of {length} bytes."
                        : $"expected a metadata block, got type {type}.");
                }
                if (type == StreamInfoType)
                {
                    info = ReadStreamInfo(reader, name);
                }
                else
                {
                    reader.Skip(length);
                }
                reader.Mark();
            }
            return info!;
        }
        catch (EndOfStreamException e)
        {
            throw new AudioException(
                AudioErrorKind.TruncatedHeader, name,
                "expected whole FLAC metadata blocks, got the end of the file inside them.", e);
        }
    }

    private static FlacStreamInfo ReadStreamInfo(FlacBitReader reader, string name)
    {
        reader.Skip(10); // smallest and largest block and frame: each frame says its own
        int rate = (int)reader.Read(20), channels = (int)reader.Read(3) + 1, bits = (int)reader.Read(5) + 1;
        long total = ((long)reader.Read(4) << 32) | reader.Read(32);
        reader.Skip(16); // MD5 of the samples
        if (rate == 0)
        {
            throw new AudioException(AudioErrorKind.BadRate, name, "expected a positive sample rate, got 0 Hz.");
        }
        if (bits < 4)
        {
            throw new AudioException(AudioErrorKind.BadBits, name, $"expected 4 to 32 bits per sample, got {bits}.");
        }
        return new FlacStreamInfo(rate, channels, bits, total);
    }
}
