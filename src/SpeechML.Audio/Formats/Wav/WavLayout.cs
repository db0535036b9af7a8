namespace SpeechML.Audio.Formats.Wav;

/// <summary>Where the parts of a WAV file lie.</summary>
/// <param name="Format">The body of the <c>fmt </c> chunk (its first 2 KiB).</param>
/// <param name="BigEndian">Whether numbers and samples are stored most significant byte first.</param>
/// <param name="DataPosition">The first byte of the samples.</param>
/// <param name="DataLength">The bytes of samples that the file really holds.</param>
/// <param name="Truncated">Whether the header promises more bytes than that.</param>
internal sealed record WavLayout(byte[] Format, bool BigEndian, long DataPosition, long DataLength, bool Truncated)
{
    /// <summary>
    /// Larger than any <c>fmt </c> chunk in use (Microsoft ADPCM with 256 coefficient pairs takes 1,046 bytes).
    /// </summary>
    private const int LargestFormat = 2048;

    /// <summary>The number of whole blocks among the samples.</summary>
    /// <exception cref="AudioException">There is none.</exception>
    public long Blocks(int bytesPerBlock, string name) => DataLength >= bytesPerBlock ? DataLength / bytesPerBlock
        : throw new AudioException(AudioErrorKind.EmptyAudio, name,
            $"expected at least one block of {bytesPerBlock} bytes of samples, got {DataLength} bytes.");

    /// <summary>Reads the body of the <c>fmt </c> chunk at the stream's position.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="claimed">The size in the chunk's header.</param>
    /// <param name="name">The file's name.</param>
    public static byte[] ReadFormat(Stream stream, ulong claimed, string name)
    {
        long left = stream.Length - stream.Position;
        if (claimed > (ulong)left)
        {
            throw new AudioException(
                AudioErrorKind.TruncatedHeader, name,
                $"expected a fmt chunk of {claimed} bytes, got the end of the file after {left}.");
        }
        byte[] body = new byte[Math.Min((int)Math.Min(claimed, int.MaxValue), LargestFormat)];
        stream.ReadExactly(body);
        return body;
    }

    /// <summary>The error for a file that ends before its data chunk.</summary>
    /// <param name="hasFormat">Whether a <c>fmt </c> chunk was met.</param>
    /// <param name="leftOver">Bytes behind the last chunk, too few for the header of another.</param>
    /// <param name="name">The file's name.</param>
    public static AudioException NoData(bool hasFormat, long leftOver, string name) => leftOver > 0
        ? new AudioException(AudioErrorKind.TruncatedHeader, name,
            $"expected the header of another chunk, got the end of the file after {leftOver} of its bytes.")
        : hasFormat
            ? new AudioException(AudioErrorKind.MissingData, name,
                "expected a data chunk, got none before the end of the file.")
            : new AudioException(AudioErrorKind.MissingFmt, name,
                "expected a fmt chunk, got none before the end of the file.");

    /// <summary>The error for samples whose format was not given before them.</summary>
    public static AudioException NoFormat(string name) =>
        new(AudioErrorKind.MissingFmt, name, "expected a fmt chunk before the data chunk, got the data chunk first.");
}
