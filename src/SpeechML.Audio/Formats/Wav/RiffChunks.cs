using System.Buffers.Binary;

namespace SpeechML.Audio.Formats.Wav;

/// <summary>What tells a chunk from samples where the sizes of a RIFF file are wrong.</summary>
internal static class RiffChunks
{
    private const int HeaderSize = 8;

    /// <summary>Bytes at the end of a file in which chunks are looked for.</summary>
    private const int MaxTail = 1 << 14;

    private static readonly string[] s_known =
        ["fmt ", "data", "fact", "LIST", "bext", "JUNK", "junk", "PAD ", "id3 ", "ID3 ", "cue ", "smpl", "iXML", "PEAK",
            "inst", "note", "labl", "plst", "ds64", "cart", "_PMX", "axml", "DISP", "FLLR", "afsp", "LGWV"];

    /// <summary>
    /// Whether the next chunk follows an odd one without the byte that belongs between them.
    /// </summary>
    /// <param name="stream">The file.</param>
    /// <param name="at">The first byte behind the odd chunk.</param>
    public static bool FollowsUnpadded(Stream stream, long at)
    {
        Span<byte> bytes = stackalloc byte[5];
        stream.Position = at;
        bytes = bytes[..stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
        return bytes.Length >= 4 && bytes[0] != 0 && IsName(bytes[..4])
            && (bytes.Length < 5 || !IsName(bytes[1..]) || (IsKnown(bytes[..4]) && !IsKnown(bytes[1..])));
    }

    /// <summary>Whether a chunk begins at a place and ends in the file.</summary>
    public static bool IsChunk(Stream stream, long at, bool bigEndian)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        stream.Position = at;
        return stream.ReadAtLeast(header, HeaderSize, throwOnEndOfStream: false) == HeaderSize
            && IsName(header[..4]) && Size(header, bigEndian) <= stream.Length - at - HeaderSize;
    }

    /// <summary>
    /// Where samples end that go on to the end of the file: before known chunks that fill the rest of it exactly.
    /// </summary>
    public static long EndOfSamples(Stream stream, long start, bool bigEndian)
    {
        byte[] tail = new byte[Math.Min(MaxTail, stream.Length - start)];
        long from = stream.Length - tail.Length;
        stream.Position = from;
        tail = tail[..stream.ReadAtLeast(tail, tail.Length, throwOnEndOfStream: false)];
        for (int at = 0; at + HeaderSize <= tail.Length; at++)
        {
            if (IsKnown(tail.AsSpan(at, 4)) && FillsTheRest(tail.AsSpan(at), bigEndian))
            {
                return from + at;
            }
        }
        return stream.Length;
    }

    /// <summary>Throws where another file begins behind the samples: its recording would be lost.</summary>
    public static void RefuseSecond(Stream stream, long start, ulong size, string name)
    {
        const int Look = 12;
        if (size > (ulong)(stream.Length - start))
        {
            return;
        }
        long at = start + (long)size + (long)(size & 1);
        if (stream.Length - at < Look)
        {
            return;
        }
        Span<byte> bytes = stackalloc byte[Look];
        stream.Position = at;
        stream.ReadExactly(bytes);
        if (bytes[8..].SequenceEqual("WAVE"u8) && bytes[0] == 'R')
        {
            throw new AudioException(AudioErrorKind.CorruptStream, name,
                $"expected one recording, got a second WAV file from byte {at} on. Divide the file.");
        }
    }

    private static bool FillsTheRest(ReadOnlySpan<byte> chunks, bool bigEndian)
    {
        while (chunks.Length >= HeaderSize && IsName(chunks[..4]))
        {
            long size = Size(chunks, bigEndian);
            long all = HeaderSize + size + (size & 1);
            if (all >= chunks.Length)
            {
                return all - (size & 1) <= chunks.Length;
            }
            chunks = chunks[(int)all..];
        }
        return false;
    }

    private static long Size(ReadOnlySpan<byte> header, bool bigEndian) => bigEndian
        ? BinaryPrimitives.ReadUInt32BigEndian(header[4..]) : BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);

    private static bool IsName(ReadOnlySpan<byte> bytes) => !bytes.ContainsAnyExceptInRange((byte)0x20, (byte)0x7E);

    private static bool IsKnown(ReadOnlySpan<byte> bytes)
    {
        foreach (string name in s_known)
        {
            if (bytes[0] == name[0] && bytes[1] == name[1] && bytes[2] == name[2] && bytes[3] == name[3])
            {
                return true;
            }
        }
        return false;
    }
}
