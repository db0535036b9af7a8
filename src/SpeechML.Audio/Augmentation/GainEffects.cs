using SpeechML.Audio.Augmentation;
using SpeechML.Audio.Dsp;

namespace SpeechML;

/// <summary>Which sounds <see cref="Normalize"/> changes.</summary>
public enum NormalizeTarget
{
    /// <summary>All.</summary>
    All,

    /// <summary>Those whose peak is above 1.</summary>
    OnlyTooLoudSounds,
}

/// <summary>
/// Multiplies by a random factor, uniform in decibels; samples may leave [-1, 1]: <c>y = x 10^(dB / 20)</c>.
/// </summary>
public sealed class Gain(double minGainDb = -12, double maxGainDb = 12, double p = 0.5) : AudioEffect(p)
{
    private readonly Interval _gain = Interval.Create(nameof(Gain), minGainDb, maxGainDb, -200, 200, " dB");

    /// <summary>Smallest gain (dB).</summary>
    public double MinGainDb => _gain.Min;

    /// <summary>Largest gain (dB).</summary>
    public double MaxGainDb => _gain.Max;

    /// <inheritdoc/>
    protected override float[] Process(float[] samples, int rate, AugmentationRandom random) =>
        SampleMath.Scale(samples, SampleMath.FromDecibels(_gain.Draw(random)));
}

/// <summary>
/// Goes from one random gain to another over a random span: a fade in or out, linear in decibels. The span may begin
/// before the clip or end behind it.
/// </summary>
public sealed class GainTransition(
    double minGainDb = -24, double maxGainDb = 6, double minDuration = 0.2, double maxDuration = 6,
    AudioUnit durationUnit = AudioUnit.Seconds, double p = 0.5) : AudioEffect(p)
{
    private readonly Interval _gain = Interval.Create(nameof(GainTransition), minGainDb, maxGainDb, -200, 200, " dB");
    private readonly Interval _duration = Interval.Create(nameof(GainTransition), minDuration, maxDuration, 1e-9, 1e9);

    /// <summary>Smallest gain (dB).</summary>
    public double MinGainDb => _gain.Min;

    /// <summary>Largest gain (dB).</summary>
    public double MaxGainDb => _gain.Max;

    /// <summary>Shortest transition, in <see cref="DurationUnit"/>.</summary>
    public double MinDuration => _duration.Min;

    /// <summary>Longest transition, in <see cref="DurationUnit"/>.</summary>
    public double MaxDuration => _duration.Max;

    /// <summary>The unit of the durations.</summary>
    public AudioUnit DurationUnit { get; } = EffectChecks.Defined(nameof(GainTransition), durationUnit);

    /// <inheritdoc/>
    protected override float[] Process(float[] samples, int rate, AugmentationRandom random)
    {
        int shortest = AudioUnits.ToSamples(_duration.Min, DurationUnit, samples.Length, rate);
        int longest = AudioUnits.ToSamples(_duration.Max, DurationUnit, samples.Length, rate);
        int length = Math.Max(3, random.Whole(shortest, longest));
        int start = random.Whole(2 - length, Math.Max(2 - length, samples.Length - 2));
        return Transition(samples, start, length, _gain.Draw(random), _gain.Draw(random));
    }

    /// <summary>
    /// From <paramref name="firstDb"/> at sample <paramref name="start"/> to <paramref name="secondDb"/> at the last of
    /// <paramref name="length"/> samples.
    /// </summary>
    internal static float[] Transition(float[] samples, long start, int length, double firstDb, double secondDb)
    {
        float[] result = new float[samples.Length];
        double first = SampleMath.FromDecibels(firstDb), second = SampleMath.FromDecibels(secondDb);
        for (int i = 0; i < samples.Length; i++)
        {
            long step = i - start;
            double factor = step <= 0 ? first : step >= length - 1 ? second
                : SampleMath.FromDecibels(firstDb + ((secondDb - firstDb) * step / (length - 1)));
            result[i] = (float)(samples[i] * factor);
        }
        return result;
    }
}

/// <summary>Scales so that the largest magnitude is 1. Silence stays as it is.</summary>
public sealed class Normalize(NormalizeTarget applyTo = NormalizeTarget.All, double p = 0.5) : AudioEffect(p)
{
    /// <summary>Which sounds are changed.</summary>
    public NormalizeTarget ApplyTo { get; } = EffectChecks.Defined(nameof(Normalize), applyTo);

    /// <inheritdoc/>
    protected override float[] Process(float[] samples, int rate, AugmentationRandom random)
    {
        float peak = SampleMath.Peak(samples);
        return peak is 0 or 1 || (ApplyTo == NormalizeTarget.OnlyTooLoudSounds && peak < 1) ? samples
            : Array.ConvertAll(samples, s => s / peak);
    }
}

/// <summary>Turns the waveform upside down: <c>y = -x</c>.</summary>
public sealed class PolarityInversion(double p = 0.5) : AudioEffect(p)
{
    /// <inheritdoc/>
    protected override float[] Process(float[] samples, int rate, AugmentationRandom random) =>
        Array.ConvertAll(samples, s => -s);
}
