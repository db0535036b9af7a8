using SpeechML.Audio.Dsp;

namespace SpeechML.Explaining;

/// <summary>
/// Bands of frequencies, equally wide on the mel scale (2595 log10(1 + f / 700), O'Shaughnessy 1987), that are filtered
/// out of the samples: the same for encoders of spectrograms and of waveforms. Filters are windowed sincs with a linear
/// phase, whose delay is taken back; what all bands hold adds up to the clip.
/// </summary>
internal static class MelBands
{
    private const double TapSeconds = 0.064; // a slope of about 50 Hz between a band and the next

    /// <summary>The edges of the bands, in Hz.</summary>
    public static IReadOnlyList<(double Low, double High)> Edges(int bands, int sampleRate)
    {
        double top = 2595 * Math.Log10(1 + (sampleRate / 2.0 / 700));
        double[] edges = [.. Enumerable.Range(0, bands + 1)
            .Select(i => i == bands ? sampleRate / 2.0 : 700 * (Math.Pow(10, top * i / bands / 2595) - 1))];
        return [.. Enumerable.Range(0, bands).Select(i => (edges[i], edges[i + 1]))];
    }

    /// <summary>The clip without a band.</summary>
    public static float[] Without(float[] samples, double low, double high, int sampleRate)
    {
        int half = (int)(TapSeconds * sampleRate / 2);
        double[] kept = LowPass(low, sampleRate, half);
        double[] below = LowPass(high, sampleRate, half);
        for (int i = 0; i < kept.Length; i++)
        {
            kept[i] -= below[i];
        }
        kept[half] += 1;
        float[] full = Convolution.Convolve(samples, kept, samples.Length + half);
        return full[half..];
    }

    private static double[] LowPass(double edge, int sampleRate, int half)
    {
        double[] taps = new double[(2 * half) + 1];
        if (edge >= sampleRate / 2.0)
        {
            taps[half] = 1;
            return taps;
        }
        double turn = 2 * edge / sampleRate;
        for (int i = -half; i <= half; i++)
        {
            double sinc = i == 0 ? turn : Math.Sin(Math.PI * turn * i) / (Math.PI * i);
            taps[i + half] = sinc * (0.54 + (0.46 * Math.Cos(Math.PI * i / half))); // Hamming
        }
        double sum = taps.Sum();
        return edge == 0 ? new double[taps.Length] : Array.ConvertAll(taps, t => t / sum);
    }
}
