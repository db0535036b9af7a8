using SpeechML.Audio.Augmentation;
using SpeechML.Audio.Dsp;

namespace SpeechML;

/// <summary>How loud <see cref="AddBackgroundNoise"/> makes the noise.</summary>
public enum NoiseRms
{
    /// <summary>Relative to the clip: a signal-to-noise ratio. Silence stays silent.</summary>
    Relative,

    /// <summary>At a level of its own.</summary>
    Absolute,
}

/// <summary>Adds white Gaussian noise of a random standard deviation.</summary>
public sealed class AddGaussianNoise(double minAmplitude = 0.001, double maxAmplitude = 0.015, double p = 0.5)
    : AudioEffect(p)
{
    private readonly Interval _amplitude =
        Interval.Create(nameof(AddGaussianNoise), minAmplitude, maxAmplitude, 1e-12, 1e6);

    /// <summary>Smallest standard deviation.</summary>
    public double MinAmplitude => _amplitude.Min;

    /// <summary>Largest standard deviation.</summary>
    public double MaxAmplitude => _amplitude.Max;

    /// <inheritdoc/>
    protected override float[] Process(float[] samples, int rate, AugmentationRandom random)
    {
        double amplitude = _amplitude.Draw(random);
        return Array.ConvertAll(samples, s => (float)(s + (amplitude * random.Normal())));
    }
}

/// <summary>
/// Adds white Gaussian noise at a random signal-to-noise ratio, uniform in decibels. Silence stays silent.
/// </summary>
public sealed class AddGaussianSnr(double minSnrDb = 5, double maxSnrDb = 40, double p = 0.5) : AudioEffect(p)
{
    private readonly Interval _snr = Interval.Create(nameof(AddGaussianSnr), minSnrDb, maxSnrDb, -200, 200, " dB");

    /// <summary>Smallest ratio (dB): the most noise.</summary>
    public double MinSnrDb => _snr.Min;

    /// <summary>Largest ratio (dB): the least noise.</summary>
    public double MaxSnrDb => _snr.Max;

    /// <inheritdoc/>
    protected override float[] Process(float[] samples, int rate, AugmentationRandom random)
    {
        double amplitude = SampleMath.Rms(samples) / SampleMath.FromDecibels(_snr.Draw(random));
        return amplitude == 0 ? samples : Array.ConvertAll(samples, s => (float)(s + (amplitude * random.Normal())));
    }
}

/// <summary>
/// Mixes in a random piece of a random file of a folder, repeated where it is shorter than the clip; brought to the
/// clip's rate. A noise that is silent is
/// not added.
/// </summary>
/// <param name="soundsPath">A folder of noises, with its sub-folders, or one file.</param>
/// <param name="minSnrDb">Smallest signal-to-noise ratio (dB), where relative.</param>
/// <param name="maxSnrDb">Largest signal-to-noise ratio (dB), where relative.</param>
/// <param name="noiseRms">How loud the noise is made.</param>
/// <param name="minAbsoluteRmsDb">Smallest level (dB, 0 is an RMS of 1), where absolute.</param>
/// <param name="maxAbsoluteRmsDb">Largest level, where absolute; at most 0.</param>
/// <param name="noiseTransform">What is done to the noise before; null: nothing.</param>
/// <param name="p">The probability that it is applied.</param>
public sealed class AddBackgroundNoise(
    string soundsPath, double minSnrDb = 3, double maxSnrDb = 30, NoiseRms noiseRms = NoiseRms.Relative,
    double minAbsoluteRmsDb = -45, double maxAbsoluteRmsDb = -15,
    AudioAugmentation? noiseTransform = null, double p = 0.5) : AudioEffect(p)
{
    private readonly SoundFiles _files = SoundFiles.Find(nameof(AddBackgroundNoise), soundsPath);
    private readonly Interval _snr = Interval.Create(nameof(AddBackgroundNoise), minSnrDb, maxSnrDb, -200, 200, " dB");
    private readonly Interval _level =
        Interval.Create(nameof(AddBackgroundNoise), minAbsoluteRmsDb, maxAbsoluteRmsDb, -200, 0, " dB");

    /// <summary>The folder or file.</summary>
    public string SoundsPath => _files.Path;

    /// <summary>Smallest signal-to-noise ratio (dB).</summary>
    public double MinSnrDb => _snr.Min;

    /// <summary>Largest signal-to-noise ratio (dB).</summary>
    public double MaxSnrDb => _snr.Max;

    /// <summary>How loud the noise is made.</summary>
    public NoiseRms NoiseRms { get; } = EffectChecks.Defined(nameof(AddBackgroundNoise), noiseRms);

    /// <summary>Smallest level (dB).</summary>
    public double MinAbsoluteRmsDb => _level.Min;

    /// <summary>Largest level (dB).</summary>
    public double MaxAbsoluteRmsDb => _level.Max;

    /// <summary>What is done to the noise before it is added.</summary>
    public AudioAugmentation? NoiseTransform { get; } = noiseTransform;

    /// <inheritdoc/>
    protected override float[] Process(float[] samples, int rate, AugmentationRandom random)
    {
        double snr = _snr.Draw(random), level = _level.Draw(random);
        MLAudio noise = _files.Load(random.Whole(0, _files.Count - 1), rate);
        int start = random.Whole(0, Math.Max(0, noise.Length - samples.Length));
        float[] piece = noise.Samples.Span.Slice(start, Math.Min(noise.Length, samples.Length)).ToArray();
        if (NoiseTransform is not null)
        {
            piece = NoiseTransform.Apply(MLAudio.Wrap(piece, rate), random.Child(0)).GetArray();
        }
        return NoiseRms == NoiseRms.Relative ? AtSnr(samples, piece, snr)
            : AtLevel(samples, piece, SampleMath.FromDecibels(level));
    }

    /// <summary>
    /// <c>x + g n</c> with <c>mean(x²) / mean((g n)²) = 10^(dB / 10)</c>; the noise is repeated, or cut, to the clip's
    /// length before it is measured.
    /// </summary>
    internal static float[] AtSnr(float[] samples, float[] noise, double decibels) =>
        AtLevel(samples, noise, SampleMath.Rms(samples) / SampleMath.FromDecibels(decibels));

    private static float[] AtLevel(float[] samples, float[] noise, double rms)
    {
        float[] repeated = new float[samples.Length];
        for (int i = 0; i < repeated.Length && noise.Length > 0; i += noise.Length)
        {
            noise.AsSpan(0, Math.Min(noise.Length, repeated.Length - i)).CopyTo(repeated.AsSpan(i));
        }
        double own = SampleMath.Rms(repeated);
        if (own < 1e-9 || rms == 0)
        {
            return samples;
        }
        double gain = rms / own;
        for (int i = 0; i < repeated.Length; i++)
        {
            repeated[i] = (float)(samples[i] + (gain * repeated[i]));
        }
        return repeated;
    }
}
