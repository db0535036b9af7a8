// Which layers and heads serve best? Each setting is trained with several seeds on one split by subject and evaluated
// on the test part: mean (standard deviation).
//   dotnet run -c Release --project samples/CompareSettings [seeds] [folder with metadata.csv and audio] [split.csv]
using System.Globalization;
using Microsoft.ML;
using SpeechML;

string samples = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", ".."));
int seeds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 2;
string folder = args.Length > 1 ? args[1] : Path.Combine(samples, "data", "prompts");
var mlContext = new MLContext(seed: 1);
var columns = new SpeechMetadataColumns
{
    AudioKey = "original_audio_id",
    Subject = "subject",
    Features = ["hoarse_harsh", "slow_rate", "sound_distortions", "monopitch_monoloudness",
        "inappropriate_silences_or_prolonged_intervals"],
};
IDataView data = mlContext.Speech().LoadMetadata(Path.Combine(folder, "metadata.csv"), columns, ratingThreshold: 2);
var shares = new SubjectSplitOptions { Train = 0.7, Validation = 0, Test = 0.3, Seed = 1 };
SpeechDataSplit split = args.Length > 2
    ? mlContext.Speech().ApplySplit(data, SubjectSplit.Load(args[2]), columns.AudioKey)
    : mlContext.Speech().SplitBySubject(data, "subject", columns.AudioKey, shares, "Labels", "language");
var audio = mlContext.Transforms.LoadAudio("Audio", folder, columns.AudioKey)
    .Append(mlContext.Transforms.ResampleAudio("Audio", 16_000)).Fit(split.Train);
(IDataView train, IDataView test) = (audio.Transform(split.Train), audio.Transform(split.Test));

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
    double[][] figures = [.. Enumerable.Range(0, seeds).Select(seed =>
    {
        // The recipe is a plain one: frozen Whisper base, AdamW, constant rate, 40 epochs.
        var options = new SpeechMultiLabelOptions { Freezing = LayerFreezing.All, Epochs = 40, BatchSize = 16 };
        (options.Encoder, options.Seed) = (Path.Combine(samples, "models", "whisper-base-encoder"), seed);
        (options.Layers, options.WhisperContext) = (EncoderLayers.Last, WhisperContext.Trimmed);
        (options.Schedule.Decay, options.Schedule.WarmupRatio) = (LearningRateDecay.Constant, 0);
        options.Optimizer.ClipNorm = 0;
        change(options);
        using var model = mlContext.Speech().Trainers.MultiLabelClassification("Labels", "Audio", options).Fit(train);
        MultiLabelMetrics rated = mlContext.Speech().MultiLabel.Evaluate(model.Transform(test), "Labels");
        return new[] { rated.RocAuc.Macro.Value ?? double.NaN, rated.BalancedAccuracy.Macro.Value ?? double.NaN };
    })];
    Console.WriteLine($"{name,-40} macro AUC {Text(figures, 0)}  balanced accuracy {Text(figures, 1)}");
}

static string Text(double[][] figures, int column)
{
    (double mean, int degrees) = (figures.Average(f => f[column]), Math.Max(1, figures.Length - 1));
    double deviation = Math.Sqrt(figures.Sum(f => (f[column] - mean) * (f[column] - mean)) / degrees);
    return string.Create(CultureInfo.InvariantCulture, $"{mean:F3} ({deviation:F3})");
}
