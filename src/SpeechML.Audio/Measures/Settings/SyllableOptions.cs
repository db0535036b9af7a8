using SpeechML.Audio.Options;

namespace SpeechML;

/// <summary>
/// Syllable nuclei: voiced peaks of intensity with a dip behind them (N. H. de Jong, T. Wempe 2009, Behavior Research
/// Methods 41, 385-390). The defaults are theirs.
/// </summary>
public sealed record SyllableOptions
{
    /// <summary>The lowest pitch whose periods are not to show in the intensity, in Hz. The default is 50 Hz.</summary>
    [InRange("10 to 2000 Hz", Min = 10, Max = 2000)]
    public double Floor { get; init; } = 50;

    /// <summary>
    /// Peaks lie above the 0.99 quantile of the intensity less so many dB. The default is -25 dB.
    /// </summary>
    [InRange("a level below 0 dB", Below = 0)]
    public double Threshold { get; init; } = -25;

    /// <summary>By how many dB the intensity falls before the next peak. The default is 2 dB.</summary>
    [InRange("0 dB or more", Min = 0)]
    public double Dip { get; init; } = 2;

    /// <summary>Throws for the first option that is out of its range.</summary>
    internal void Validate(string prefix = "") => OptionModel.Of(typeof(SyllableOptions)).Validate(this, prefix);
}
