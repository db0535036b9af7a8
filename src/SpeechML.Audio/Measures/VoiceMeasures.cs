using SpeechML.Audio.Measures;
using SpeechML.Audio.Measures.Signals;
using SpeechML.Audio.Measures.Spectral;
using SpeechML.Audio.Measures.Timing;
using SpeechML.Audio.Measures.Voicing;

namespace SpeechML;

/// <summary>
/// Acoustic measures of voices, from the published algorithms; numbers equal those of Praat 6.1 (P. Boersma, D.
/// Weenink). All in double precision, the same at every call; one thread. A recording of any length needs the memory of
/// its contours and some 150 MB.
/// </summary>
public static class VoiceMeasures
{
    /// <summary>The 54 measures of <see cref="Measure(MLAudio, VoiceMeasureOptions?)"/>, in order.</summary>
    public static IReadOnlyList<VoiceMeasureInfo> All => VoiceVector.All;

    /// <summary>
    /// The 54 measures of a recording, in the order of <see cref="All"/>; NaN where a measure is undefined, as jitter
    /// is in a whisper.
    /// </summary>
    /// <param name="audio">The recording; samples of full scale are 1.</param>
    /// <param name="options">How to measure; <see langword="null"/> for Praat's defaults.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static double[] Measure(MLAudio audio, VoiceMeasureOptions? options = null) =>
        VoiceVector.Of(VoiceAnalyzer.Analyze(new SampleSignal(Check(audio)), Valid(options), vectorOnly: true));

    /// <inheritdoc cref="Measure(MLAudio, VoiceMeasureOptions?)"/>
    /// <param name="samples">The recording, mono; full scale is 1.</param>
    /// <param name="sampleRate">Samples per second (Hz).</param>
    /// <param name="options">How to measure; <see langword="null"/> for Praat's defaults.</param>
    /// <exception cref="ArgumentException">A sample is not finite, or an option is out of its range.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not positive.</exception>
    public static double[] Measure(
        ReadOnlySpan<float> samples, int sampleRate, VoiceMeasureOptions? options = null) =>
        Measure(MLAudio.FromSamples(samples, sampleRate), options);

    /// <summary>All contours and lists that the measures are made of.</summary>
    /// <inheritdoc cref="Measure(MLAudio, VoiceMeasureOptions?)"/>
    public static VoiceAnalysis Analyze(MLAudio audio, VoiceMeasureOptions? options = null) =>
        VoiceAnalyzer.Analyze(new SampleSignal(Check(audio)), Valid(options), vectorOnly: false);

    /// <summary>Fundamental frequency over time.</summary>
    /// <inheritdoc cref="Measure(MLAudio, VoiceMeasureOptions?)"/>
    public static PitchContour Pitch(MLAudio audio, PitchOptions? options = null)
    {
        options ??= new PitchOptions();
        options.Validate();
        return PitchTracker.Track(new SampleSignal(Check(audio)), options);
    }

    /// <summary>
    /// Glottal pulses (s), in order: from the middle of each voiced interval to its edges, where a window of one period
    /// resembles the one before most (Praat's manual, "To PointProcess (cc)").
    /// </summary>
    /// <param name="audio">The recording.</param>
    /// <param name="pitch">Its pitch.</param>
    public static IReadOnlyList<double> Pulses(MLAudio audio, PitchContour pitch)
    {
        ArgumentNullException.ThrowIfNull(pitch);
        return PulseFinder.Find(new SampleSignal(Check(audio)), pitch);
    }

