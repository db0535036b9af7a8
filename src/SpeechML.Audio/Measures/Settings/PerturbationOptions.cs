using SpeechML.Audio.Options;

namespace SpeechML;

/// <summary>
/// Which periods count in jitter and shimmer (P. Boersma 2009, Folia Phoniatrica et Logopaedica 61, 305-308; Praat's
/// manual). The defaults are Praat's.
/// </summary>
public sealed record PerturbationOptions
{
    /// <summary>The shortest period, in seconds. The default is 0.0001 s.</summary>
    [InRange("a time above 0 s", Above = 0)]
    public double ShortestPeriod { get; init; } = 0.0001;

    /// <summary>
    /// The longest period, in seconds, above <see cref="ShortestPeriod"/>. The default is 0.02 s.
    /// </summary>
    [InRange("a time above 0 s", Above = 0)]
    public double LongestPeriod { get; init; } = 0.02;

    /// <summary>The largest ratio of two neighbouring periods. The default is 1.3.</summary>
    [InRange("a ratio of at least 1", Min = 1)]
    public double PeriodFactor { get; init; } = 1.3;

    /// <summary>The largest ratio of two neighbouring amplitudes. The default is 1.6.</summary>
    [InRange("a ratio of at least 1", Min = 1)]
    public double AmplitudeFactor { get; init; } = 1.6;

    /// <summary>Throws for the first option that is out of its range.</summary>
    internal void Validate(string prefix = "")
    {
        OptionModel.Of(typeof(PerturbationOptions)).Validate(this, prefix);
        OptionChecks.Check(LongestPeriod > ShortestPeriod, prefix + nameof(LongestPeriod),
            FormattableString.Invariant($"a time above {nameof(ShortestPeriod)}, {ShortestPeriod} s"), LongestPeriod);
    }
}
