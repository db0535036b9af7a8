using SpeechML.Audio.Formats.Flac;
using SpeechML.Audio.Formats.SndFile;

namespace SpeechML.Audio;

/// <summary>Containers that are told apart by their first bytes.</summary>
internal enum AudioContainer
{
    Unknown,
    Riff,
    Wave64,
    Flac,
    Ogg,
    OggFlac,
    Mpeg,

    /// <summary>AIFF, AU, CAF and rarer ones that libsndfile knows.</summary>
    Other,
}

/// <summary>Tells the container from the content; file names are not asked.</summary>
internal static class AudioSignature
{
    /// <summary>How many bytes from the start <see cref="Detect"/> looks at.</summary>
    public const int Length = 40;

    /// <summary>The container that begins with these bytes.</summary>
    public static AudioContainer Detect(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith("RIFF"u8) || start.StartsWith("RIFX"u8) || start.StartsWith("RF64"u8)
            || start.StartsWith("BW64"u8))
        {
            return AudioContainer.Riff;
        }
        if (start.StartsWith(Wave64Chunks.RiffGuid))
        {
            return AudioContainer.Wave64;
        }
        if (start.StartsWith("fLaC"u8))
        {
            return AudioContainer.Flac;
        }
        if (start.StartsWith("OggS"u8))
        {
            return OggFlacStream.IsFlac(start) ? AudioContainer.OggFlac : AudioContainer.Ogg;
        }
        if (IsMpegFrame(start))
        {
            return AudioContainer.Mpeg;
        }
        bool other = (start.StartsWith("FORM"u8) && start.Length >= 12
            && (start[8..12].SequenceEqual("AIFF"u8) || start[8..12].SequenceEqual("AIFC"u8)
            || start[8..12].SequenceEqual("8SVX"u8)))
            || start.StartsWith(".snd"u8) || start.StartsWith("dns."u8) || start.StartsWith("caff"u8)
                || start.StartsWith("NIST_1A"u8) || start.StartsWith("Creative Voice"u8);
        return other ? AudioContainer.Other : AudioContainer.Unknown;
    }

    /// <summary>
    /// The 11 sync bits of an MPEG audio frame, and no reserved value in the fields behind them (ISO/IEC 11172-3,
    /// 2.4.1.3).
    /// </summary>
    private static bool IsMpegFrame(ReadOnlySpan<byte> b) =>
        b.Length >= 4 && b[0] == 0xFF && (b[1] & 0xE0) == 0xE0
        && (b[1] & 0x18) != 0x08 // version
        && (b[1] & 0x06) != 0 // layer
        && (b[2] & 0xF0) != 0xF0 // bit rate
        && (b[2] & 0x0C) != 0x0C; // sample rate
}
