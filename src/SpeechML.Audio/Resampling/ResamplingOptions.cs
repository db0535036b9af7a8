using SpeechML.Audio.Options;

namespace SpeechML;

/// <summary>The window over the sinc of a resampling filter.</summary>
public enum ResamplingWindow
{
    /// <summary>A squared cosine, torchaudio's <c>sinc_interp_hann</c>.</summary>
    Hann,

    /// <summary>A Kaiser window, torchaudio's <c>sinc_interp_kaiser</c>.</summary>
    Kaiser,
}

/// <summary>
/// The low-pass filter of <see cref="MLAudio.Resample"/>; names and meaning are those of
/// <c>torchaudio.functional.resample</c>.
/// </summary>
public sealed record ResamplingOptions
{
    /// <summary>torchaudio's default: Hann window, width 6, roll-off 0.99.</summary>
    public static ResamplingOptions Hann { get; } = new();

    /// <summary>
    /// A long Kaiser filter, as resampy's and librosa's <c>kaiser_best</c>: width 64, roll-off 0.9476, beta 14.77.
    /// </summary>
    public static ResamplingOptions KaiserBest { get; } =
        new() { Window = ResamplingWindow.Kaiser, LowpassFilterWidth = 64, Rolloff = 0.9475937167399596 };

    /// <summary>The window. The default is <see cref="ResamplingWindow.Hann"/>.</summary>
    public ResamplingWindow Window { get; init; }

    /// <summary>Zero crossings of the sinc on each side: more is sharper and slower. The default is 6.</summary>
    [InRange("at least 1 zero crossing", Min = 1)]
    public int LowpassFilterWidth { get; init; } = 6;

    /// <summary>
    /// The cut-off as a share of the lower Nyquist frequency, above 0 and at most 1. The default is 0.99.
    /// </summary>
    [InRange("a share above 0, at most 1", Above = 0, Max = 1)]
    public double Rolloff { get; init; } = 0.99;

    /// <summary>The shape of the Kaiser window; the Hann window has none. The default is 14.769656459379492.</summary>
    [ActiveWhen(nameof(Window), ResamplingWindow.Kaiser)]
    [InRange("0 or more", Min = 0)]
    public double Beta { get; init; } = 14.769656459379492;

    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    internal void Validate() => OptionModel.Of(typeof(ResamplingOptions)).Validate(this);
}
