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
        IDataView clips = context.Data.LoadFromEnumerable([new Clip { File = clip }]);
        string label = model.Transform(clips).GetColumn<string>("PredictedLabel").Single();
        Mark("predict");
        Console.WriteLine(label);
        Console.WriteLine(Worker.PeakMegabytes().ToString("R", CultureInfo.InvariantCulture));
        return 0;
    }

    private static void Mark(string what)
    {
        if (s_marks)
        {
            using var process = Process.GetCurrentProcess();
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{what} {(DateTime.UtcNow - process.StartTime.ToUniversalTime()).TotalMilliseconds:F0} ms, of these " +
                $"{JitInfo.GetCompilationTime().TotalMilliseconds:F0} ms compiling {JitInfo.GetCompiledMethodCount()} methods"));
        }
    }

    private sealed class Clip
    {
        public string File { get; set; } = "";

        public string Label { get; set; } = "";
    }
}
