using SpeechML.Audio.Options;

namespace SpeechML;

/// <summary>
/// Measures of a recording's whole spectrum. All limits end at half the sample rate. The defaults are the usual ones of
/// alpha ratio (B. Frøkjær-Jensen, S. Prytz 1976), Hammarberg index (B. Hammarberg et al. 1980) and Praat's
/// "Ltas: Get slope".
/// </summary>
public sealed record SpectrumOptions
{
    /// <summary>The width of a band of the long-term average spectrum, in Hz. The default is 100 Hz.</summary>
    [InRange("1 to 5000 Hz", Min = 1, Max = 5000)]
    public double Band { get; init; } = 100;

    /// <summary>Where the lower band of the alpha ratio begins, in Hz. The default is 50 Hz.</summary>
    [InRange("0 Hz or more", Min = 0)]
    public double Low { get; init; } = 50;

    /// <summary>
    /// Where the lower band of the alpha ratio ends and the upper one begins, in Hz, above <see cref="Low"/>. The
    /// default is 1000 Hz.
    /// </summary>
    [InRange("a frequency above 0 Hz", Above = 0)]
    public double Split { get; init; } = 1000;

    /// <summary>
    /// Where the upper bands and the tilt end, in Hz, above <see cref="Split"/>. The default is 5000 Hz.
    /// </summary>
    [InRange("a frequency above 0 Hz", Above = 0)]
    public double High { get; init; } = 5000;

    /// <summary>Where the lower band of the Hammarberg index ends, in Hz. The default is 2000 Hz.</summary>
    [InRange("a frequency above 0 Hz", Above = 0)]
    public double HammarbergSplit { get; init; } = 2000;

    /// <summary>Where the lower band of the slope begins, in Hz. The default is 0 Hz.</summary>
    [InRange("0 Hz or more", Min = 0)]
    public double SlopeLowFrom { get; init; }

    /// <summary>Where the lower band of the slope ends, in Hz. The default is 1000 Hz.</summary>
    [InRange("a frequency above 0 Hz", Above = 0)]
    public double SlopeLowTo { get; init; } = 1000;

    /// <summary>Where the upper band of the slope begins, in Hz. The default is 1000 Hz.</summary>
    [InRange("0 Hz or more", Min = 0)]
    public double SlopeHighFrom { get; init; } = 1000;

    /// <summary>Where the upper band of the slope ends, in Hz. The default is 4000 Hz.</summary>
    [InRange("a frequency above 0 Hz", Above = 0)]
    public double SlopeHighTo { get; init; } = 4000;

    /// <summary>Throws for the first option that is out of its range.</summary>
    internal void Validate(string prefix = "")
    {
        OptionModel.Of(typeof(SpectrumOptions)).Validate(this, prefix);
        OptionChecks.Check(Split > Low, prefix + nameof(Split),
            FormattableString.Invariant($"a frequency above {nameof(Low)}, {Low} Hz"), Split);
        OptionChecks.Check(High > Split, prefix + nameof(High),
            FormattableString.Invariant($"a frequency above {nameof(Split)}, {Split} Hz"), High);
    }
}
