using SpeechML.Audio.Options;

namespace SpeechML;

/// <summary>The power cepstra in which cepstral peaks are sought (Praat's manual, "Sound: To
/// PowerCepstrogram").</summary>
public sealed record CepstrumOptions
{
    /// <summary>The lowest pitch, in Hz: a window is 6 periods of it. The default is 60 Hz.</summary>
    [InRange("10 to 2000 Hz", Min = 10, Max = 2000)]
    public double Floor { get; init; } = 60;

    /// <summary>Time between frames, in seconds. The default is 0.002 s.</summary>
    [InRange("a time of 0.0005 to 10 s", Min = 0.0005, Max = 10)]
    public double Step { get; init; } = 0.002;

    /// <summary>The highest frequency of the spectra, in Hz. The default is 5000 Hz.</summary>
    [InRange("500 to 20000 Hz", Min = 500, Max = 20000)]
    public double Highest { get; init; } = 5000;

    /// <summary>From where on pre-emphasis raises the spectrum by 6 dB per octave, in Hz. The default is 50
    /// Hz.</summary>
    [InRange("0 Hz or more", Min = 0)]
    public double PreEmphasisFrom { get; init; } = 50;

    /// <summary>Throws for the first option that is out of its range.</summary>
    internal void Validate(string prefix = "") => OptionModel.Of(typeof(CepstrumOptions)).Validate(this, prefix);
}
