namespace SpeechML.FFmpeg;

/// <summary>
/// MPEG transport streams (ISO/IEC 13818-1): packets of 188 bytes, which carry packets (PES) with a length. One that
/// ends between two such packets of every track has nothing that tells.
/// </summary>
internal static class CutTransportStream
{
    private const int PacketSize = 188;
    private const int SyncByte = 0x47;
    private const int PesHeader = 6; // start code, stream, length
    private const int PacketsAtOnce = 512;

    /// <summary>Whether the last packet, or the last PES packet of a track, is not whole.</summary>
    public static bool Is(Stream content)
    {
        content.Position = 0;
        byte[] buffer = new byte[PacketsAtOnce * PacketSize];
        var missing = new Dictionary<int, long>();
        while (content.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) is var read && read > 0)
        {
            for (int at = 0; at < read; at += PacketSize)
            {
                if (buffer[at] != SyncByte)
                {
                    return false; // damage, which ffmpeg judges
                }
                if (read - at < PacketSize)
                {
                    return true;
                }
                Take(buffer.AsSpan(at, PacketSize), missing);
            }
        }
        return missing.Values.Any(m => m > 0);
    }

    /// <summary>What of each track's PES packet is still to come, by the track's number.</summary>
    private static void Take(ReadOnlySpan<byte> packet, Dictionary<int, long> missing)
    {
        bool begins = (packet[1] & 0x40) != 0, hasAdaptation = (packet[3] & 0x20) != 0;
        int track = ((packet[1] & 0x1F) << 8) | packet[2], start = 4 + (hasAdaptation ? 1 + packet[4] : 0);
        if ((packet[3] & 0x10) == 0 || start >= packet.Length)
        {
            return; // no payload
        }
        ReadOnlySpan<byte> payload = packet[start..];
        if (!begins)
        {
            if (missing.TryGetValue(track, out long before))
            {
                missing[track] = before - payload.Length;
            }
            return;
        }
        _ = missing.Remove(track);
        // Tables have no such start; a length of 0 (video) says that the packet ends where the next begins.
        if (payload.Length >= PesHeader && payload.StartsWith((ReadOnlySpan<byte>)[0, 0, 1])
            && ((payload[4] << 8) | payload[5]) is var length && length > 0)
        {
            missing[track] = length - (payload.Length - PesHeader);
        }
    }
}
