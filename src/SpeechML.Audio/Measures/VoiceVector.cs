using SpeechML.Audio.Measures.Timing;
using SpeechML.Audio.Measures.Voicing;

namespace SpeechML.Audio.Measures;

/// <summary>The 54 measures, of contours.</summary>
internal static class VoiceVector
{
    private const string Pitch = "pitch", Voicing = "voicing", Jitter = "jitter", Shimmer = "shimmer",
        Harmonicity = "harmonicity", Cepstrum = "cepstral peak", Intensity = "intensity", Formants = "formants",
        Spectrum = "spectrum", Timing = "timing";

    public static IReadOnlyList<VoiceMeasureInfo> All { get; } =
    [
        new("f0_mean", "Hz", Pitch, "mean fundamental frequency"),
        new("f0_median", "Hz", Pitch, "median fundamental frequency"),
        new("f0_sd", "semitones", Pitch, "standard deviation of fundamental frequency"),
        new("f0_p05", "Hz", Pitch, "5th percentile of fundamental frequency"),
        new("f0_p95", "Hz", Pitch, "95th percentile of fundamental frequency"),
        new("f0_range", "semitones", Pitch, "5th to 95th percentile of fundamental frequency"),
        new("f0_slope", "semitones/s", Pitch, "slope of a line through fundamental frequency"),
        new("f0_absolute_slope", "semitones/s", Pitch, "mean change from a voiced frame to the next"),
        new("voiced_fraction", "ratio", Voicing, "voiced frames over all"),
        new("voice_break_rate", "1/s", Voicing, "gaps between pulses beyond 1.25 of the longest period, per second"),
        new("voice_break_degree", "ratio", Voicing, "the length of those gaps over the duration"),
        new("jitter_local", "ratio", Jitter, "difference of neighbouring periods over the mean period"),
        new("jitter_rap", "ratio", Jitter, "difference of a period from the mean of three over the mean period"),
        new("jitter_ppq5", "ratio", Jitter, "difference of a period from the mean of five over the mean period"),
        new("shimmer_local", "ratio", Shimmer, "difference of neighbouring amplitudes over the mean amplitude"),
        new("shimmer_local_db", "dB", Shimmer, "level difference of neighbouring amplitudes"),
        new("shimmer_apq3", "ratio", Shimmer, "difference of an amplitude from the mean of three over the mean"),
        new("shimmer_apq5", "ratio", Shimmer, "difference of an amplitude from the mean of five over the mean"),
        new("shimmer_apq11", "ratio", Shimmer, "difference of an amplitude from the mean of eleven over the mean"),
        new("hnr_mean", "dB", Harmonicity, "mean harmonics-to-noise ratio"),
        new("hnr_sd", "dB", Harmonicity, "standard deviation of the harmonics-to-noise ratio"),
        new("cpps", "dB", Cepstrum, "mean smoothed cepstral peak prominence"),
        new("cpps_voiced", "dB", Cepstrum, "the same of voiced frames"),
        new("cpps_sd", "dB", Cepstrum, "standard deviation of smoothed cepstral peak prominence"),
        new("intensity_mean", "dB", Intensity, "mean intensity"),
        new("intensity_sd", "dB", Intensity, "standard deviation of intensity"),
        new("intensity_range", "dB", Intensity, "5th to 95th percentile of intensity"),
        new("intensity_sd_sounding", "dB", Intensity, "standard deviation of intensity in sounding intervals"),
        new("f1_mean", "Hz", Formants, "mean first formant of voiced frames"),
        new("f2_mean", "Hz", Formants, "mean second formant of voiced frames"),
        new("f3_mean", "Hz", Formants, "mean third formant of voiced frames"),
        new("f1_sd", "Hz", Formants, "standard deviation of the first formant"),
        new("f2_sd", "Hz", Formants, "standard deviation of the second formant"),
        new("f3_sd", "Hz", Formants, "standard deviation of the third formant"),
        new("b1_mean", "Hz", Formants, "mean bandwidth of the first formant"),
        new("b2_mean", "Hz", Formants, "mean bandwidth of the second formant"),
        new("b3_mean", "Hz", Formants, "mean bandwidth of the third formant"),
        new("spectral_centre", "Hz", Spectrum, "centre of gravity of the spectrum"),
        new("spectral_sd", "Hz", Spectrum, "standard deviation of the spectrum"),
        new("spectral_skewness", "ratio", Spectrum, "skewness of the spectrum"),
        new("spectral_kurtosis", "ratio", Spectrum, "kurtosis of the spectrum"),
        new("alpha_ratio", "dB", Spectrum, "energy of 1 to 5 kHz over that of 50 Hz to 1 kHz"),
        new("hammarberg", "dB", Spectrum, "highest band below 2 kHz less the highest from 2 to 5 kHz"),
        new("ltas_slope", "dB", Spectrum, "mean power of 1 to 4 kHz over that of 0 to 1 kHz"),
        new("ltas_tilt", "dB/kHz", Spectrum, "slope of a line through the long-term average spectrum"),
        new("duration", "s", Timing, "how long the recording lasts"),
        new("pause_rate", "1/s", Timing, "pauses per second"),
        new("pause_fraction", "ratio", Timing, "pauses over the duration"),
        new("pause_mean", "s", Timing, "mean pause; 0 without any"),
        new("pause_longest", "s", Timing, "longest pause; 0 without any"),
        new("phonation_ratio", "ratio", Timing, "sounding time over the duration"),
        new("run_mean", "s", Timing, "mean sounding interval"),
        new("speech_rate", "1/s", Timing, "syllables per second"),
        new("articulation_rate", "1/s", Timing, "syllables per second of sounding time"),
    ];

