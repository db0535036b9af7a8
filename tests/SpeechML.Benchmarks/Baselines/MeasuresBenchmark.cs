using System.Diagnostics;
using System.Globalization;
using SpeechML.Training.Losses;
using SpeechML.Training.Probing;
using static TorchSharp.torch;

namespace SpeechML.Benchmarks.Baselines;

/// <summary>
/// What the 54 acoustic measures reach with a linear classifier (missing values are the training mean, standardised,
/// logistic regression with C = 0.1) on folds by subject: <c>measures FOLDS.csv AUDIO</c>; and how long they take, as a
/// share of the recordings: <c>measures AUDIO [clips]</c>.
/// </summary>
internal static class MeasuresBenchmark
{
    public const string Name = "measures";

    private const double Strength = 0.1; // C of scikit-learn
    private const double Tolerance = 1e-9;

    public static int Run(string[] args)
    {
        if (args is [var folds, var audio, ..] && File.Exists(folds))
        {
            Judge(BaselineClip.Read(folds), audio);
            return 0;
        }
        if (args is [var folder, .. var rest] && Directory.Exists(folder))
        {
            Time(folder, rest is [var clips, ..] ? int.Parse(clips, CultureInfo.InvariantCulture) : 20);
            return 0;
        }
        Console.Error.WriteLine("measures: expected FOLDS.csv AUDIO-FOLDER, or AUDIO-FOLDER [clips]");
        return 2;
    }

    private static void Judge(BaselineClip[] clips, string audio)
    {
        double[][] measures = [.. clips.AsParallel().AsOrdered()
            .Select(c => VoiceMeasures.Measure(MLAudio.FromFile(Path.Combine(audio, $"{c.File}.wav"))))];
        var scores = new BaselineScores([], clips.Length);
        foreach (int fold in clips.Select(c => c.Fold).Distinct())
        {
            int[] train = [.. Enumerable.Range(0, clips.Length).Where(i => clips[i].Fold != fold)];
            int[] test = [.. Enumerable.Range(0, clips.Length).Where(i => clips[i].Fold == fold)];
            float[] means = Means([.. train.Select(i => measures[i])]);
            using Tensor known = Table(train, means), asked = Table(test, means);
            using LinearProbe model = LinearProbe.Fit(known, [.. train.Select(i => clips[i].Ratings)],
                BaselineClip.Labels, new LinearObjective(new BinaryCrossEntropyLoss(), true), Strength, Tolerance);
            using Tensor said = model.Run(asked);
            float[][] rows = [.. said.data<double>().Select(v => (float)v).Chunk(BaselineClip.Labels)];
            scores.AddRatings(test, rows);
        }
        Console.WriteLine(
            $"54 measures, linear, {clips.Length} clips: ratings' macro AUC {scores.Ratings(clips):F3}; " +
            $"by label {string.Join(", ", scores.EachRating(clips).Select(a => $"{a:F3}"))}");

        // What is missing stands at the mean.
        Tensor Table(int[] rows, float[] means) => tensor(
            rows.SelectMany(i => measures[i].Select((v, j) => double.IsNaN(v) ? means[j] : (float)v)).ToArray(),
            [rows.Length, means.Length]);
    }

    private static float[] Means(double[][] rows) => [.. rows[0].Select((_, j) =>
        (float)rows.Select(r => r[j]).Where(v => !double.IsNaN(v)).DefaultIfEmpty(0).Average())];

    private static void Time(string folder, int clips)
    {
        Console.WriteLine("| rate | " + string.Join(" | ", Parts().Select(p => p.Name)) + " |");
        foreach (int rate in (int[])[8000, 16000, 44100])
        {
            MLAudio[] audio = [.. Directory.EnumerateFiles(folder, "*.wav").Order(StringComparer.Ordinal).Take(clips)
                .Select(f => MLAudio.FromFile(f).Resample(rate))];
            double seconds = audio.Sum(a => a.Duration.TotalSeconds);
            Console.WriteLine($"| {rate} | " + string.Join(" | ",
                Parts().Select(part => $"{100 * Best(part.Work, audio) / seconds:F2} %")) + " |");
        }
    }

    /// <summary>The processor time of the best of three runs over all clips.</summary>
    private static double Best(Action<MLAudio> work, MLAudio[] audio)
    {
        double best = double.PositiveInfinity;
        for (int run = 0; run < 3; run++)
        {
            TimeSpan before = Process.GetCurrentProcess().TotalProcessorTime;
            Array.ForEach(audio, work);
            best = Math.Min(best, (Process.GetCurrentProcess().TotalProcessorTime - before).TotalSeconds);
        }
        return best;
    }

    private static (string Name, Action<MLAudio> Work)[] Parts() =>
    [
        ("all 54", a => VoiceMeasures.Measure(a)),
        ("pitch", a => VoiceMeasures.Pitch(a)),
        ("pitch and pulses", a => VoiceMeasures.Pulses(a, VoiceMeasures.Pitch(a))),
        ("harmonicity", a => VoiceMeasures.Harmonicity(a)),
        ("cepstral peak", a => VoiceMeasures.CepstralPeak(a)),
        ("formants", a => VoiceMeasures.Formants(a)),
        ("intensity", a => VoiceMeasures.Intensity(a)),
        ("pauses", a => VoiceMeasures.SoundingIntervals(a)),
        ("spectrum", a => VoiceMeasures.Spectrum(a)),
        ("MFCC (not among them)", a => VoiceMeasures.Mfcc(a)),
    ];
}
