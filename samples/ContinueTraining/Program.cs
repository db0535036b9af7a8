// Going on from a fine-tuned model: evaluate it, train it on, put its encoder under another task, hand it to Python.
//   dotnet run -c Release --project samples/ContinueTraining
using Microsoft.ML;
using SpeechML;

string samples = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", ".."));
string audio = Path.Combine(samples, "data", "prompts");
string output = Directory.CreateTempSubdirectory("speechml-continue-").FullName;
var mlContext = new MLContext(seed: 1);
string[] ratings = ["slow_rate", "sound_distortions"];
var columns = new SpeechMetadataColumns { AudioKey = "original_audio_id", Subject = "subject", Features = ratings };
IDataView rows = mlContext.Speech().LoadMetadata(Path.Combine(audio, "metadata.csv"), columns);
var audioAndKey = mlContext.Transforms.LoadAudio("Audio", audio, "original_audio_id")
    .Append(mlContext.Transforms.ResampleAudio("Audio", 16_000))
    .Append(mlContext.Transforms.Conversion.MapValueToKey("Label", "language"))
    .Fit(rows);
IDataView data = audioAndKey.Transform(rows);
var shares = new SubjectSplitOptions { Train = 0.7, Validation = 0, Test = 0.3, Seed = 1 };
SpeechDataSplit split = mlContext.Speech().SplitBySubject(data, "subject", "original_audio_id", shares, "language");

// A first training of two layers' adapters, saved.
SpeechClassificationOptions options = new()
{
    Encoder = Path.Combine(samples, "models", "whisper-base-encoder"),
    Layers = "2",
    WhisperContext = WhisperContext.Trimmed,
    Lora = new LoraOptions { Rank = 4 },
    EncoderLearningRate = 1e-3,
    HeadLearningRate = 3e-3,
    Epochs = 3,
};
var trainers = mlContext.MulticlassClassification.Trainers;
var first = trainers.SpeechClassification("Label", "Audio", options).Fit(split.Train);
mlContext.Model.Save(first, data.Schema, Path.Combine(output, "first.zip"));

// To evaluate a model, load its zip and transform; nothing of the training is needed.
ITransformer loaded = mlContext.Model.Load(Path.Combine(output, "first.zip"), out _);
double before = mlContext.MulticlassClassification.Evaluate(loaded.Transform(split.Train)).LogLoss;
Console.WriteLine($"after 3 epochs  log loss {before:F3} on the training data");

// Train on: encoder, adapter and head begin where the zip ended. The pretrained encoder's folder is no longer needed.
(options.Encoder, options.InitialModel.Path) = ("", Path.Combine(output, "first.zip"));
var second = trainers.SpeechClassification("Label", "Audio", options).Fit(split.Train);
double after = mlContext.MulticlassClassification.Evaluate(second.Transform(split.Train)).LogLoss;
Console.WriteLine($"after 6 epochs  log loss {after:F3}");

// A folder for Python (transformers, PEFT), and its encoder with a new head for another task.
mlContext.Speech().SaveHuggingFace(second, Path.Combine(output, "for-python"));
var features = new SpeechMultiLabelOptions
{
    InitialModel = { Path = Path.Combine(output, "for-python"), Parts = InitialParts.Encoder },
    Layers = "2",
    WhisperContext = WhisperContext.Trimmed,
    Freezing = LayerFreezing.All,
    Epochs = 10,
};
var rated = mlContext.Speech().Trainers.MultiLabelClassification("Labels", "Audio", features).Fit(split.Train);
Console.WriteLine(mlContext.Speech().MultiLabel.Evaluate(rated.Transform(split.Test), "Labels"));
Console.WriteLine($"written to {output}: first.zip, for-python");
return after < before ? 0 : 1;
