// A recording and its transcript in one pipeline: our trainer on the sound, ML.NET's on the text, their probabilities
// fused, one zip (docs/guides/speech-and-text.md).
//   dotnet run -c Release --project samples/SpeechAndText [MODEL.zip [ENCODER-FOLDER]]
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.TorchSharp;
using SpeechML;
using static Microsoft.ML.Transforms.LpNormNormalizingEstimatorBase;

string samples = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", ".."));
string audio = Path.Combine(samples, "data", "prompts");
string zip = args.Length > 0 ? args[0] : "speech-and-text.zip";
var mlContext = new MLContext(seed: 1);

// The sample recordings have no transcripts: in place of a recogniser's, each gets a sentence of its language.
var sentences = new Dictionary<string, string[]>
{
    ["en"] = ["please hold the line", "the number you have dialled", "good morning to you"],
    ["es"] = ["por favor espere en la línea", "el número que ha marcado", "buenos días a usted"],
    ["fr"] = ["veuillez rester en ligne", "le numéro que vous avez composé", "bonjour à vous"],
    ["it"] = ["attenda in linea per favore", "il numero che ha composto", "buongiorno a lei"],
    ["ru"] = ["пожалуйста не кладите трубку", "номер который вы набрали", "доброе утро вам"],
};
string[][] rows = [.. File.ReadLines(Path.Combine(audio, "metadata.csv")).Skip(1).Select(line => line.Split(','))];
IDataView data = mlContext.Data.LoadFromEnumerable(
    rows.Select((r, i) => new Clip(r[0], r[1], sentences[r[4]][i % 3], r[4])));
var shares = new SubjectSplitOptions { Train = 0.7, Validation = 0, Test = 0.3, Seed = 1 };
SpeechDataSplit split = mlContext.Speech().SplitBySubject(data, "Subject", "Id", shares, "Label");

var speech = new SpeechClassificationOptions
{
    Encoder = args.Length > 1 ? args[1] : Path.Combine(samples, "models", "whisper-base-encoder"),
    WhisperContext = WhisperContext.Trimmed,
    Freezing = LayerFreezing.All,
    ScoreColumnName = "SpeechProbability",
};
var pipeline = mlContext.Transforms.Conversion.MapValueToKey("Label")
    .Append(mlContext.Transforms.LoadAudio("Audio", audio, "Id"))
    .Append(mlContext.Transforms.ResampleAudio("Audio", 16_000))
    .Append(mlContext.MulticlassClassification.Trainers.SpeechClassification("Label", "Audio", speech))
    .Append(mlContext.MulticlassClassification.Trainers.TextClassification(
        "Label", "TextScore", "TextLabel", "Transcript", batchSize: 8, maxEpochs: 2))
    // The text's scores are logits: their exponentials, divided by their sum, are the probabilities.
    .Append(mlContext.Transforms.Expression("TextOdds", "x => exp(x)", "TextScore"))
    .Append(mlContext.Transforms.NormalizeLpNorm("TextProbability", "TextOdds", NormFunction.L1))
    .Append(mlContext.Speech().Multiclass.Fuse("Probability", ["SpeechProbability", "TextProbability"]));
using (var model = pipeline.Fit(split.Train))
{
    mlContext.Model.Save(model, split.Train.Schema, zip);
}
ITransformer loaded = mlContext.Speech().WithAudioFolder(mlContext.Model.Load(zip, out _), audio);
using var owner = (IDisposable)loaded;
IDataView scored = loaded.Transform(split.Test);
foreach (string column in (string[])["SpeechProbability", "TextScore", "Probability"])
{
    MulticlassClassificationMetrics metrics = mlContext.MulticlassClassification.Evaluate(scored, "Label", column);
    Console.WriteLine($"{column,-18} language accuracy on unseen subjects {metrics.MicroAccuracy:F3}");
}

internal sealed record Clip(string Id, string Subject, string Transcript, string Label);
