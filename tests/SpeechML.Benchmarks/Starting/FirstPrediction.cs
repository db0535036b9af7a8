using System.Diagnostics;
using System.Globalization;
using System.Runtime;
using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Benchmarks.Workers;

namespace SpeechML.Benchmarks.Starting;

/// <summary>The process that is started: loads a zip, scores one clip, prints the label.</summary>
internal static class FirstPrediction
{
    public const string Flag = "--first";

    /// <summary>The program then writes the zip.</summary>
    public const string ZipFlag = "--first-zip";

    /// <summary>Environment variable: says on standard error when each step was done.</summary>
    private const string Marks = "SPEECHML_START_MARKS";

    private static readonly bool s_marks = Environment.GetEnvironmentVariable(Marks) is not null;

    /// <param name="zip">The model.</param>
    /// <param name="clip">A WAV file.</param>
    public static int Run(string zip, string clip)
    {
        Mark("main");
        var context = new MLContext();
        Mark("context");
        ITransformer model = context.Model.Load(zip, out _);
        Mark("load");
        IDataView clips = context.Data.LoadFromEnumerable([new Row { File = clip }]);
        string label = model.Transform(clips).GetColumn<string>("PredictedLabel").Single();
        Mark("predict");
        Console.WriteLine(label);
        Console.WriteLine(Worker.PeakMegabytes().ToString("R", CultureInfo.InvariantCulture));
        return 0;
    }

    /// <summary>A classifier over the sample encoder; its head learned a little.</summary>
    public static int Write(string zip)
    {
        string folder = Path.Combine(Repository.Root, "samples", "data", "prompts");
        var context = new MLContext(seed: 1);
        IDataView rows = context.Data.LoadFromEnumerable(
            Directory.GetFiles(folder, "*.wav").Order(StringComparer.Ordinal).Take(8)
            .Select((file, i) => new Row { File = file, Label = i % 2 == 0 ? "even" : "odd" }));
        var options = new SpeechClassificationOptions
        {
            Encoder = Path.Combine(Repository.Root, "samples", "models", "whisper-base-encoder"),
            Layers = "last",
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
        return 0;
    }

    private static void Mark(string what)
    {
        if (s_marks)
        {
            using var process = Process.GetCurrentProcess();
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{what} {(DateTime.UtcNow - process.StartTime.ToUniversalTime()).TotalMilliseconds:F0} ms, of " +
                $"these {JitInfo.GetCompilationTime().TotalMilliseconds:F0} compiling " +
                $"{JitInfo.GetCompiledMethodCount()} methods"));
        }
    }

    private sealed class Row
    {
        public string File { get; set; } = "";

        public string Label { get; set; } = "";
    }
}
