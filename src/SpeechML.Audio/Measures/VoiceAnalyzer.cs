using SpeechML.Audio.Measures.Signals;
using SpeechML.Audio.Measures.Spectral;
using SpeechML.Audio.Measures.Timing;
using SpeechML.Audio.Measures.Voicing;

namespace SpeechML.Audio.Measures;

/// <summary>Measures all that the vector is made of.</summary>
internal static class VoiceAnalyzer
{
    /// <param name="signal">The recording.</param>
    /// <param name="options">Valid options.</param>
    /// <param name="vectorOnly">Whether contours that the vector does not need are left out.</param>
    public static VoiceAnalysis Analyze(SampleSignal signal, VoiceMeasureOptions options, bool vectorOnly)
    {
        double duration = signal.Length / signal.Rate;
        PitchContour pitch = PitchTracker.Track(signal, options.Pitch);
        double[] pulses = PulseFinder.Find(signal, pitch);
        PulseAmplitudes amplitudes = Perturbation.Amplitudes(signal, pulses, options.Perturbation);
        CepstralPeakContour[] peaks = vectorOnly ? CepstralPeaks.Track(signal, options.Cepstrum, options.Cpps)
            : CepstralPeaks.Track(signal, options.Cepstrum, options.Cpps, options.Cpp);
        List<SoundingInterval> intervals = SoundingIntervals(signal, options.Pauses);
        IntensityContour slow = SyllableIntensity(signal, options.Syllables);
        return new VoiceAnalysis
        {
            Duration = duration,
            Pitch = pitch,
            Pulses = pulses,
            Amplitudes = amplitudes,
            Jitter = Perturbation.Jitter(pulses, options.Perturbation),
            Shimmer = Perturbation.Shimmer(amplitudes, options.Perturbation),
            Harmonicity = HarmonicityTracker.Track(signal, options.Harmonicity),
            Intensity = IntensityTracker.Track(signal, options.Intensity),
            Formants = FormantTracker.Track(signal, options.Formants),
            Cpps = peaks[0],
            Cpp = vectorOnly ? null : peaks[1],
            Intervals = intervals,
            SyllableIntensity = slow,
            Nuclei = SyllableFinder.Find(slow, pitch, intervals, options.Syllables),
            Spectrum = ClipSpectrum.Measure(signal, options.Spectrum),
        };
    }

    public static List<SoundingInterval> SoundingIntervals(SampleSignal signal, PauseOptions options)
    {
        IntensityContour contour = IntensityTracker.Track(
            new BandPassedSignal(signal), new IntensityOptions { Floor = options.Floor });
        return SoundingFinder.Find(contour, signal.Length / signal.Rate, options);
    }

    public static IntensityContour SyllableIntensity(SampleSignal signal, SyllableOptions options) =>
        IntensityTracker.Track(signal, new IntensityOptions { Floor = options.Floor });
}
