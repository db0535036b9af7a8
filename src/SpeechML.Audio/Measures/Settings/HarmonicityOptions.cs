using SpeechML.Audio.Options;

namespace SpeechML;

/// <summary>
/// Harmonics-to-noise ratio by forward cross-correlation (P. Boersma 1993, Proceedings of the Institute of Phonetic
/// Sciences 17, 97-110). The defaults are Praat's.
/// </summary>
public sealed record HarmonicityOptions
{
    /// <summary>Time between frames, in seconds, at least 0.0005. The default is 0.01 s.</summary>
    [InRange("a time of 0.0005 to 10 s", Min = 0.0005, Max = 10)]
    public double Step { get; init; } = 0.01;

    /// <summary>The lowest pitch that is looked for, in Hz. The default is 75 Hz.</summary>
    [InRange("10 to 2000 Hz", Min = 10, Max = 2000)]
    public double Floor { get; init; } = 75;

    /// <summary>
    /// Frames whose peak is below this share of the recording's have no ratio. The default is 0.1.
    /// </summary>
    [InRange("0 to 1", Min = 0, Max = 1)]
    public double SilenceThreshold { get; init; } = 0.1;

    /// <summary>The periods of <see cref="Floor"/> that are compared. The default is 1.</summary>
    [InRange("0.5 to 20", Min = 0.5, Max = 20)]
    public double PeriodsPerWindow { get; init; } = 1;

    /// <summary>Throws for the first option that is out of its range.</summary>
    internal void Validate(string prefix = "") => OptionModel.Of(typeof(HarmonicityOptions)).Validate(this, prefix);
}
