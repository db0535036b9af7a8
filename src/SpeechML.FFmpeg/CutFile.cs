using System.Buffers.Binary;
using SpeechML.Audio.Formats;
using SpeechML.Audio.Formats.Ogg;

namespace SpeechML.FFmpeg;

/// <summary>Ends that ffmpeg does not miss: it decodes what is there and says nothing.</summary>
internal static class CutFile
{
    /// <summary>Whether a file ends before its container says.</summary>
    public static bool Is(Stream content, string demuxer, string name) => demuxer switch
    {
        // The last page of a stream is marked.
        "ogg" => OggPages.Read(content, name).Exists(link => link.Streams.Any(s => !s.HasEnded)),
        "avi" => content.Length < 8L + BinaryPrimitives.ReadUInt32LittleEndian(Bytes(content, 4, 4)),
        "aac" => EndsInAdtsFrame(content),
        "flv" => CutFlashVideo.Is(content),
        "mpegts" => CutTransportStream.Is(content),
        _ => false,
    };

    /// <summary>Frames have a header of 7 bytes with their length (ISO/IEC 13818-7, 6.2).</summary>
    private static bool EndsInAdtsFrame(Stream content)
    {
        const int HeaderSize = 7;
        for (long at = Tags.Skip(content, 0); at < content.Length;)
        {
            byte[] header = Bytes(content, at, HeaderSize);
            if (content.Length - at < HeaderSize)
            {
                return header[0] == 0xFF; // the first bytes of a header
            }
            if (header[0] != 0xFF || (header[1] & 0xF6) != 0xF0)
            {
                return false; // a tag, or damage, which ffmpeg judges
            }
            int length = ((header[3] & 3) << 11) | (header[4] << 3) | (header[5] >> 5);
            if (at + Math.Max(HeaderSize, length) > content.Length)
            {
                return true;
            }
            at += Math.Max(HeaderSize, length);
        }
        return false;
    }

    /// <summary>Bytes of a file, zeros behind its end.</summary>
    private static byte[] Bytes(Stream content, long at, int count)
    {
        byte[] bytes = new byte[count];
        content.Position = at;
        content.ReadAtLeast(bytes, count, throwOnEndOfStream: false);
        return bytes;
    }
}
