using System.Buffers.Binary;

namespace SpeechML.Tests.Encoders;

/// <summary>
/// Reads a clip as the recipe of the reference outputs says, without the library's own audio code: 16-bit PCM WAV, and
/// <c>torchaudio.functional.resample</c> with its defaults for a doubled rate.
/// </summary>
internal static class ReferenceAudio
{
    public static float[] Read(string folder, string file, int rate, int wantedRate)
    {
        string? path = Directory.Exists(folder) ? Directory.EnumerateFiles(folder, file, SearchOption.AllDirectories).FirstOrDefault() : null;
        if (path is null)
        {
            Assert.Inconclusive($"The clip '{file}' is not below '{folder}'.");
        }
        if (Path.GetExtension(path) != ".wav")
        {
            Assert.Inconclusive($"'{file}' is not a WAV file.");
        }
        float[] samples = Wav(File.ReadAllBytes(path));
        return rate == wantedRate ? samples : rate * 2 == wantedRate ? Doubled(samples) : throw new NotSupportedException($"{rate} to {wantedRate} Hz");
    }

    private static float[] Wav(byte[] bytes)
    {
        // Chunks follow the 12 bytes of RIFF header; the data chunk is the one that counts.
        for (int at = 12; at + 8 <= bytes.Length;)
        {
            int size = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at + 4));
            if (bytes.AsSpan(at, 4).SequenceEqual("data"u8))
            {
                float[] samples = new float[size / 2];
                for (int i = 0; i < samples.Length; i++)
                {
                    samples[i] = BinaryPrimitives.ReadInt16LittleEndian(bytes.AsSpan(at + 8 + 2 * i)) / 32768f;
                }
                return samples;
            }
            at += 8 + size + size % 2;
        }
        throw new InvalidDataException("No data chunk.");
    }

    /// <summary>Windowed sinc (Hann, 6 zero crossings, roll-off 0.99) at the two phases of a doubled rate.</summary>
    private static float[] Doubled(float[] samples)
    {
        const int width = 7; // ceil(6 / 0.99)
        const double rolloff = 0.99;
        const double zeroCrossings = 6;
        float[] output = new float[2 * samples.Length];
        for (int i = 0; i < output.Length; i++)
        {
            double sum = 0;
            for (int j = i / 2 - width; j <= i / 2 + width; j++)
            {
                double t = Math.Clamp((j - i / 2.0) * rolloff, -zeroCrossings, zeroCrossings);
                double window = Math.Pow(Math.Cos(t * Math.PI / zeroCrossings / 2), 2);
                double sinc = t == 0 ? 1 : Math.Sin(t * Math.PI) / (t * Math.PI);
                sum += j >= 0 && j < samples.Length ? samples[j] * rolloff * window * sinc : 0;
            }
            output[i] = (float)sum;
        }
        return output;
    }
}