    public static double[] Of(VoiceAnalysis a)
    {
        var values = new List<double>(All.Count);
        AddPitch(a, values);
        values.AddRange([a.Jitter.Local, a.Jitter.Rap, a.Jitter.Ppq5]);
        values.AddRange([a.Shimmer.Local, a.Shimmer.LocalDb, a.Shimmer.Apq3, a.Shimmer.Apq5, a.Shimmer.Apq11]);
        AddPeriodicity(a, values);
        AddIntensity(a, values);
        AddFormants(a, values);
        VoiceSpectrum s = a.Spectrum;
        values.AddRange(
            [s.Centre, s.Deviation, s.Skewness, s.Kurtosis, s.AlphaRatio, s.Hammarberg, s.Slope, s.Tilt]);
        AddTiming(a, values);
        // Neither a slope of one time nor a ratio to silence is a number.
        return [.. values.Select(v => double.IsFinite(v) ? v : double.NaN)];
    }

    private static void AddPitch(VoiceAnalysis a, List<double> values)
    {
        IReadOnlyList<double> all = a.Pitch.Frequency;
        List<double> f0 = new(all.Count), semitones = new(all.Count), times = new(all.Count), steps = new(all.Count);
        for (int i = 0; i < all.Count; i++)
        {
            if (double.IsNaN(all[i]))
            {
                continue;
            }
            f0.Add(all[i]);
            semitones.Add(MeasureMath.Semitones(all[i]));
            times.Add(a.Pitch.Times[i]);
            if (i > 0 && !double.IsNaN(all[i - 1]))
            {
                steps.Add(Math.Abs(semitones[^1] - semitones[^2]));
            }
        }
        double[] sorted = [.. f0.Order()];
        double low = MeasureMath.Percentile(sorted, 5), high = MeasureMath.Percentile(sorted, 95);
        (int breaks, double degree) = Perturbation.VoiceBreaks(a.Pulses, a.Duration, 1.25 / a.Pitch.Floor);
        bool hasPulses = a.Pulses.Count > 1;
        values.AddRange([
            MeasureMath.Mean(f0), MeasureMath.Percentile(sorted, 50), MeasureMath.Deviation(semitones), low, high,
            MeasureMath.Semitones(high / low), MeasureMath.Slope(times, semitones),
            MeasureMath.Mean(steps) / a.Pitch.Step, (double)f0.Count / all.Count,
            hasPulses ? breaks / a.Duration : double.NaN, hasPulses ? degree : double.NaN]);
    }

