// Which layers and heads serve best? Each setting is trained with several seeds on one split by subject and evaluated
// on
// the test part: mean (standard deviation).
//   dotnet run -c Release --project samples/CompareSettings [seeds] [folder with metadata.csv and audio] [split.csv]
using System.Globalization;
using Microsoft.ML;
using SpeechML;

string samples = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", ".."));
int seeds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 2;
string folder = args.Length > 1 ? args[1] : Path.Combine(samples, "data", "prompts");
string[] features = ["hoarse_harsh", "slow_rate", "sound_distortions", "monopitch_monoloudness",
    "inappropriate_silences_or_prolonged_intervals"];
const string Key = "original_audio_id";

var mlContext = new MLContext(seed: 1);
var columns = new SpeechMetadataColumns { AudioKey = Key, Subject = "subject", Features = features };
IDataView data = mlContext.Speech().LoadMetadata(Path.Combine(folder, "metadata.csv"), columns, ratingThreshold: 2);
SpeechDataSplit split = args.Length > 2
    ? mlContext.Speech().ApplySplit(data, SubjectSplit.Load(args[2]), Key)
    : mlContext.Speech().SplitBySubject(
        data, "subject", Key, new SubjectSplitOptions { Train = 0.7, Validation = 0, Test = 0.3, Seed = 1 }, "Labels",
        "language");

(string Name, Action<SpeechTrainingOptions> Change)[] settings =
[
    ("last layer, linear head", _ => { }),
    ("layer 1, layer norm", o => (o.Layers, o.Head.LayerNorm) = ("1", true)),
    ("layer 1, mean and sd, layer norm",
    o => (o.Layers, o.Pooling, o.Head.LayerNorm) = ("1", SpeechPooling.MeanStd, true)),
    ("learned sum of all layers, layer norm",
    o => (o.Layers, o.Head.LayerNorm, o.HeadLearningRate) = ("all", true, 3e-3)),
];
foreach ((string name, Action<SpeechTrainingOptions> change) in settings)
{
    (List<double> auc, List<double> balanced, List<double> accuracy) = ([], [], []);
    for (int seed = 0; seed < seeds; seed++)
    {
        MultiLabelMetrics rated = mlContext.Speech().MultiLabel.Evaluate(
            Fit(mlContext.Speech().Trainers.MultiLabelClassification(
            "Labels", "Audio", Options<SpeechMultiLabelOptions>(seed, change))).Transform(split.Test), "Labels");
        auc.Add(rated.RocAuc.Macro.Value ?? double.NaN);
        balanced.Add(rated.BalancedAccuracy.Macro.Value ?? double.NaN);
        accuracy.Add(mlContext.MulticlassClassification.Evaluate(
            Fit(mlContext.MulticlassClassification.Trainers.SpeechClassification(
            "Language", "Audio", Options<SpeechClassificationOptions>(seed, change))).Transform(split.Test),
            "Language").MicroAccuracy);
    }
    Console.WriteLine(
        $"{name,-40} macro AUC {Text(auc)}  balanced accuracy {Text(balanced)}  language accuracy {Text(accuracy)}");
}

ITransformer Fit(IEstimator<ITransformer> trainer) => mlContext.Transforms.LoadAudio("Audio", folder, Key)
    .Append(mlContext.Transforms.ResampleAudio("Audio", 16_000))
    .Append(mlContext.Transforms.Conversion.MapValueToKey("Language", "language"))
    .Append(trainer).Fit(split.Train);
// The recipe is a plain one: frozen Whisper-base, AdamW, constant rate, 40 epochs; SPEECHML_EXACT=1 shows the encoder
// 30 s as Hugging Face does.
T Options<T>(int seed, Action<SpeechTrainingOptions> change)
    where T : SpeechTrainingOptions, new()
{
    var options = new T
    {
        Encoder = Path.Combine(samples, "models", "whisper-base-encoder"),
        Freezing = LayerFreezing.All,
        Epochs = 40,
        BatchSize = 16,
        Seed = seed
    };
    (options.Schedule.Decay, options.Schedule.WarmupRatio, options.Optimizer.ClipNorm) =
        (LearningRateDecay.Constant, 0, 0);
    options.WhisperContext = Environment.GetEnvironmentVariable("SPEECHML_EXACT") == "1" ? WhisperContext.Exact30Seconds
        : WhisperContext.Trimmed;
    change(options);
    return options;
}

static string Text(List<double> values)
{
    double mean = values.Average();
    return string.Create(CultureInfo.InvariantCulture,
        $"{mean:F3} ({Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / Math.Max(1, values.Count - 1)):F3})");
}
