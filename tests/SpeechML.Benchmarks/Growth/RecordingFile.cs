using System.Buffers.Binary;
using System.Text;
using SpeechML.Benchmarks.Peers;

namespace SpeechML.Benchmarks.Growth;

/// <summary>A long WAV file of 16 bits, made of short clips at 16 kHz.</summary>
internal static class RecordingFile
{
    private const int ClipRate = 16_000;
    private const int HeaderSize = 44;

    /// <summary>Its path; the file is made once.</summary>
    public static string Make(IReadOnlyList<float[]> clips, int minutes, int rate)
    {
        _ = Directory.CreateDirectory(PeerFiles.Cache);
        string path = Path.Combine(PeerFiles.Cache, $"recording-{minutes}-{rate}.wav");
        int samples = minutes * 60 * rate;
        if (File.Exists(path) && new FileInfo(path).Length == HeaderSize + (samples * 2L))
        {
            return path;
        }
        using var stream = new BufferedStream(File.Create(path), 1 << 20);
        stream.Write(Header(samples, rate));
        Span<byte> sample = stackalloc byte[2];
        int written = 0;
        for (int i = 0; written < samples; i++)
        {
            float[] clip = rate == ClipRate ? clips[i % clips.Count]
                : MLAudio.FromSamples(clips[i % clips.Count], ClipRate).Resample(rate).Samples.ToArray();
            for (int j = 0; j < clip.Length && written < samples; j++, written++)
            {
                BinaryPrimitives.WriteInt16LittleEndian(sample, (short)Math.Clamp(clip[j] * 32767, -32768, 32767));
                stream.Write(sample);
            }
        }
        return path;
    }

    private static byte[] Header(int samples, int rate)
    {
        byte[] header = new byte[HeaderSize];
        void Text(int at, string text) => Encoding.ASCII.GetBytes(text).CopyTo(header, at);
        void Number(int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(at), value);
        Text(0, "RIFF");
        Number(4, HeaderSize - 8 + (samples * 2));
        Text(8, "WAVEfmt ");
        Number(16, 16);
        Number(20, 0x0001_0001); // PCM, one channel
        Number(24, rate);
        Number(28, rate * 2);
        Number(32, 0x0010_0002); // 2 bytes a sample of 16 bits
        Text(36, "data");
        Number(40, samples * 2);
        return header;
    }
}
