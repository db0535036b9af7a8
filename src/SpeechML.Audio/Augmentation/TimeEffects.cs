using SpeechML.Audio.Augmentation;
using SpeechML.Audio.Dsp;

namespace SpeechML;

/// <summary>Where <see cref="TimeMask"/> puts the silence.</summary>
public enum MaskLocation
{
    /// <summary>Anywhere.</summary>
    Random,

    /// <summary>At the beginning.</summary>
    Start,

    /// <summary>At the end.</summary>
    End,
}

/// <summary>What <see cref="RepeatPart"/> does with the sound behind the part.</summary>
public enum RepeatMode
{
    /// <summary>It comes after the repeats: the clip becomes longer.</summary>
    Insert,

    /// <summary>The repeats overwrite it: the length stays.</summary>
    Replace,
}

/// <summary>
/// Shifts in time. What leaves at one end comes in at the other (rollover), else silence comes in. The length stays.
/// </summary>
public sealed class Shift(
    double minShift = -0.5, double maxShift = 0.5, AudioUnit shiftUnit = AudioUnit.Fraction, bool rollover = true,
    double fadeDuration = 0.005, double p = 0.5) : AudioEffect(p)
{
    private readonly Interval _shift = Interval.Create(
        nameof(Shift), minShift, maxShift, shiftUnit == AudioUnit.Fraction ? -1 : -1e9,
        shiftUnit == AudioUnit.Fraction ? 1 : 1e9, shiftUnit == AudioUnit.Fraction ? " of the length" : "");

    /// <summary>Smallest shift, in <see cref="ShiftUnit"/>; negative is towards the beginning.</summary>
    public double MinShift => _shift.Min;

    /// <summary>Largest shift, in <see cref="ShiftUnit"/>.</summary>
    public double MaxShift => _shift.Max;

    /// <summary>The unit of the shifts.</summary>
    public AudioUnit ShiftUnit { get; } = EffectChecks.Defined(nameof(Shift), shiftUnit);

    /// <summary>Whether what leaves at one end comes in at the other.</summary>
    public bool Rollover { get; } = rollover;

    /// <summary>The fades at the seam (s); 0 for none.</summary>
    public double FadeDuration { get; } = EffectChecks.Fade(nameof(Shift), fadeDuration);

    /// <inheritdoc/>
    protected override float[] Process(float[] samples, int rate, AugmentationRandom random)
    {
        int places = AudioUnits.ToSamples(_shift.Draw(random), ShiftUnit, samples.Length, rate);
        return Move(samples, places, Rollover, (int)(FadeDuration * rate));
    }

    internal static float[] Move(float[] samples, int places, bool rollover, int fade)
    {
        int length = samples.Length;
        if (places == 0)
        {
            return samples;
        }
        float[] result = new float[length];
        for (int i = 0; i < length; i++)
        {
            long from = (long)i - places;
            if (rollover)
            {
                result[i] = samples[(int)(((from % length) + length) % length)];
            }
            else if (from >= 0 && from < length)
            {
                result[i] = samples[from];
            }
        }
        // The seam lies between the old end and the old beginning.
        int seam = rollover ? (int)((((long)places % length) + length) % length)
            : Math.Clamp(places > 0 ? places : length + places, 0, length);
        bool fadeIn = rollover || places > 0, fadeOut = rollover || places < 0;
        for (int k = 0; k < fade && seam > 0; k++)
        {
            double weight = SampleMath.FadeIn(k, fade, equalEnergy: true);
            if (fadeIn && seam + k < length)
            {
                result[seam + k] = (float)(result[seam + k] * weight);
            }
            if (fadeOut && seam - 1 - k >= 0)
            {
                result[seam - 1 - k] = (float)(result[seam - 1 - k] * weight);
            }
        }
        return result;
    }
}

/// <summary>Plays the clip backwards.</summary>
public sealed class Reverse(double p = 0.5) : AudioEffect(p)
{
    /// <inheritdoc/>
    protected override float[] Process(float[] samples, int rate, AugmentationRandom random)
    {
        float[] result = [.. samples];
        Array.Reverse(result);
        return result;
    }
}

