using SpeechML.Audio.Measures;
using SpeechML.Audio.Options;

namespace SpeechML;

/// <summary>
/// Intensity: the mean square under a Kaiser window, in dB re 20 µPa where a sample of 1 counts as 1 Pa (Praat's
/// manual, "Sound: To Intensity"). The defaults are Praat's.
/// </summary>
public sealed record IntensityOptions
{
    /// <summary>
    /// The lowest pitch whose periods are not to show, in Hz: a window is 6.4 periods of it. The default is 100 Hz.
    /// </summary>
    [InRange("10 to 2000 Hz", Min = 10, Max = 2000)]
    public double Floor { get; init; } = 100;

    /// <summary>
    /// Time between frames, in seconds; 0, the default, for an eighth of a window (0.8 periods of the floor).
    /// </summary>
    [InRange("0 s for an eighth of a window, or more", Min = 0, Max = 10)]
    public double Step { get; init; }

    /// <summary>Whether each window's mean is subtracted. The default is <see langword="true"/>.</summary>
    public bool SubtractMean { get; init; } = true;

    /// <summary>Throws for the first option that is out of its range.</summary>
    internal void Validate(string prefix = "")
    {
        OptionModel.Of(typeof(IntensityOptions)).Validate(this, prefix);
        MeasureSteps.Check(Step, prefix + nameof(Step));
    }
}
