using System.Diagnostics;
using System.Globalization;
using SpeechML.Benchmarks.Peers;

namespace SpeechML.Benchmarks.Starting;

/// <summary>From the start of a process to its first prediction, against the same program of another build.</summary>
internal static class StartBenchmark
{
    public const string Name = "start";

    /// <summary>Environment variable: the other build's program, with what it is called in the table.</summary>
    private const string Other = "SPEECHML_BENCH_OTHER";

    /// <summary>
    /// Environment variable: a published program of this build, which is started in place of this one.
    /// </summary>
    private const string Own = "SPEECHML_BENCH_OWN";

    private static readonly int s_runs =
        int.Parse(Environment.GetEnvironmentVariable("SPEECHML_BENCH_RUNS") ?? "7", CultureInfo.InvariantCulture);

    public static void Run()
    {
        string clip = Directory.GetFiles(Path.Combine(Repository.Root, "samples", "data", "prompts"), "*.wav")
            .Order(StringComparer.Ordinal).First();
        string ours = Environment.GetEnvironmentVariable(Own) ?? typeof(StartBenchmark).Assembly.Location;
        string? other = Environment.GetEnvironmentVariable(Other);
        string zip = Zip(ours, "ours"), othersZip = other is null ? "" : Zip(other, "other");
        var seconds = new List<double>();
        var others = new List<double>();
        _ = Start(ours, zip, clip);
        _ = other is null ? default : Start(other, othersZip, clip);
        for (int run = 0; run < s_runs; run++)
        {
            seconds.Add(Start(ours, zip, clip).Seconds);
            if (other is not null)
            {
                others.Add(Start(other, othersZip, clip).Seconds);
            }
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Name,-28} {Median(seconds):F3} s ({seconds.Min():F3} to {seconds.Max():F3}) from process start to the " +
            $"first prediction{(other is null ? "" : $"; the other build {Median(others):F3} s")}"));
        if (other is not null)
        {
            double[] ratios = [.. seconds.Zip(others, (a, b) => a / b).Order()];
            bool published = Environment.GetEnvironmentVariable(Own) is not null;
            PeerReport.Add([new PeerResult(
                published ? Name + "-published" : Name,
                "process start to the first prediction, zip with Whisper base" +
                (published ? ", published with PublishReadyToRun" : ""), "the build at 55bc08b", 0.46,
                s_runs, Median(ratios), ratios[0], ratios[^1], Median(seconds), Median(others),
                Start(ours, zip, clip).Peak, Start(other, othersZip, clip).Peak, 0, "", PeerRace.Load())]);
        }
    }

    /// <summary>A model as the program itself writes it: an earlier build does not read today's.</summary>
    private static string Zip(string program, string name)
    {
        string zip = Path.Combine(Path.GetTempPath(), $"speechml-start-{name}.zip");
        using Process process = Process.Start(Begin(program, FirstPrediction.ZipFlag, zip))!;
        process.WaitForExit();
        return process.ExitCode == 0 ? zip
            : throw new InvalidOperationException($"{Name}: '{program}' wrote no model.");
    }

    private static ProcessStartInfo Begin(string program, params string[] arguments)
    {
        bool isAssembly = program.EndsWith(".dll", StringComparison.OrdinalIgnoreCase);
        return new ProcessStartInfo(
            isAssembly ? Environment.ProcessPath! : program, isAssembly ? [program, .. arguments] : arguments);
    }

    private static (double Seconds, double Peak) Start(string program, string zip, string clip)
    {
        ProcessStartInfo start = Begin(program, FirstPrediction.Flag, zip, clip);
        start.RedirectStandardOutput = true;
        start.RedirectStandardInput = true;
        long begin = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start)!;
        _ = process.StandardOutput.ReadLine()
            ?? throw new InvalidOperationException($"{Name}: '{program}' ended without a prediction.");
        double seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        double peak = double.Parse(process.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture);
        process.WaitForExit();
        return (seconds, peak);
    }

    private static double Median(IReadOnlyCollection<double> values) => values.Order().ElementAt(values.Count / 2);
}
