namespace SpeechML.Audio.Dsp;

/// <summary>
/// Resampling by any ratio: a Kaiser-windowed sinc from a table, by straight lines between its entries (J. O. Smith,
/// "Digital Audio Resampling"). For ratios
/// that are drawn at random, where <see cref="Resampler"/> would build a kernel for each.
/// </summary>
internal static class RatioResampler
{
    /// <summary>Zero crossings on each side.</summary>
    private const int Crossings = 24;

    /// <summary>Entries between two crossings: the straight lines are within 5e-6 of the curve.</summary>
    private const int Entries = 512;

    /// <summary>The cut-off, as a share of the lower half rate.</summary>
    private const double Rolloff = 0.94;

    private static readonly Lazy<float[]> s_table = new(MakeTable);

    /// <summary>Takes the value at every <paramref name="step"/>-th place of the input.</summary>
    /// <param name="samples">The input; silence beyond its ends.</param>
    /// <param name="step">Input samples per output sample; above 1 the band is limited.</param>
    /// <param name="length">How many values to take.</param>
    public static float[] Resample(float[] samples, double step, int length)
    {
        float[] table = s_table.Value;
        double scale = Rolloff * Math.Min(1, 1 / step);
        double reach = Crossings / scale, perInput = scale * Entries;
        float[] result = new float[length];
        for (int j = 0; j < length; j++)
        {
            double place = j * step;
            int from = (int)Math.Max(0, Math.Ceiling(place - reach)),
                to = (int)Math.Min(samples.Length - 1, Math.Floor(place + reach));
            double sum = 0;
            for (int i = from; i <= to; i++)
            {
                double at = Math.Abs(i - place) * perInput;
                int entry = (int)at;
                sum += samples[i] * (table[entry] + ((at - entry) * (table[entry + 1] - table[entry])));
            }
            result[j] = (float)(sum * scale);
        }
        return result;
    }

    private static float[] MakeTable()
    {
        const double Beta = 10; // stop band below -100 dB
        // Two entries more than the reach: rounding may point just behind it.
        float[] table = new float[(Crossings * Entries) + 2];
        for (int i = 0; i < Crossings * Entries; i++)
        {
            double x = (double)i / Entries, u = x / Crossings;
            double sinc = i == 0 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x);
            table[i] = (float)(sinc * BesselI0(Beta * Math.Sqrt(1 - (u * u))) / BesselI0(Beta));
        }
        return table;
    }

    /// <summary>The modified Bessel function of the first kind and order 0, by its power series.</summary>
    private static double BesselI0(double x)
    {
        double term = 1, sum = 1;
        for (int k = 1; term > sum * 1e-17; k++)
        {
            term *= x / (2 * k) * (x / (2 * k));
            sum += term;
        }
        return sum;
    }
}
