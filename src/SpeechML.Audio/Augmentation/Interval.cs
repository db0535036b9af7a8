using System.Runtime.CompilerServices;

namespace SpeechML.Audio.Augmentation;

/// <summary>The range that a parameter is drawn from, uniformly.</summary>
internal readonly record struct Interval
{
    private Interval(double min, double max) => (Min, Max) = (min, max);

    public double Min { get; }

    public double Max { get; }

    /// <summary>Checks <c>lowest ≤ min ≤ max ≤ highest</c>.</summary>
    /// <exception cref="ArgumentException">It is not so, or a number is a NaN.</exception>
    public static Interval Create(
        string effect, double min, double max, double lowest, double highest, string unit = "",
        [CallerArgumentExpression(nameof(min))] string minName = "",
        [CallerArgumentExpression(nameof(max))] string maxName = "")
    {
        EffectChecks.Check(lowest <= min && min <= max && max <= highest, effect,
            FormattableString.Invariant($"{minName} up to {maxName}, both within {lowest} to {highest}{unit}"),
            FormattableString.Invariant($"{min} and {max}"));
        return new Interval(min, max);
    }

    public double Draw(AugmentationRandom random) => random.Uniform(Min, Max);

    /// <summary>
    /// Uniform on the mel scale (O'Shaughnessy 1987: 2595 log10(1 + f / 700)), for frequencies in Hz.
    /// </summary>
    public double DrawOnMelScale(AugmentationRandom random) =>
        Min == Max ? Min : 700 * (Math.Pow(10, random.Uniform(ToMel(Min), ToMel(Max)) / 2595) - 1);

    private static double ToMel(double frequency) => 2595 * Math.Log10(1 + (frequency / 700));
}

/// <summary>The range of whole numbers that a parameter is drawn from, both ends included.</summary>
internal readonly record struct WholeInterval
{
    private WholeInterval(int min, int max) => (Min, Max) = (min, max);

    public int Min { get; }

    public int Max { get; }

    /// <inheritdoc cref="Interval.Create"/>
    public static WholeInterval Create(
        string effect, int min, int max, int lowest, int highest, string unit = "",
        [CallerArgumentExpression(nameof(min))] string minName = "",
        [CallerArgumentExpression(nameof(max))] string maxName = "")
    {
        EffectChecks.Check(lowest <= min && min <= max && max <= highest, effect,
            $"{minName} up to {maxName}, both within {lowest} to {highest}{unit}", $"{min} and {max}");
        return new WholeInterval(min, max);
    }

    public int Draw(AugmentationRandom random) => random.Whole(Min, Max);
}
