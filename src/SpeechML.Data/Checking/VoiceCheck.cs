using System.Globalization;
using SpeechML.Audio.Measures;
using SpeechML.Audio.Measures.Signals;

namespace SpeechML.Data.Checking;

/// <summary>What would make acoustic measures of a recording lie.</summary>
internal static class VoiceCheck
{
    /// <summary>So much of a recording is looked at.</summary>
    public const int Seconds = 60;

    /// <summary>Jitter and pitch of less are of few periods (s).</summary>
    private const double LeastVoice = 1;

    /// <summary>How near to the floor or ceiling pitch is at the edge, and how many of the frames may be.</summary>
    private const double Edge = 0.05, MaxAtEdge = 0.05;

    /// <summary>A band limit is an edge so steep within 1 kHz (dB; speech falls by 5), above so many Hz.</summary>
    private const double Edges = 20, LeastTop = 2000;

    /// <summary>A band limit below this part of half the rate is not that of a filter before the converter.</summary>
    private const double UsualBand = 0.8;

    private const double TelephoneRate = 8000;

    /// <summary>A codec of 8 bits gives no more values; a recording of fewer samples has few anyway.</summary>
    private const int CompandedValues = 256, EnoughSamples = 20_000;

    /// <summary>Speech of a usual room falls faster than it would in one of so long a reverberation (s).</summary>
    private const double MaxReverberation = 0.6;

    /// <summary>Between the 5th and the 95th percentile of levels (dB).</summary>
    private const double MaxLevels = 20;

    private const int EnoughClips = 10, EnoughFrames = 10;

    public static IEnumerable<(SpeechDataProblem Problem, string Message)> Of(string key, MLAudio audio) =>
        Of(key, audio, VoiceAnalyzer.Analyze(new SampleSignal(audio), new VoiceMeasureOptions(), vectorOnly: true));

    /// <param name="key">The clip.</param>
    /// <param name="audio">Its audio.</param>
    /// <param name="voice">What was measured of it, as the options have it by default.</param>
    public static IEnumerable<(SpeechDataProblem Problem, string Message)> Of(
        string key, MLAudio audio, VoiceAnalysis voice) =>
        double.IsNaN(voice.Spectrum.Centre) ? [] // found as silent
            : [.. OfBand(key, audio, voice.Spectrum), .. OfVoice(key, voice)];

    private static IEnumerable<(SpeechDataProblem Problem, string Message)> OfBand(
        string key, MLAudio audio, VoiceSpectrum spectrum)
    {
        double half = audio.SampleRate / 2.0, top = TopOf(spectrum), formants = new FormantOptions().Ceiling;
        if (top < UsualBand * half && top < formants)
        {
            yield return (SpeechDataProblem.BandLimited, string.Create(CultureInfo.InvariantCulture,
                $"'{key}': expected sound up to {half:F0} Hz, got none above {top:F0} Hz (speech of a lower rate, or " +
                $"a codec): formants and spectral measures are wrong. Bring it to {2 * top:F0} Hz (ResampleAudio), " +
                $"or leave those out."));
        }
        int values = audio.Length < EnoughSamples ? int.MaxValue : Distinct(audio.Samples.Span);
        if (values <= CompandedValues)
        {
            yield return (SpeechDataProblem.Telephone, string.Create(CultureInfo.InvariantCulture,
                $"'{key}': expected samples of 16 bits, got {values} values (8 bits, as a telephone's codec gives): " +
                $"its noise counts as the voice's in jitter, shimmer and the harmonics-to-noise ratio."));
        }
        else if (audio.SampleRate <= TelephoneRate)
        {
            yield return (SpeechDataProblem.Telephone, string.Create(CultureInfo.InvariantCulture,
                $"'{key}': expected sound up to {formants:F0} Hz, got a telephone's {half:F0} Hz: formants and " +
                $"spectral measures compare with those of telephone recordings only."));
        }
    }

