// A recording and its transcript in one pipeline: our trainer on the sound, one of ML.NET's on the words, their
// probabilities fused, one zip (docs/guides/speech-and-text.md).
//   dotnet run -c Release --project samples/SpeechAndText [MODEL.zip [ENCODER-FOLDER]] [--pretrained]
// --pretrained takes ML.NET's TextClassification, whose weights (18 MB) come from the network, instead of n-grams.
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.TorchSharp;
using SpeechML;
using static Microsoft.ML.Transforms.LpNormNormalizingEstimatorBase;

string samples = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", ".."));
string audio = Path.Combine(samples, "data", "prompts");
string[] paths = [.. args.Where(a => a != "--pretrained")];
string zip = paths.Length > 0 ? paths[0] : "speech-and-text.zip";
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
string encoder = paths.Length > 1 ? paths[1] : Path.Combine(samples, "models", "whisper-base-encoder");
var speech = new SpeechClassificationOptions { Encoder = encoder, ScoreColumnName = "SpeechProbability" };
(speech.WhisperContext, speech.SubjectColumnName) = (WhisperContext.Trimmed, "Subject");
MulticlassClassificationCatalog.MulticlassClassificationTrainers trainers = mlContext.MulticlassClassification.Trainers;
IEstimator<ITransformer> text = args.Contains("--pretrained")
    ? trainers.TextClassification("Label", "TextScore", "TextLabel", "Transcript", batchSize: 8, maxEpochs: 2)
        // Its scores are logits: their exponentials, divided by their sum, are the probabilities.
        .Append(mlContext.Transforms.Expression("TextOdds", "x => exp(x)", "TextScore"))
        .Append(mlContext.Transforms.NormalizeLpNorm("TextProbability", "TextOdds", NormFunction.L1))
    : mlContext.Transforms.Text.FeaturizeText("Words", "Transcript")
        .Append(trainers.LbfgsMaximumEntropy("Label", "Words"))
        .Append(mlContext.Transforms.CopyColumns("TextProbability", "Score"));
var pipeline = mlContext.Transforms.Conversion.MapValueToKey("Label")
    .Append(mlContext.Transforms.LoadAudio("Audio", audio, "Id"))
    .Append(mlContext.Transforms.ResampleAudio("Audio", 16_000))
    .Append(trainers.SpeechClassification("Label", "Audio", speech)).Append(text)
    .Append(mlContext.Speech().Multiclass.Fuse("Probability", ["SpeechProbability", "TextProbability"]));
using var model = pipeline.Fit(split.Train);
mlContext.Model.Save(model, split.Train.Schema, zip);
ITransformer loaded = mlContext.Speech().WithAudioFolder(mlContext.Model.Load(zip, out _), audio);
IDataView scored = loaded.Transform(split.Test);
foreach (string column in (string[])["SpeechProbability", "TextProbability", "Probability"])
{
    MulticlassClassificationMetrics metrics = mlContext.MulticlassClassification.Evaluate(scored, "Label", column);
    Console.WriteLine($"{column,-18} language accuracy on unseen subjects {metrics.MicroAccuracy:F3}");
}

internal sealed record Clip(string Id, string Subject, string Transcript, string Label);
