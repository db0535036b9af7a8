using SpeechML.Audio.Augmentation;
using SpeechML.Audio.Dsp;

namespace SpeechML;

/// <summary>
/// Changes the tempo and keeps the pitch, by a phase vocoder (audiomentations' method <c>librosa_phase_vocoder</c>).
/// </summary>
public sealed class TimeStretch(
    double minRate = 0.8, double maxRate = 1.25, bool leaveLengthUnchanged = true, double p = 0.5) : AudioEffect(p)
{
    private readonly Interval _rate = Interval.Create(nameof(TimeStretch), minRate, maxRate, 0.1, 10);

    /// <summary>Smallest rate; below 1 is slower.</summary>
    public double MinRate => _rate.Min;

    /// <summary>Largest rate; above 1 is faster.</summary>
    public double MaxRate => _rate.Max;

    /// <summary>
    /// Whether the result is cut, or filled with silence, to the old length; else it has round(length / rate) samples.
    /// </summary>
    public bool LeaveLengthUnchanged { get; } = leaveLengthUnchanged;

    /// <inheritdoc/>
    protected override float[] Process(float[] samples, int rate, AugmentationRandom random)
    {
        double drawn = _rate.Draw(random);
        float[] result = drawn == 1 ? samples : PhaseVocoder.Stretch(samples, drawn);
        if (LeaveLengthUnchanged)
        {
            Array.Resize(ref result, samples.Length);
        }
        return result;
    }
}

/// <summary>
/// Changes the pitch and keeps tempo and length: a time stretch, resampled back (audiomentations' method
/// <c>librosa_phase_vocoder</c>).
/// </summary>
public sealed class PitchShift(double minSemitones = -4, double maxSemitones = 4, double p = 0.5) : AudioEffect(p)
{
    private readonly Interval _semitones =
        Interval.Create(nameof(PitchShift), minSemitones, maxSemitones, -24, 24, " semitones");

    /// <summary>Smallest shift (semitones); negative is lower.</summary>
    public double MinSemitones => _semitones.Min;

    /// <summary>Largest shift (semitones).</summary>
    public double MaxSemitones => _semitones.Max;

    /// <inheritdoc/>
    protected override float[] Process(float[] samples, int rate, AugmentationRandom random)
    {
        double factor = Math.Pow(2, _semitones.Draw(random) / 12);
        return factor == 1 ? samples
            : RatioResampler.Resample(PhaseVocoder.Stretch(samples, 1 / factor), factor, samples.Length);
    }
}

/// <summary>
/// Plays faster or slower, with the pitch (Ko et al. 2015, "Audio Augmentation for Speech Recognition"; torchaudio's
/// <c>SpeedPerturbation</c>): resampling
/// from round(factor · rate) to the rate. Not in audiomentations.
/// </summary>
/// <param name="factors">The factors to choose from, all alike, 0.1 to 10; null for 0.9, 1 and 1.1. Above 1 is faster,
/// shorter and higher.</param>
/// <param name="p">The probability that one is chosen; as 1 is among the usual factors, always.</param>
public sealed class SpeedPerturbation(IReadOnlyList<double>? factors = null, double p = 1) : AudioEffect(p)
{
    private readonly double[] _factors = Check(factors ?? [0.9, 1, 1.1]);

    /// <summary>The factors to choose from.</summary>
    public IReadOnlyList<double> Factors => _factors;

    /// <inheritdoc/>
    protected override float[] Process(float[] samples, int rate, AugmentationRandom random)
    {
        int source = (int)Math.Max(1, Math.Round(_factors[random.Whole(0, _factors.Length - 1)] * rate));
        return source == rate ? samples : Resampler.ResampleAny(samples, source, rate);
    }

    private static double[] Check(IReadOnlyList<double> factors)
    {
        EffectChecks.Check(factors.Count > 0, nameof(SpeedPerturbation), "at least one factor", "none");
        foreach (double factor in factors)
        {
            EffectChecks.InRange(nameof(SpeedPerturbation), factor, 0.1, 10);
        }
        return [.. factors];
    }
}
