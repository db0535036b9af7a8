// Learning rates, freezing and pooling over a grid, with poor trials stopped early: which options tell the languages
// apart on unseen subjects? Ends with a report of the study; started again, it goes on where it was.
//   dotnet run -c Release --project samples/Sweep [study folder] [--full]
// --full: a grid of 42 combinations instead of 8, the same grid without stopping any trial as well, and a comparison.
using Microsoft.ML;
using SpeechML;

string samples = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", ".."));
string audio = Path.Combine(samples, "data", "prompts");
bool full = args.Contains("--full");
string study = args.FirstOrDefault(a => a != "--full") ?? Path.Combine("runs", "sweep");
var mlContext = new MLContext(seed: 1);

var columns = new SpeechMetadataColumns { AudioKey = "original_audio_id", Subject = "subject" };
IDataView data = mlContext.Speech().LoadMetadata(Path.Combine(audio, "metadata.csv"), columns);
var shares = new SubjectSplitOptions { Train = 0.7, Validation = 0.3, Test = 0, Seed = 1 };
SpeechDataSplit split = mlContext.Speech().SplitBySubject(data, "subject", "original_audio_id", shares, "language");
var preprocessing = mlContext.Transforms.LoadAudio("Audio", audio, "original_audio_id")
    .Append(mlContext.Transforms.ResampleAudio("Audio", 16_000))
    .Append(mlContext.Transforms.Conversion.MapValueToKey("Label", "language"));

string encoder = Path.Combine(samples, "models", "whisper-base-encoder");
var defaults = new SpeechClassificationOptions { Encoder = encoder, Layers = "3", Epochs = 9 };
defaults.WhisperContext = WhisperContext.Trimmed;
string[] trained = full ? [LayerFreezing.ExcludeLast, LayerFreezing.Half] : [LayerFreezing.ExcludeLast];
// Nothing of the encoder trains where all of it is frozen: its rate takes no part there.
var space = new SweepSpace<SpeechClassificationOptions>(
    defaults,
    SweepParameter.Choice("Freezing", [LayerFreezing.All, .. trained]),
    SweepParameter.Choice("EncoderLearningRate", full ? [1e-6, 1e-5, 1e-4] : [1e-4]).OnlyWhen("Freezing", trained),
    SweepParameter.Choice("HeadLearningRate", full ? [1e-2, 1e-3, 1e-4] : [1e-2, 1e-3]),
    SweepParameter.Choice("Pooling", SpeechPooling.Mean, SpeechPooling.Attention));

using SweepResult result = Run(SweepPruner.Asha(), study);
if (!full)
{
    return result.BestTrial.Value > 0.6 ? 0 : 1;
}
using SweepResult whole = Run(SweepPruner.None, study + "-full");
// What the grid says of the trial that ASHA found is the same as ASHA says: both fit it in the same way.
double quality = result.BestTrial.Value!.Value / whole.BestTrial.Value!.Value;
double epochs = (double)result.Trials.Sum(t => t.Epochs) / whole.Trials.Sum(t => t.Epochs);
Console.WriteLine($"ASHA reached {quality:P1} of the full grid's best in {epochs:P0} of its epochs");
return quality >= 0.99 && epochs <= 0.4 ? 0 : 1;

SweepResult Run(SweepPruner pruner, string folder)
{
    SweepResult found = mlContext.Speech().CreateSweep()
        .SetPipeline(preprocessing, space,
            options => mlContext.MulticlassClassification.Trainers.SpeechClassification("Label", "Audio", options))
        .SetDataset(split.Train, split.Validation).SetMetric(SpeechMetrics.RocAuc)
        .SetTuner(SweepTuner.Grid()).SetPruner(pruner).SetStudy(folder)
        .SetProgress(new SweepTable(Console.Out, live: !Console.IsOutputRedirected)).Run();
    Console.WriteLine($"best: trial {found.BestTrial.Number} of {found.Trials.Count}, macro AUC " +
        $"{found.BestTrial.Value:F3}, {found.BestTrial.ParameterText}\nreport: {SpeechReport.WriteStudy(folder)}");
    return found;
}
