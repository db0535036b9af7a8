// Learning rates, freezing and pooling over a grid, with poor trials stopped early: which options tell the languages apart on unseen subjects?
//   dotnet run -c Release --project samples/Sweep [study folder]      (started again, it goes on where it was)
using Microsoft.ML;
using SpeechML;

string samples = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", ".."));
string audio = Path.Combine(samples, "data", "prompts");
var mlContext = new MLContext(seed: 1);

var columns = new SpeechMetadataColumns { AudioKey = "original_audio_id", Subject = "subject" };
IDataView data = mlContext.Speech().LoadMetadata(Path.Combine(audio, "metadata.csv"), columns);
var shares = new SubjectSplitOptions { Train = 0.7, Validation = 0.3, Test = 0, Seed = 1 };
SpeechDataSplit split = mlContext.Speech().SplitBySubject(data, "subject", "original_audio_id", shares, "language");

var defaults = new SpeechClassificationOptions
{
    Encoder = Path.Combine(samples, "models", "whisper-base-encoder"),
    Layer = 3,
    WhisperContext = WhisperContext.Trimmed,
    Epochs = 9,
};
// Nothing of the encoder trains where all of it is frozen: its rate takes no part there.
var space = new SweepSpace<SpeechClassificationOptions>(
    defaults,
    SweepParameter.Choice("Freezing", LayerFreezing.All, LayerFreezing.ExcludeLast, LayerFreezing.Half),
    SweepParameter.Choice("EncoderLearningRate", 1e-6, 1e-5, 1e-4).OnlyWhen("Freezing", LayerFreezing.ExcludeLast, LayerFreezing.Half),
    SweepParameter.Choice("HeadLearningRate", 1e-2, 1e-3, 1e-4),
    SweepParameter.Choice("Pooling", SpeechPooling.Mean, SpeechPooling.Attention));

var preprocessing = mlContext.Transforms.LoadAudio("Audio", audio, "original_audio_id")
    .Append(mlContext.Transforms.ResampleAudio("Audio", 16_000))
    .Append(mlContext.Transforms.Conversion.MapValueToKey("Label", "language"));
SpeechSweep sweep = mlContext.Speech().CreateSweep()
    .SetPipeline(preprocessing, space, options => mlContext.MulticlassClassification.Trainers.SpeechClassification("Label", "Audio", options))
    .SetDataset(split.Train, split.Validation)
    .SetMetric(SweepMetric.Accuracy)
    .SetTuner(SweepTuner.Grid())
    .SetPruner(SweepPruner.Asha())
    .SetProgress(new SweepTable(Console.Out, live: !Console.IsOutputRedirected));
if (args is [var folder, ..])
{
    sweep.SetStudy(folder);
}

using SweepResult result = sweep.Run();
result.SaveCsv("trials.csv");
Console.WriteLine(FormattableString.Invariant($"best: trial {result.BestTrial.Number}, accuracy {result.BestTrial.Value:F3}, {string.Join(", ", result.BestTrial.Parameters)}; {result.Trials.Sum(t => t.Epochs)} of {result.Trials.Count * defaults.Epochs} epochs; all trials in trials.csv"));
return result.BestTrial.Value > 0.4 ? 0 : 1;
