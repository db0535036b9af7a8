using SpeechML.Audio.Augmentation;
using SpeechML.Audio.Dsp;

namespace SpeechML;

/// <summary>
/// Soft clipping by the hyperbolic tangent, with the loudness (RMS) of the input. The amount is relative to the clip's
/// own level.
/// </summary>
public sealed class TanhDistortion(double minDistortion = 0.01, double maxDistortion = 0.7, double p = 0.5)
    : AudioEffect(p)
{
    private readonly Interval _distortion = Interval.Create(nameof(TanhDistortion), minDistortion, maxDistortion, 0, 1);

    /// <summary>Smallest amount, 0 to 1.</summary>
    public double MinDistortion => _distortion.Min;

    /// <summary>Largest amount, 0 to 1.</summary>
    public double MaxDistortion => _distortion.Max;

    /// <inheritdoc/>
    protected override float[] Process(float[] samples, int rate, AugmentationRandom random) =>
        Distort(samples, _distortion.Draw(random));

    internal static float[] Distort(float[] samples, double amount)
    {
        double before = SampleMath.Rms(samples);
        if (before < 1e-9)
        {
            return samples;
        }
        float[] magnitudes = Array.ConvertAll(samples, Math.Abs);
        Array.Sort(magnitudes);
        double gain = 0.5 / (SampleMath.Percentile(magnitudes, 100 - (99 * amount)) + 1e-6);
        float[] result = Array.ConvertAll(samples, s => (float)Math.Tanh(gain * s));
        return SampleMath.Scale(result, before / SampleMath.Rms(result));
    }
}

/// <summary>
/// Clips a random percentage of the samples, half of it from above and half from below: to the percentiles <c>percent /
/// 2</c> and <c>100 - percent / 2</c>.
/// </summary>
public sealed class ClippingDistortion(int minPercentileThreshold = 0, int maxPercentileThreshold = 40, double p = 0.5)
    : AudioEffect(p)
{
    private readonly WholeInterval _percent =
        WholeInterval.Create(nameof(ClippingDistortion), minPercentileThreshold, maxPercentileThreshold, 0, 100, " %");

    /// <summary>Smallest percentage of samples that are clipped.</summary>
    public int MinPercentileThreshold => _percent.Min;

    /// <summary>Largest percentage of samples that are clipped.</summary>
    public int MaxPercentileThreshold => _percent.Max;

    /// <inheritdoc/>
    protected override float[] Process(float[] samples, int rate, AugmentationRandom random) =>
        Clip(samples, _percent.Draw(random));

    internal static float[] Clip(float[] samples, double percent)
    {
        float[] sorted = [.. samples];
        Array.Sort(sorted);
        float low = (float)SampleMath.Percentile(sorted, percent / 2),
            high = (float)SampleMath.Percentile(sorted, 100 - (percent / 2));
        return Array.ConvertAll(samples, s => Math.Clamp(s, low, high));
    }
}

/// <summary>Rounds to fewer bits: <c>y = round(x q) / q</c>, <c>q = 2^bits / 2 + 1</c>; no dither.</summary>
public sealed class BitCrush(int minBitDepth = 5, int maxBitDepth = 10, double p = 0.5) : AudioEffect(p)
{
    private readonly WholeInterval _depth =
        WholeInterval.Create(nameof(BitCrush), minBitDepth, maxBitDepth, 1, 32, " bits");

    /// <summary>Fewest bits.</summary>
    public int MinBitDepth => _depth.Min;

    /// <summary>Most bits.</summary>
    public int MaxBitDepth => _depth.Max;

    /// <inheritdoc/>
    protected override float[] Process(float[] samples, int rate, AugmentationRandom random)
    {
        double q = Math.Pow(2, _depth.Draw(random) - 1) + 1;
        return Array.ConvertAll(samples, s => (float)(Math.Round(s * q) / q));
    }
}

/// <summary>
/// Takes samples at a lower rate without a filter, and back, by straight lines: frequencies fold. The rate is drawn on
/// the mel scale. The length stays.
/// </summary>
public sealed class Aliasing(int minSampleRate = 8000, int maxSampleRate = 30000, double p = 0.5) : AudioEffect(p)
{
    private readonly Interval _rate =
        Interval.Create(nameof(Aliasing), minSampleRate, maxSampleRate, 2, 10_000_000, " Hz");

    /// <summary>Lowest rate (Hz).</summary>
    public int MinSampleRate => (int)_rate.Min;

    /// <summary>Highest rate (Hz).</summary>
    public int MaxSampleRate => (int)_rate.Max;

    /// <inheritdoc/>
    protected override float[] Process(float[] samples, int rate, AugmentationRandom random) =>
        Fold(samples, (int)Math.Clamp(
            Math.Round(samples.Length * _rate.DrawOnMelScale(random) / rate), 1, Array.MaxLength));

    /// <summary>Down or up to <paramref name="count"/> points over the same span, and back.</summary>
    internal static float[] Fold(float[] samples, int count)
    {
        float[] fewer = new float[count];
        float[] result = new float[samples.Length];
        Interpolate(samples, fewer);
        Interpolate(fewer, result);
        return result;
    }

    private static void Interpolate(float[] from, float[] to)
    {
        double step = to.Length == 1 ? 0 : (from.Length - 1) / (double)(to.Length - 1);
        for (int i = 0; i < to.Length; i++)
        {
            double place = i * step;
            int below = Math.Min((int)place, from.Length - 1), above = Math.Min(below + 1, from.Length - 1);
            to[i] = (float)(from[below] + ((place - below) * ((double)from[above] - from[below])));
        }
    }
}
