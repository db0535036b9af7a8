using System.Globalization;
using System.Text;
using Microsoft.ML;

namespace SpeechML.Benchmarks.Deployment;

/// <summary>
/// What a console program that scores a folder takes on a disk and in memory, and how soon it says something:
/// <c>samples/ScoreFolder</c> on ONNX Runtime and on TorchSharp. The model is the repository's Whisper base encoder
/// with a head of five classes.
/// </summary>
internal static class DeploymentBenchmark
{
    public const string Name = "deployment";

    private const int Clips = 16;
    private const string Onnx = "ONNX Runtime", Torch = "TorchSharp";

    private static readonly BenchmarkPage<DeploymentResult> s_page = new("benchmarks-deployment.json", Name);

    private static readonly int s_runs =
        int.Parse(Environment.GetEnvironmentVariable("SPEECHML_BENCH_RUNS") ?? "7", CultureInfo.InvariantCulture);

    public static void Run()
    {
        string folder = Directory.CreateTempSubdirectory("speechml-deployment-").FullName;
        try
        {
            (string onnx, string zip) = Models(folder);
            string clips = Path.Combine(folder, "clips");
            Directory.CreateDirectory(clips);
            foreach (string wav in Directory.EnumerateFiles(Prompts, "*.wav").Order(StringComparer.Ordinal).Take(Clips))
            {
                File.Copy(wav, Path.Combine(clips, Path.GetFileName(wav)));
            }
            string sample = Path.Combine(Repository.Root, "samples", "ScoreFolder");
            string twin = Path.Combine(Repository.Root, "tests", "SpeechML.Benchmarks.TorchProgram");
            PublishedProgram[] programs =
            [
                .. new[] { false, true }.SelectMany(whole => new[]
                {
                    PublishedProgram.Of(Onnx, sample, onnx, whole, Path.Combine(folder, $"onnx-{whole}")),
                    PublishedProgram.Of(Torch, twin, zip, whole, Path.Combine(folder, $"torch-{whole}")),
                }),
            ];
            Measure(programs, clips);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Prompts => Path.Combine(Repository.Root, "samples", "data", "prompts");

    private static void Measure(PublishedProgram[] programs, string clips)
    {
        var runs = programs.ToDictionary(p => p, _ => new List<(double First, double All, double Peak)>());
        for (int run = -1; run < s_runs; run++)
        {
            foreach (PublishedProgram program in programs)
            {
                (double, double, double) one = program.Run(clips);
                if (run >= 0) // the first reads the files from the disk
                {
                    runs[program].Add(one);
                }
            }
        }
        DeploymentResult[] results = [.. programs.Select(p => new DeploymentResult(
            p.Runtime, p.IsSelfContained, p.Megabytes, Median(runs[p].Select(r => r.First)),
            runs[p].Min(r => r.First), runs[p].Max(r => r.First), Median(runs[p].Select(r => r.All)),
            Median(runs[p].Select(r => r.Peak)), s_runs, Clips))];
        s_page.Replace(results, _ => true, r => Array.IndexOf(results, r), Table);
        Console.WriteLine(Table(results));
    }

    private static double Median(IEnumerable<double> values) =>
        values.Order().ToArray() is var sorted ? sorted[sorted.Length / 2] : 0;

    private static (string Onnx, string Zip) Models(string folder)
    {
        var mlContext = new MLContext(seed: 1);
        var columns = new SpeechMetadataColumns { AudioKey = "original_audio_id", Subject = "subject" };
        IDataView data = mlContext.Speech().LoadMetadata(Path.Combine(Prompts, "metadata.csv"), columns);
        var before = mlContext.Transforms.LoadAudio("Audio", Prompts, "original_audio_id")
            .Append(mlContext.Transforms.ResampleAudio("Audio", 16_000))
            .Append(mlContext.Transforms.Conversion.MapValueToKey("Label", "language")).Fit(data);
        using SpeechClassificationTransformer model = mlContext.MulticlassClassification.Trainers.SpeechClassification(
            "Label", "Audio", new SpeechClassificationOptions
            {
                Encoder = Path.Combine(Repository.Root, "samples", "models", "whisper-base-encoder"),
                WhisperContext = WhisperContext.Trimmed,
                Freezing = LayerFreezing.All,
                Layers = EncoderLayers.Last,
                Epochs = 1,
                Seed = 1,
            }).Fit(before.Transform(data));
        string onnx = Path.Combine(folder, "model.onnx"), zip = Path.Combine(folder, "model.zip");
        mlContext.Speech().SaveOnnx(model, onnx);
        mlContext.Model.Save(model, null, zip);
        return (onnx, zip);
    }

    private static string Table(IReadOnlyList<DeploymentResult> all)
    {
        var table = new StringBuilder();
        table.Append(
            "| scores with | .NET | folder, MB | first prediction, s | spread | all clips, s | peak memory, MB |\n");
        table.Append("|---|---|---|---|---|---|---|\n");
        foreach (DeploymentResult r in all)
        {
            table.Append(CultureInfo.InvariantCulture,
                $"| {r.Runtime} | {(r.IsSelfContained ? "in the folder" : "of the machine")} | " +
                $"**{r.Megabytes:F0}** | **{r.First:F2}** | {r.FirstLowest:F2}-{r.FirstHighest:F2} | {r.All:F2} | " +
                $"**{r.PeakMegabytes:F0}** |\n");
        }
        table.Append(CultureInfo.InvariantCulture,
            $"\n{all[0].Clips} clips, {all[0].Runs} starts of each in turns, files in the system's cache.");
        return table.ToString();
    }
}
