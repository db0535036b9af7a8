using System.Buffers.Binary;

namespace SpeechML.Audio.Formats.Mpeg;

/// <summary>
/// What the frame says that encoders put first, which holds no audio: Xing or Info with LAME's extension, or VBRI.
/// </summary>
/// <param name="Frames">The frames of audio that follow; null where it does not say.</param>
/// <param name="Bytes">The bytes of all frames, this one included; null where it does not say.</param>
/// <param name="Delay">Samples that the encoder put before the recording; null where it does not say.</param>
/// <param name="Padding">Samples that it put behind the recording.</param>
internal sealed record MpegInfo(long? Frames, long? Bytes, int? Delay, int Padding)
{
    private const int VbriAt = MpegHeader.Size + 32;
    private const uint HasFrames = 1, HasBytes = 2, HasTable = 4, HasQuality = 8;
    private const int TableSize = 100;

    /// <summary>Reads a frame of Layer III; null where it holds audio.</summary>
    public static MpegInfo? Read(MpegHeader header, ReadOnlySpan<byte> frame)
    {
        if (header.Layer != 3)
        {
            return null;
        }
        if (frame.Length >= VbriAt + 18 && frame[VbriAt..].StartsWith("VBRI"u8))
        {
            return new MpegInfo(BinaryPrimitives.ReadUInt32BigEndian(frame[(VbriAt + 14)..]),
                BinaryPrimitives.ReadUInt32BigEndian(frame[(VbriAt + 10)..]), null, 0);
        }
        // With a checksum the tag lies two bytes further on, or not, by the encoder.
        int at = MpegHeader.Size + header.SideInfo;
        bool isTag = IsTag(frame, at);
        if (!isTag && (frame[1] & 1) == 0)
        {
            at += 2;
            isTag = IsTag(frame, at);
        }
        // Audio has something in its side information.
        if (!isTag || frame[(MpegHeader.Size + 2)..at].ContainsAnyExcept((byte)0))
        {
            return null;
        }
        uint flags = BinaryPrimitives.ReadUInt32BigEndian(frame[(at + 4)..]);
        at += 8;
        long? frames = Field(frame, ref at, flags & HasFrames, 4);
        long? bytes = Field(frame, ref at, flags & HasBytes, 4);
        Field(frame, ref at, flags & HasTable, TableSize);
        Field(frame, ref at, flags & HasQuality, 4);
        // LAME's extension: 9 bytes of name, 12 of other facts, then 12 bits of delay and 12 of padding.
        if (frame.Length < at + 24 || frame[at] == 0)
        {
            return new MpegInfo(frames, bytes, null, 0);
        }
        int delay = (frame[at + 21] << 4) | (frame[at + 22] >> 4);
        int padding = ((frame[at + 22] & 0x0F) << 8) | frame[at + 23];
        return new MpegInfo(frames, bytes, delay, padding);
    }

    private static bool IsTag(ReadOnlySpan<byte> frame, int at) =>
        frame.Length >= at + 8 && (frame[at..].StartsWith("Xing"u8) || frame[at..].StartsWith("Info"u8));

    private static long? Field(ReadOnlySpan<byte> frame, ref int at, uint isThere, int size)
    {
        if (isThere == 0 || frame.Length < at + size)
        {
            return null;
        }
        long value = BinaryPrimitives.ReadUInt32BigEndian(frame[at..]);
        at += size;
        return value;
    }
}