    private static void AddPeriodicity(VoiceAnalysis a, List<double> values)
    {
        // Of the right size, for an hour has millions.
        List<double> ratios = new(a.Harmonicity.Ratio.Count), peaks = new(a.Cpps.Times.Count),
            voiced = new(a.Cpps.Times.Count);
        for (int i = 0; i < a.Harmonicity.Ratio.Count; i++)
        {
            if (!double.IsNaN(a.Harmonicity.Ratio[i]) && !a.Harmonicity.IsConstant[i])
            {
                ratios.Add(a.Harmonicity.Ratio[i]);
            }
        }
        for (int i = 0; i < a.Cpps.Times.Count; i++)
        {
            if (a.Cpps.IsConstant[i])
            {
                continue;
            }
            peaks.Add(a.Cpps.Prominence[i]);
            if (!double.IsNaN(a.Pitch.At(a.Cpps.Times[i])))
            {
                voiced.Add(a.Cpps.Prominence[i]);
            }
        }
        values.AddRange([
            MeasureMath.Mean(ratios), MeasureMath.Deviation(ratios), MeasureMath.Mean(peaks), MeasureMath.Mean(voiced),
            MeasureMath.Deviation(peaks)]);
    }

    private static void AddIntensity(VoiceAnalysis a, List<double> values)
    {
        // 0 dB is below the quantisation noise of 16 bits.
        double[] levels = [.. a.Intensity.Level.Select(v => Math.Max(v, 0))];
        bool[] sounding = SoundingFinder.AreSounding(a.Intensity.Times, a.Intervals);
        double[] sorted = [.. levels];
        Array.Sort(sorted);
        values.AddRange([
            MeasureMath.Mean(levels), MeasureMath.Deviation(levels),
            MeasureMath.Percentile(sorted, 95) - MeasureMath.Percentile(sorted, 5),
            MeasureMath.Deviation([.. levels.Where((_, i) => sounding[i])])]);
    }

    private static void AddFormants(VoiceAnalysis a, List<double> values)
    {
        const int Formant = 3;
        bool[] voiced = [.. a.Formants.Times.Select(t => !double.IsNaN(a.Pitch.At(t)))];
        List<double> Of(IReadOnlyList<IReadOnlyList<double>> rows, int j)
        {
            var found = new List<double>(voiced.Length);
            for (int i = 0; j < rows.Count && i < voiced.Length; i++)
            {
                if (voiced[i] && !double.IsNaN(rows[j][i]))
                {
                    found.Add(rows[j][i]);
                }
            }
            return found;
        }
        List<double>[] frequency = [.. Enumerable.Range(0, Formant).Select(j => Of(a.Formants.Frequency, j))];
        values.AddRange(frequency.Select(f => MeasureMath.Mean(f)));
        values.AddRange(frequency.Select(f => MeasureMath.Deviation(f)));
        values.AddRange(Enumerable.Range(0, Formant).Select(j => MeasureMath.Mean(Of(a.Formants.Bandwidth, j))));
    }

    private static void AddTiming(VoiceAnalysis a, List<double> values)
    {
        IReadOnlyList<SoundingInterval> all = a.Intervals;
        values.Add(a.Duration);
        if (all.Count == 0)
        {
            values.AddRange(Enumerable.Repeat(double.NaN, All.Count - values.Count));
            return;
        }
        List<double> pauses = [];
        double phonation = 0;
        int sounding = 0;
        for (int i = 0; i < all.Count; i++)
        {
            double length = all[i].End - all[i].Start;
            if (all[i].IsSounding)
            {
                phonation += length;
                sounding++;
            }
            else if (i > 0 && i < all.Count - 1)
            {
                pauses.Add(length);
            }
        }
        double syllables = a.Nuclei?.Count ?? double.NaN;
        values.AddRange([
            pauses.Count / a.Duration, pauses.Sum() / a.Duration, pauses.Count == 0 ? 0 : MeasureMath.Mean(pauses),
            pauses.Count == 0 ? 0 : pauses.Max(), phonation / a.Duration,
            sounding == 0 ? double.NaN : phonation / sounding, syllables / a.Duration,
            phonation > 0 ? syllables / phonation : double.NaN]);
    }
}
