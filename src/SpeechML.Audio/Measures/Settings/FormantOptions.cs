using SpeechML.Audio.Measures;
using SpeechML.Audio.Options;

namespace SpeechML;

/// <summary>
/// Formants by Burg's linear prediction (J. P. Burg in D. G. Childers 1978, "Modern Spectrum Analysis"; J. D. Markel,
/// A. H. Gray 1976, "Linear Prediction of Speech"). The defaults are Praat's, for an adult female voice.
/// </summary>
public sealed record FormantOptions
{
    /// <summary>
    /// Where formants end, in Hz. The default is 5500 Hz, for women; 5000 Hz for men, more for children. At a lower
    /// rate half the rate counts, and <see cref="Count"/> falls in proportion: formants that are not in the recording
    /// are not looked for.
    /// </summary>
    [InRange("500 to 20000 Hz", Min = 500, Max = 20000)]
    public double Ceiling { get; init; } = 5500;

    /// <summary>The formants looked for below the ceiling. The default is 5.</summary>
    [InRange("1 to 20", Min = 1, Max = 20)]
    public int Count { get; init; } = 5;

    /// <summary>
    /// Half the length of the Gaussian window, in seconds: its effective length. The default is 0.025 s.
    /// </summary>
    [InRange("a time of 0.002 to 1 s", Min = 0.002, Max = 1)]
    public double Window { get; init; } = 0.025;

    /// <summary>
    /// Time between frames, in seconds; 0, the default, for a quarter of <see cref="Window"/>.
    /// </summary>
    [InRange("0 s for a quarter of the window, or more", Min = 0, Max = 10)]
    public double Step { get; init; }

    /// <summary>From where on pre-emphasis raises the spectrum by 6 dB per octave, in Hz. The default is 50
    /// Hz.</summary>
    [InRange("0 Hz or more", Min = 0)]
    public double PreEmphasisFrom { get; init; } = 50;

    /// <summary>Throws for the first option that is out of its range.</summary>
    internal void Validate(string prefix = "")
    {
        OptionModel.Of(typeof(FormantOptions)).Validate(this, prefix);
        MeasureSteps.Check(Step, prefix + nameof(Step));
    }

    /// <summary>The options with nothing above half the rate.</summary>
    internal FormantOptions For(int sampleRate) => sampleRate / 2.0 >= Ceiling ? this : this with
    {
        Ceiling = sampleRate / 2.0,
        Count = Math.Max(2, (int)Math.Floor((Count * (sampleRate / 2.0) / Ceiling) + 0.5)),
    };
}
