using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using SpeechML.Benchmarks.Peers;

namespace SpeechML.Benchmarks.Starting;

/// <summary>From the start of a process to its first prediction, against the same program of another build.</summary>
internal static class StartBenchmark
{
    public const string Name = "start";

    /// <summary>Environment variable: the other build's program, with what it is called in the table.</summary>
    private const string Other = "SPEECHML_BENCH_OTHER";

    /// <summary>Environment variable: a published program of this build, which is started in place of this one.</summary>
    private const string Own = "SPEECHML_BENCH_OWN";

    private static readonly int s_runs =
        int.Parse(Environment.GetEnvironmentVariable("SPEECHML_BENCH_RUNS") ?? "7", CultureInfo.InvariantCulture);

    public static void Run()
    {
        string clip = Directory.GetFiles(Path.Combine(Repository.Root, "samples", "data", "prompts"), "*.wav")
            .Order(StringComparer.Ordinal).First();
        string zip = Zip(Path.GetDirectoryName(clip)!);
        string ours = Environment.GetEnvironmentVariable(Own) ?? typeof(StartBenchmark).Assembly.Location;
        string? other = Environment.GetEnvironmentVariable(Other);
        var seconds = new List<double>();
        var others = new List<double>();
        string label = Start(ours, zip, clip).Label;
        if (other is not null && Start(other, zip, clip).Label is var theirs && theirs != label)
        {
            throw new InvalidOperationException($"{Name}: expected both builds to say '{label}', got '{theirs}'.");
        }
        for (int run = 0; run < s_runs; run++)
        {
            seconds.Add(Start(ours, zip, clip).Seconds);
            if (other is not null)
            {
                others.Add(Start(other, zip, clip).Seconds);
            }
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Name,-28} {Median(seconds):F3} s ({seconds.Min():F3} to {seconds.Max():F3}) from process start to the " +
            $"first prediction{(other is null ? "" : $"; the other build {Median(others):F3} s")}"));
        if (other is not null)
        {
            double[] ratios = [.. seconds.Zip(others, (a, b) => a / b).Order()];
            PeerReport.Add([new PeerResult(
                Name, "process start to the first prediction, zip with Whisper base", "the build at 55bc08b", 0.46,
                s_runs, Median(ratios), ratios[0], ratios[^1], Median(seconds), Median(others),
                Start(ours, zip, clip).Peak, Start(other, zip, clip).Peak, 0, "", PeerRace.Load())]);
        }
    }

    /// <summary>A classifier over the sample encoder; its head learned a little.</summary>
    private static string Zip(string folder)
    {
        string zip = Path.Combine(Path.GetTempPath(), "speechml-start.zip");
        var context = new MLContext(seed: 1);
        IDataView rows = context.Data.LoadFromEnumerable(
            Directory.GetFiles(folder, "*.wav").Order(StringComparer.Ordinal).Take(8)
            .Select((file, i) => new Row { File = file, Label = i % 2 == 0 ? "even" : "odd" }));
        var options = new SpeechClassificationOptions
        {
            Encoder = Path.Combine(Repository.Root, "samples", "models", "whisper-base-encoder"),
            WhisperContext = WhisperContext.Trimmed,
            Freezing = LayerFreezing.All,
            Epochs = 1,
        };
        var pipeline = context.Transforms.LoadAudio("Audio", null, "File")
            .Append(context.Transforms.ResampleAudio("Audio", 16_000))
            .Append(context.Transforms.Conversion.MapValueToKey("Label"))
            .Append(context.MulticlassClassification.Trainers.SpeechClassification("Label", "Audio", options))
            .Append(context.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
        using var model = pipeline.Fit(rows);
        context.Model.Save(model, rows.Schema, zip);
        return zip;
    }

    private static (string Label, double Seconds, double Peak) Start(string program, string zip, string clip)
    {
        bool isAssembly = program.EndsWith(".dll", StringComparison.OrdinalIgnoreCase);
        string[] arguments = [FirstPrediction.Flag, zip, clip];
        var start = new ProcessStartInfo(
            isAssembly ? Environment.ProcessPath! : program, isAssembly ? [program, .. arguments] : arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        };
        long begin = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start)!;
        string label = process.StandardOutput.ReadLine()
            ?? throw new InvalidOperationException($"{Name}: '{program}' ended without a prediction.");
        double seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        double peak = double.Parse(process.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture);
        process.WaitForExit();
        return (label, seconds, peak);
    }

    private static double Median(IReadOnlyCollection<double> values) => values.Order().ElementAt(values.Count / 2);

    private sealed class Row
    {
        public string File { get; set; } = "";

        public string Label { get; set; } = "";
    }
}
