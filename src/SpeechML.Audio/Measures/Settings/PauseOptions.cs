using SpeechML.Audio.Options;

namespace SpeechML;

/// <summary>
/// Silent and sounding intervals by intensity (Praat's manual, "Sound: To TextGrid (silences)"), in the recording
/// band-passed from 80 to 8000 Hz. The defaults are Praat's.
/// </summary>
public sealed record PauseOptions
{
    /// <summary>The lowest pitch whose periods are not to show in the intensity, in Hz. The default is 100
    /// Hz.</summary>
    [InRange("10 to 2000 Hz", Min = 10, Max = 2000)]
    public double Floor { get; init; } = 100;

    /// <summary>Below the maximum by so many dB begins silence. The default is -25 dB.</summary>
    [InRange("a level below 0 dB", Below = 0)]
    public double Threshold { get; init; } = -25;

    /// <summary>Shorter silent intervals, in seconds, are not silent. The default is 0.1 s.</summary>
    [InRange("0 s or more", Min = 0)]
    public double ShortestSilence { get; init; } = 0.1;

    /// <summary>Shorter sounding intervals, in seconds, do not sound. The default is 0.1 s.</summary>
    [InRange("0 s or more", Min = 0)]
    public double ShortestSound { get; init; } = 0.1;

    /// <summary>Throws for the first option that is out of its range.</summary>
    internal void Validate(string prefix = "") => OptionModel.Of(typeof(PauseOptions)).Validate(this, prefix);
}