    /// <summary>The amplitudes of pulses between two good periods.</summary>
    /// <param name="audio">The recording.</param>
    /// <param name="pulses">Its pulses (s), in order.</param>
    /// <param name="options">Which periods count; <see langword="null"/> for Praat's defaults.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static PulseAmplitudes Amplitudes(
        MLAudio audio, IReadOnlyList<double> pulses, PerturbationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(pulses);
        return Perturbation.Amplitudes(new SampleSignal(Check(audio)), pulses, Valid(options));
    }

    /// <summary>How much periods vary.</summary>
    /// <param name="pulses">Pulses (s), in order.</param>
    /// <param name="options">Which periods count; <see langword="null"/> for Praat's defaults.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static JitterMeasures Jitter(IReadOnlyList<double> pulses, PerturbationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(pulses);
        return Perturbation.Jitter(pulses, Valid(options));
    }

    /// <summary>How much amplitudes vary.</summary>
    /// <param name="amplitudes">The amplitudes of pulses.</param>
    /// <param name="options">Which periods count; <see langword="null"/> for Praat's defaults.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static ShimmerMeasures Shimmer(PulseAmplitudes amplitudes, PerturbationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(amplitudes);
        return Perturbation.Shimmer(amplitudes, Valid(options));
    }

    /// <summary>Harmonics-to-noise ratio over time.</summary>
    /// <inheritdoc cref="Measure(MLAudio, VoiceMeasureOptions?)"/>
    public static HarmonicityContour Harmonicity(MLAudio audio, HarmonicityOptions? options = null)
    {
        options ??= new HarmonicityOptions();
        options.Validate();
        return HarmonicityTracker.Track(new SampleSignal(Check(audio)), options);
    }

    /// <summary>Intensity over time.</summary>
    /// <inheritdoc cref="Measure(MLAudio, VoiceMeasureOptions?)"/>
    public static IntensityContour Intensity(MLAudio audio, IntensityOptions? options = null)
    {
        options ??= new IntensityOptions();
        options.Validate();
        return IntensityTracker.Track(new SampleSignal(Check(audio)), options);
    }

    /// <summary>Formants over time.</summary>
    /// <inheritdoc cref="Measure(MLAudio, VoiceMeasureOptions?)"/>
    public static FormantContour Formants(MLAudio audio, FormantOptions? options = null)
    {
        options ??= new FormantOptions();
        options.Validate();
        return FormantTracker.Track(new SampleSignal(Check(audio)), options);
    }

    /// <summary>Cepstral peak prominence over time.</summary>
    /// <param name="audio">The recording.</param>
    /// <param name="options">How a peak is found: <see langword="null"/> for smoothed prominence, CPPS;
    /// <see cref="CepstralPeakOptions.Unsmoothed"/> for CPP.</param>
    /// <param name="cepstrum">The cepstra; <see langword="null"/> for Praat's defaults.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static CepstralPeakContour CepstralPeak(
        MLAudio audio, CepstralPeakOptions? options = null, CepstrumOptions? cepstrum = null)
    {
        options ??= new CepstralPeakOptions();
        options.Validate();
        cepstrum ??= new CepstrumOptions();
        cepstrum.Validate();
        return CepstralPeaks.Track(new SampleSignal(Check(audio)), cepstrum, options)[0];
    }

    /// <summary>
    /// Silent and sounding intervals, in order; none where the recording is shorter than a frame of intensity.
    /// </summary>
    /// <inheritdoc cref="Measure(MLAudio, VoiceMeasureOptions?)"/>
    public static IReadOnlyList<SoundingInterval> SoundingIntervals(MLAudio audio, PauseOptions? options = null)
    {
        options ??= new PauseOptions();
        options.Validate();
        return VoiceAnalyzer.SoundingIntervals(new SampleSignal(Check(audio)), options);
    }

    /// <summary>
    /// Syllable nuclei (s), in order; <see langword="null"/> where the recording is too short to say.
    /// </summary>
    /// <param name="audio">The recording.</param>
    /// <param name="pitch">Its pitch.</param>
    /// <param name="intervals">Its silent and sounding intervals.</param>
    /// <param name="options">What a nucleus is; <see langword="null"/> for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static IReadOnlyList<double>? SyllableNuclei(MLAudio audio, PitchContour pitch,
        IReadOnlyList<SoundingInterval> intervals, SyllableOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(pitch);
        ArgumentNullException.ThrowIfNull(intervals);
        options ??= new SyllableOptions();
        options.Validate();
        return SyllableFinder.Find(
            VoiceAnalyzer.SyllableIntensity(new SampleSignal(Check(audio)), options), pitch, intervals, options);
    }

    /// <summary>Measures of the whole spectrum.</summary>
    /// <inheritdoc cref="Measure(MLAudio, VoiceMeasureOptions?)"/>
    public static VoiceSpectrum Spectrum(MLAudio audio, SpectrumOptions? options = null)
    {
        options ??= new SpectrumOptions();
        options.Validate();
        return ClipSpectrum.Measure(new SampleSignal(Check(audio)), options);
    }

    /// <summary>Mel-frequency cepstral coefficients over time; not among the 54, for no ear reads them.</summary>
    /// <inheritdoc cref="Measure(MLAudio, VoiceMeasureOptions?)"/>
    public static MfccContour Mfcc(MLAudio audio, MfccOptions? options = null)
    {
        options ??= new MfccOptions();
        options.Validate();
        return MelCepstrum.Track(new SampleSignal(Check(audio)), options);
    }

    private static MLAudio Check(MLAudio audio)
    {
        ArgumentNullException.ThrowIfNull(audio);
        return audio;
    }

    private static VoiceMeasureOptions Valid(VoiceMeasureOptions? options)
    {
        options ??= new VoiceMeasureOptions();
        options.Validate();
        return options;
    }

    private static PerturbationOptions Valid(PerturbationOptions? options)
    {
        options ??= new PerturbationOptions();
        options.Validate();
        return options;
    }
}
