using SpeechML.Audio.Options;

namespace SpeechML;

/// <summary>
/// How voices are measured, a group for each method. The defaults are those of Praat 6.1 and of the papers that each
/// group names.
/// </summary>
public sealed record VoiceMeasureOptions
{
    /// <summary>Fundamental frequency.</summary>
    public PitchOptions Pitch { get; init; } = new();

    /// <summary>Harmonics-to-noise ratio.</summary>
    public HarmonicityOptions Harmonicity { get; init; } = new();

    /// <summary>Jitter and shimmer.</summary>
    public PerturbationOptions Perturbation { get; init; } = new();

    /// <summary>Intensity.</summary>
    public IntensityOptions Intensity { get; init; } = new();

    /// <summary>Formants.</summary>
    public FormantOptions Formants { get; init; } = new();

    /// <summary>The cepstra in which peaks are sought.</summary>
    public CepstrumOptions Cepstrum { get; init; } = new();

    /// <summary>Smoothed cepstral peak prominence, CPPS.</summary>
    public CepstralPeakOptions Cpps { get; init; } = new();

    /// <summary>
    /// Cepstral peak prominence without smoothing, CPP: a contour, not among the 54 measures. The default is
    /// <see cref="CepstralPeakOptions.Unsmoothed"/>.
    /// </summary>
    public CepstralPeakOptions Cpp { get; init; } = CepstralPeakOptions.Unsmoothed;

    /// <summary>Pauses.</summary>
    public PauseOptions Pauses { get; init; } = new();

    /// <summary>Syllables.</summary>
    public SyllableOptions Syllables { get; init; } = new();

    /// <summary>The spectrum of the whole recording.</summary>
    public SpectrumOptions Spectrum { get; init; } = new();

    /// <summary>Throws for the first option that is out of its range.</summary>
    internal void Validate()
    {
        OptionModel.Of(typeof(VoiceMeasureOptions)).Validate(this);
        Pitch.Validate($"{nameof(Pitch)}.");
        Perturbation.Validate($"{nameof(Perturbation)}.");
        Intensity.Validate($"{nameof(Intensity)}.");
        Formants.Validate($"{nameof(Formants)}.");
        Cpps.Validate($"{nameof(Cpps)}.");
        Cpp.Validate($"{nameof(Cpp)}.");
        Spectrum.Validate($"{nameof(Spectrum)}.");
    }
}
