namespace SpeechML.Audio.Dsp;

/// <summary>Levels and fades.</summary>
internal static class SampleMath
{
    public static double FromDecibels(double decibels) => Math.Pow(10, decibels / 20);

    public static float Peak(ReadOnlySpan<float> samples)
    {
        float peak = 0;
        foreach (float sample in samples)
        {
            peak = Math.Max(peak, Math.Abs(sample));
        }
        return peak;
    }

    public static double MeanSquare(ReadOnlySpan<float> samples)
    {
        double sum = 0;
        foreach (float sample in samples)
        {
            sum += (double)sample * sample;
        }
        return sum / Math.Max(1, samples.Length);
    }

    public static double Rms(ReadOnlySpan<float> samples) => Math.Sqrt(MeanSquare(samples));

    public static float[] Scale(float[] samples, double factor) => Array.ConvertAll(samples, s => (float)(s * factor));

    /// <summary>
    /// A percentile (0 to 100) of sorted values, by linear interpolation between order statistics (NumPy's default).
    /// </summary>
    public static double Percentile(ReadOnlySpan<float> sorted, double percent)
    {
        double place = percent / 100 * (sorted.Length - 1);
        int below = Math.Min((int)place, sorted.Length - 1);
        int above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((place - below) * ((double)sorted[above] - sorted[below]));
    }

    /// <summary>
    /// The weight at step <paramref name="index"/> of a fade-in; the fade-out is the same backwards. A polynomial that
    /// starts and ends flat (Signalsmith Audio,
    /// "A Cheap Energy-Preserving-ish Crossfade", 2021): weights of equal energy, within 1 %, for unlike sounds, or of
    /// equal sum for like ones.
    /// </summary>
    public static double FadeIn(int index, int length, bool equalEnergy)
    {
        double x = length == 1 ? 0.5 : (double)index / (length - 1);
        double product = x * (1 - x);
        double root = (product * (1 + ((equalEnergy ? 1.4186 : -0.70912) * product))) + x;
        return root * root;
    }
}
