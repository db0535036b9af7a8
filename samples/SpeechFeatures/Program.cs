// Speech features for any ML.NET trainer: a frozen Whisper encoder, two of its layers, and three of ML.NET's own
// trainers on top.
//   dotnet run -c Release --project samples/SpeechFeatures
using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML;

string samples = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", ".."));
string audio = Path.Combine(samples, "data", "prompts");
var mlContext = new MLContext(seed: 1);

var columns = new SpeechMetadataColumns { AudioKey = "original_audio_id", Subject = "subject" };
IDataView data = mlContext.Speech().LoadMetadata(Path.Combine(audio, "metadata.csv"), columns);
var shares = new SubjectSplitOptions { Train = 0.7, Validation = 0, Test = 0.3, Seed = 1 };
SpeechDataSplit split = mlContext.Speech().SplitBySubject(data, "subject", "original_audio_id", shares, "language");

var features = mlContext.Transforms.LoadAudio("Audio", audio, "original_audio_id")
    .Append(mlContext.Transforms.ResampleAudio("Audio", 16_000))
    .Append(mlContext.Transforms.EncodeSpeech("Features", new SpeechEncodingOptions
    {
        Encoder = Path.Combine(samples, "models", "whisper-base-encoder"),
        Layers = "2,3",
        LayerCombination = LayerCombination.Concatenate,
        Pooling = SpeechPooling.MeanStd,
        WhisperContext = WhisperContext.Trimmed,
    }))
    .Append(mlContext.Transforms.NormalizeMeanVariance("Features"))
    .Append(mlContext.Transforms.Conversion.MapValueToKey("Label", "language"));
using var encoder = features.Fit(split.Train);

// Trainers read their data many times: the encoder runs once per clip if the features are kept.
IDataView train = mlContext.Data.Cache(encoder.Transform(split.Train), "Features", "Label");
IDataView test = mlContext.Data.Cache(encoder.Transform(split.Test), "Features", "Label");
(string Name, IEstimator<ITransformer> Trainer)[] trainers =
[
    ("SDCA", mlContext.MulticlassClassification.Trainers.SdcaMaximumEntropy()),
    ("L-BFGS", mlContext.MulticlassClassification.Trainers.LbfgsMaximumEntropy()),
    ("LightGBM", mlContext.MulticlassClassification.Trainers.LightGbm(minimumExampleCountPerLeaf: 3)),
];
foreach ((string name, IEstimator<ITransformer> trainer) in trainers)
{
    MulticlassClassificationMetrics metrics =
        mlContext.MulticlassClassification.Evaluate(trainer.Fit(train).Transform(test));
    Console.WriteLine(
        $"{name,-9} language accuracy on unseen subjects {metrics.MicroAccuracy:F3} (macro " +
        $"{metrics.MacroAccuracy:F3})");
    if (metrics.MicroAccuracy < 0.3) // five languages: 0.2 by chance
    {
        return 1;
    }
}
return 0;