/// <summary>
/// Repeats a random part of the clip, as in stuttering. A clip that is too short for the part and its fades stays as it
/// is. audiomentations' transform of
/// the repeats is not offered.
/// </summary>
public sealed class RepeatPart(
    int minRepeats = 1, int maxRepeats = 3, double minPartDuration = 0.25, double maxPartDuration = 1.2,
    RepeatMode mode = RepeatMode.Insert,
    double crossfadeDuration = 0.005, double p = 0.5) : AudioEffect(p)
{
    private readonly WholeInterval _repeats = WholeInterval.Create(nameof(RepeatPart), minRepeats, maxRepeats, 1, 1000);
    private readonly Interval _part =
        Interval.Create(nameof(RepeatPart), minPartDuration, maxPartDuration, EffectChecks.ShortestFade, 600, " s");

    /// <summary>Fewest repeats, the original not counted.</summary>
    public int MinRepeats => _repeats.Min;

    /// <summary>Most repeats.</summary>
    public int MaxRepeats => _repeats.Max;

    /// <summary>Shortest part (s).</summary>
    public double MinPartDuration => _part.Min;

    /// <summary>Longest part (s).</summary>
    public double MaxPartDuration => _part.Max;

    /// <summary>What happens to the sound behind the part.</summary>
    public RepeatMode Mode { get; } = EffectChecks.Defined(nameof(RepeatPart), mode);

    /// <summary>The cross-fades at the seams (s), at most half of the shortest part; 0 for none.</summary>
    public double CrossfadeDuration { get; } = CheckFade(crossfadeDuration, minPartDuration);

    /// <inheritdoc/>
    protected override float[] Process(float[] samples, int rate, AugmentationRandom random)
    {
        int half = CrossfadeDuration == 0 ? 0 : Math.Max(1, (int)Math.Ceiling(CrossfadeDuration * rate / 2));
        int part = random.Whole((int)(_part.Min * rate), (int)(_part.Max * rate));
        int repeats = _repeats.Draw(random);
        // A part shorter than its two fades could not be faded; one that leaves no room for them could not be placed.
        if (part < Math.Max(1, 2 * half) || part > samples.Length - (2 * half))
        {
            return samples;
        }
        int start = random.Whole(half, samples.Length - part - half);
        long longest = samples.Length + ((long)repeats * part);
        if (Mode == RepeatMode.Insert && longest > Array.MaxLength)
        {
            return samples;
        }
        return Repeat(samples, start, part, repeats, Mode, half);
    }

    /// <summary>
    /// Pieces laid one after another, each beginning <paramref name="half"/> samples before the seam and ending as many
    /// behind it.
    /// </summary>
    internal static float[] Repeat(float[] samples, int start, int part, int repeats, RepeatMode mode, int half)
    {
        var result = new List<float>(samples.Length + (mode == RepeatMode.Insert ? repeats * part : part));
        result.AddRange(samples.AsSpan(0, start + part + half));
        for (int k = 0; k < repeats && (mode == RepeatMode.Insert || result.Count < samples.Length); k++)
        {
            Join(result, samples.AsSpan(start - half, part + (2 * half)), half, equalEnergy: true);
        }
        int behind = mode == RepeatMode.Insert ? start + part - half : result.Count - (2 * half);
        if (behind < samples.Length)
        {
            // Inserted repeats end as the part did: like sounds meet, weights of equal sum keep them.
            Join(result, samples.AsSpan(behind), half, equalEnergy: mode == RepeatMode.Replace);
        }
        return mode == RepeatMode.Insert ? [.. result] : [.. result.Take(samples.Length)];
    }

    private static void Join(List<float> result, ReadOnlySpan<float> next, int half, bool equalEnergy)
    {
        int fade = Math.Min(2 * half, next.Length), from = result.Count - (2 * half);
        for (int k = 0; k < fade; k++)
        {
            double weightIn = SampleMath.FadeIn(k, 2 * half, equalEnergy),
                weightOut = SampleMath.FadeIn((2 * half) - 1 - k, 2 * half, equalEnergy);
            result[from + k] = (float)((result[from + k] * weightOut) + (next[k] * weightIn));
        }
        result.AddRange(next[fade..]);
    }

    private static double CheckFade(double crossfadeDuration, double minPartDuration)
    {
        EffectChecks.Fade(nameof(RepeatPart), crossfadeDuration);
        EffectChecks.Check(crossfadeDuration <= minPartDuration / 2, nameof(RepeatPart),
            FormattableString.Invariant($"crossfadeDuration up to half of minPartDuration, {minPartDuration / 2} s"),
            FormattableString.Invariant($"{crossfadeDuration}"));
        return crossfadeDuration;
    }
}

/// <summary>
/// Makes a random part of the clip silent (Park et al. 2019, "SpecAugment", in the time domain). The length stays.
/// </summary>
public sealed class TimeMask(
    double minBandPart = 0.01, double maxBandPart = 0.2, double fadeDuration = 0.005,
    MaskLocation maskLocation = MaskLocation.Random, double p = 0.5) : AudioEffect(p)
{
    private readonly Interval _part =
        Interval.Create(nameof(TimeMask), minBandPart, maxBandPart, 0, 1, " of the length");

    /// <summary>Shortest silence, as a share of the clip.</summary>
    public double MinBandPart => _part.Min;

    /// <summary>Longest silence, as a share of the clip.</summary>
    public double MaxBandPart => _part.Max;

    /// <summary>The fades at both ends of the silence, inside it (s); 0 for none.</summary>
    public double FadeDuration { get; } = EffectChecks.Fade(nameof(TimeMask), fadeDuration);

    /// <summary>Where the silence is put.</summary>
    public MaskLocation MaskLocation { get; } = EffectChecks.Defined(nameof(TimeMask), maskLocation);

    /// <inheritdoc/>
    protected override float[] Process(float[] samples, int rate, AugmentationRandom random)
    {
        int length = random.Whole((int)(samples.Length * _part.Min), (int)(samples.Length * _part.Max));
        int start = MaskLocation switch
        {
            MaskLocation.Start => 0,
            MaskLocation.End => samples.Length - length,
            _ => random.Whole(0, samples.Length - length),
        };
        return length == 0 ? samples : Mask(samples, start, length, (int)Math.Round(FadeDuration * rate));
    }

    internal static float[] Mask(float[] samples, int start, int length, int fade)
    {
        float[] result = [.. samples];
        fade = Math.Min(fade, length / 2);
        fade = fade < 2 ? 0 : fade;
        for (int k = 0; k < fade; k++)
        {
            double weight = SampleMath.FadeIn(fade - 1 - k, fade, equalEnergy: false);
            result[start + k] = (float)(result[start + k] * weight);
            result[start + length - 1 - k] = (float)(result[start + length - 1 - k] * weight);
        }
        result.AsSpan(start + fade, length - (2 * fade)).Clear();
        return result;
    }
}
