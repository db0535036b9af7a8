// Learning rates, freezing and pooling over a grid, with poor trials stopped early: which options tell the languages
// apart on unseen subjects? Ends with a report of the study.
//   dotnet run -c Release --project samples/Sweep [study folder] [--full]      (started again, it goes on where it was)
// --full runs the whole grid as well, without stopping any trial, and compares.
using System.Globalization;
using Microsoft.ML;
using SpeechML;

string samples = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", ".."));
string audio = Path.Combine(samples, "data", "prompts");
string study = args.FirstOrDefault(a => a != "--full") ?? Path.Combine("runs", "sweep");
var mlContext = new MLContext(seed: 1);

var columns = new SpeechMetadataColumns { AudioKey = "original_audio_id", Subject = "subject" };
IDataView data = mlContext.Speech().LoadMetadata(Path.Combine(audio, "metadata.csv"), columns);
var shares = new SubjectSplitOptions { Train = 0.7, Validation = 0.3, Test = 0, Seed = 1 };
SpeechDataSplit split = mlContext.Speech().SplitBySubject(data, "subject", "original_audio_id", shares, "language");

var defaults = new SpeechClassificationOptions
{
    Encoder = Path.Combine(samples, "models", "whisper-base-encoder"),
    Layers = "3",
    WhisperContext = WhisperContext.Trimmed,
    Epochs = 9,
};
// Nothing of the encoder trains where all of it is frozen: its rate takes no part there.
var space = new SweepSpace<SpeechClassificationOptions>(
    defaults,
    SweepParameter.Choice("Freezing", LayerFreezing.All, LayerFreezing.ExcludeLast, LayerFreezing.Half),
    SweepParameter.Choice("EncoderLearningRate", 1e-6, 1e-5, 1e-4)
    .OnlyWhen("Freezing", LayerFreezing.ExcludeLast, LayerFreezing.Half),
    SweepParameter.Choice("HeadLearningRate", 1e-2, 1e-3, 1e-4),
    SweepParameter.Choice("Pooling", SpeechPooling.Mean, SpeechPooling.Attention));

var preprocessing = mlContext.Transforms.LoadAudio("Audio", audio, "original_audio_id")
    .Append(mlContext.Transforms.ResampleAudio("Audio", 16_000))
    .Append(mlContext.Transforms.Conversion.MapValueToKey("Label", "language"));

using SweepResult result = Run(SweepPruner.Asha(), study);
Console.WriteLine($"report: {SpeechReport.WriteStudy(study)}");
if (!args.Contains("--full"))
{
    return result.BestTrial.Value > 0.6 ? 0 : 1;
}
using SweepResult full = Run(SweepPruner.None, study + "-full");
Console.WriteLine($"report: {SpeechReport.WriteStudy(study + "-full")}");
// What the grid says of the trial that ASHA found is the same as ASHA says: both fit it in the same way.
double quality = result.BestTrial.Value!.Value / full.BestTrial.Value!.Value,
    epochs = (double)Epochs(result) / Epochs(full);
Console.WriteLine(FormattableString.Invariant(
    $"ASHA reached {quality:P1} of the full grid's best in {epochs:P0} of its epochs"));
return quality >= 0.99 && epochs <= 0.4 ? 0 : 1;

SweepResult Run(SweepPruner pruner, string folder)
{
    var clock = System.Diagnostics.Stopwatch.StartNew();
    SweepResult found = mlContext.Speech().CreateSweep()
        .SetPipeline(preprocessing, space,
            options => mlContext.MulticlassClassification.Trainers.SpeechClassification("Label", "Audio", options))
        .SetDataset(split.Train, split.Validation)
        .SetMetric(SpeechMetrics.RocAuc)
        .SetTuner(SweepTuner.Grid())
        .SetPruner(pruner)
        .SetStudy(folder)
        .SetProgress(new SweepTable(Console.Out, live: !Console.IsOutputRedirected))
        .Run();
    SweepTrial best = found.BestTrial;
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"best: trial {best.Number} of {found.Trials.Count}, macro AUC {best.Value:F3}, {best.ParameterText}; " +
        $"{Epochs(found)} of {found.Trials.Count * defaults.Epochs} epochs in {clock.Elapsed.TotalSeconds:F0} s"));
    return found;
}

static int Epochs(SweepResult result) => result.Trials.Sum(t => t.Epochs);