    private static IEnumerable<(SpeechDataProblem Problem, string Message)> OfVoice(string key, VoiceAnalysis voice)
    {
        PitchContour pitch = voice.Pitch;
        double[] voiced = [.. pitch.Frequency.Where(f => !double.IsNaN(f))];
        double time = voiced.Length * pitch.Step;
        if (time < LeastVoice)
        {
            yield return (SpeechDataProblem.LittleVoice, string.Create(CultureInfo.InvariantCulture,
                $"'{key}': expected at least {LeastVoice} s of voice, got {time:F2} s: pitch, jitter and shimmer are " +
                $"of few periods, or of none."));
        }
        var range = new PitchOptions();
        int low = voiced.Count(f => f < range.Floor * (1 + Edge));
        int high = voiced.Count(f => f > range.Ceiling * (1 - Edge));
        if (Math.Max(low, high) > Math.Max(EnoughFrames, MaxAtEdge * voiced.Length))
        {
            (double edge, string remedy) = low > high ? (range.Floor, "PitchOptions.Floor lower")
                : (range.Ceiling, "PitchOptions.Ceiling higher");
            yield return (SpeechDataProblem.PitchAtEdge, string.Create(CultureInfo.InvariantCulture,
                $"'{key}': expected a pitch within {range.Floor} to {range.Ceiling} Hz, got " +
                $"{100.0 * Math.Max(low, high) / voiced.Length:F0} % of the voiced frames at {edge} Hz: part of the " +
                $"voice is not found. Set {remedy}."));
        }
        if (Reverberation(voice.Intensity) is { } seconds)
        {
            yield return (SpeechDataProblem.Reverberant, string.Create(CultureInfo.InvariantCulture,
                $"'{key}': expected a reverberation of at most {MaxReverberation} s, got {seconds:F1} s (by the " +
                $"level's steepest falls): it counts as noise, and fills pauses."));
        }
    }

    /// <summary>What is seen in all recordings together.</summary>
    public static IEnumerable<SpeechDataFinding> OfAll(IReadOnlyList<ClipMetadata> clips)
    {
        (string Key, double Level)[] levels = [.. clips.Where(c => c.Problem is null && c.Level.Deviation > 0)
            .Select(c => (c.Key, Level: 20 * Math.Log10(c.Level.Deviation))).OrderBy(c => c.Level)];
        if (levels.Length < EnoughClips)
        {
            yield break;
        }
        double[] sorted = [.. levels.Select(l => l.Level)];
        double low = MeasureMath.Percentile(sorted, 5), high = MeasureMath.Percentile(sorted, 95);
        if (high - low > MaxLevels)
        {
            yield return new SpeechDataFinding(SpeechDataProblem.UnlikeLevels, levels[0].Key,
                string.Create(CultureInfo.InvariantCulture,
                $"Levels: expected recordings of like gain, got {low:F0} to {high:F0} dB of full scale (5 to 95 %): " +
                $"intensity says more of gain than of voices. Leave intensity_mean out, or compare within subjects."),
                [levels[0].Key, levels[^1].Key]);
        }
    }

    /// <summary>
    /// Where sound ends (Hz): the levels of the bands above all lie far below those that lead there, as no voice's
    /// spectrum falls; infinity where it goes on.
    /// </summary>
    private static double TopOf(VoiceSpectrum spectrum)
    {
        const int Lead = 8, Gap = 10;
        IReadOnlyList<double> levels = spectrum.BandLevels;
        double steepest = Edges, top = double.PositiveInfinity, above = double.NegativeInfinity;
        for (int i = levels.Count - 1 - Gap; i >= Lead && spectrum.BandCentres[i] > LeastTop; i--)
        {
            above = Math.Max(above, levels[i + Gap]);
            double below = 0;
            for (int k = i - Lead; k < i; k++)
            {
                below += levels[k] / Lead;
            }
            if (below - above > steepest)
            {
                (steepest, top) = (below - above, spectrum.BandCentres[i] + spectrum.BandCentres[0]);
            }
        }
        return top;
    }

    private static int Distinct(ReadOnlySpan<float> samples)
    {
        var values = new HashSet<float>();
        foreach (float sample in samples)
        {
            if (values.Add(sample) && values.Count > CompandedValues)
            {
                break;
            }
        }
        return values.Count;
    }

    /// <summary>
    /// The time for 60 dB at the steepest falls of the level; null where that is short, or there are few falls.
    /// </summary>
    private static double? Reverberation(IntensityContour contour)
    {
        const double Length = 0.12, Least = 3, Loud = 25;
        const int EnoughFalls = 10;
        int frames = (int)Math.Round(Length / contour.Step);
        var times = new List<double>();
        double loudest = contour.Level.Count == 0 ? 0 : contour.Level.Max();
        int falling = 0;
        for (int i = 1; i < contour.Level.Count; i++)
        {
            falling = contour.Level[i] < contour.Level[i - 1] ? falling + 1 : 0;
            double from = falling < frames ? 0 : contour.Level[i - frames], drop = from - contour.Level[i];
            if (falling >= frames && from > loudest - Loud && drop >= Least)
            {
                times.Add(60 * frames * contour.Step / drop);
            }
        }
        double shortest = MeasureMath.Percentile([.. times.Order()], 10);
        return times.Count >= EnoughFalls && shortest > MaxReverberation ? shortest : null;
    }
}
