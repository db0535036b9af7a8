using SpeechML.Audio.Augmentation;
using SpeechML.Audio.Dsp;

namespace SpeechML;

/// <summary>
/// Lifts high frequencies: <c>y[0] = x[0]</c>, <c>y[n] = x[n] - c x[n-1]</c>. Not in audiomentations.
/// </summary>
public sealed class PreEmphasis(double minCoefficient = 0.9, double maxCoefficient = 0.97, double p = 0.5)
    : AudioEffect(p)
{
    private readonly Interval _coefficient = Interval.Create(nameof(PreEmphasis), minCoefficient, maxCoefficient, 0, 1);

    /// <summary>Smallest coefficient c.</summary>
    public double MinCoefficient => _coefficient.Min;

    /// <summary>Largest coefficient c.</summary>
    public double MaxCoefficient => _coefficient.Max;

    /// <inheritdoc/>
    protected override float[] Process(float[] samples, int rate, AugmentationRandom random)
    {
        double c = _coefficient.Draw(random);
        float[] result = new float[samples.Length];
        result[0] = samples[0];
        for (int i = 1; i < samples.Length; i++)
        {
            result[i] = (float)(samples[i] - (c * samples[i - 1]));
        }
        return result;
    }
}

/// <summary>
/// Makes loud parts softer: a feed-forward compressor on the peak level in decibels, with a soft knee, and a one-pole
/// smoothing of the gain reduction
/// (Giannoulis, Massberg, Reiss 2012, "Digital Dynamic Range Compressor Design"). Not in audiomentations.
/// </summary>
/// <param name="minThresholdDb">Lowest threshold (dB, 0 is a magnitude of 1).</param>
/// <param name="maxThresholdDb">Highest threshold (dB).</param>
/// <param name="minRatio">Smallest ratio of input to output above the threshold.</param>
/// <param name="maxRatio">Largest ratio.</param>
/// <param name="kneeDb">Width of the knee around the threshold (dB).</param>
/// <param name="attack">Time constant where the reduction grows (s).</param>
/// <param name="release">Time constant where it shrinks (s).</param>
/// <param name="makeupDb">A gain at the end (dB).</param>
/// <param name="p">The probability that it is applied.</param>
public sealed class Compressor(
    double minThresholdDb = -30, double maxThresholdDb = -15, double minRatio = 2, double maxRatio = 6,
    double kneeDb = 6, double attack = 0.005, double release = 0.05,
    double makeupDb = 0, double p = 0.5) : AudioEffect(p)
{
    private readonly Interval _threshold =
        Interval.Create(nameof(Compressor), minThresholdDb, maxThresholdDb, -120, 0, " dB");
    private readonly Interval _ratio = Interval.Create(nameof(Compressor), minRatio, maxRatio, 1, 1000);

    /// <summary>Lowest threshold (dB).</summary>
    public double MinThresholdDb => _threshold.Min;

    /// <summary>Highest threshold (dB).</summary>
    public double MaxThresholdDb => _threshold.Max;

    /// <summary>Smallest ratio.</summary>
    public double MinRatio => _ratio.Min;

    /// <summary>Largest ratio.</summary>
    public double MaxRatio => _ratio.Max;

    /// <summary>Width of the knee (dB).</summary>
    public double KneeDb { get; } = EffectChecks.InRange(nameof(Compressor), kneeDb, 0, 60, " dB");

    /// <summary>Time constant of the growing reduction (s).</summary>
    public double Attack { get; } = EffectChecks.InRange(nameof(Compressor), attack, 1e-5, 10, " s");

    /// <summary>Time constant of the shrinking reduction (s).</summary>
    public double Release { get; } = EffectChecks.InRange(nameof(Compressor), release, 1e-5, 10, " s");

    /// <summary>Gain at the end (dB).</summary>
    public double MakeupDb { get; } = EffectChecks.InRange(nameof(Compressor), makeupDb, -60, 60, " dB");

    /// <inheritdoc/>
    protected override float[] Process(float[] samples, int rate, AugmentationRandom random)
    {
        double threshold = _threshold.Draw(random), slope = (1 / _ratio.Draw(random)) - 1;
        double attackFactor = Math.Exp(-1 / (Attack * rate)), releaseFactor = Math.Exp(-1 / (Release * rate));
        float[] result = new float[samples.Length];
        double reduction = 0;
        for (int i = 0; i < samples.Length; i++)
        {
            double over = (20 * Math.Log10(Math.Max(Math.Abs((double)samples[i]), 1e-6))) - threshold;
            double target = 2 * over < -KneeDb ? 0
                : 2 * over > KneeDb ? slope * over
                : KneeDb == 0 ? 0 : slope * (over + (KneeDb / 2)) * (over + (KneeDb / 2)) / (2 * KneeDb);
            double factor = target < reduction ? attackFactor : releaseFactor;
            reduction = (factor * reduction) + ((1 - factor) * target);
            result[i] = (float)(samples[i] * SampleMath.FromDecibels(reduction + MakeupDb));
        }
        return result;
    }
}
