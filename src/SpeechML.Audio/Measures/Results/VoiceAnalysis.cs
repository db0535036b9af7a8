using SpeechML.Audio.Measures;

namespace SpeechML;

/// <summary>All contours and lists of a recording that the measures are made of.</summary>
public sealed record VoiceAnalysis
{
    internal VoiceAnalysis()
    {
    }

    /// <summary>How long the recording lasts (s).</summary>
    public required double Duration { get; init; }

    /// <summary>Fundamental frequency.</summary>
    public required PitchContour Pitch { get; init; }

    /// <summary>Glottal pulses (s), in order.</summary>
    public required IReadOnlyList<double> Pulses { get; init; }

    /// <summary>The amplitudes of the pulses between two good periods.</summary>
    public required PulseAmplitudes Amplitudes { get; init; }

    /// <summary>How much periods vary.</summary>
    public required JitterMeasures Jitter { get; init; }

    /// <summary>How much amplitudes vary.</summary>
    public required ShimmerMeasures Shimmer { get; init; }

    /// <summary>Harmonics-to-noise ratio.</summary>
    public required HarmonicityContour Harmonicity { get; init; }

    /// <summary>Intensity.</summary>
    public required IntensityContour Intensity { get; init; }

    /// <summary>Formants.</summary>
    public required FormantContour Formants { get; init; }

    /// <summary>Smoothed cepstral peak prominence.</summary>
    public required CepstralPeakContour Cpps { get; init; }

    /// <summary>
    /// Cepstral peak prominence without smoothing; <see langword="null"/> where only the vector was asked for.
    /// </summary>
    public CepstralPeakContour? Cpp { get; init; }

    /// <summary>
    /// Silent and sounding intervals, in order; none where the recording is shorter than a frame of intensity.
    /// </summary>
    public required IReadOnlyList<SoundingInterval> Intervals { get; init; }

    /// <summary>The intensity in which syllable nuclei are sought.</summary>
    public required IntensityContour SyllableIntensity { get; init; }

    /// <summary>
    /// Syllable nuclei (s), in order; <see langword="null"/> where the recording is too short to say.
    /// </summary>
    public required IReadOnlyList<double>? Nuclei { get; init; }

    /// <summary>The spectrum of the whole recording.</summary>
    public required VoiceSpectrum Spectrum { get; init; }

    /// <summary>
    /// The 54 measures, in the order of <see cref="VoiceMeasures.All"/>; NaN where a measure is undefined.
    /// </summary>
    public IReadOnlyList<double> ToVector() => VoiceVector.Of(this);
}
