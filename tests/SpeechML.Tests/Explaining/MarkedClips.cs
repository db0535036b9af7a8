using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using SpeechML.TestSupport;

namespace SpeechML.Tests.Explaining;

/// <summary>Clips of silence (but for the last bits) with a tone somewhere: its pitch decides every label.</summary>
internal static class MarkedClips
{
    public const int Rate = 16_000;
    public const double MarkSeconds = 0.2;
    public const double Seconds = 0.9;

    /// <summary>A clip with a tone from a second on.</summary>
    public static MLAudio Audio(double start, int seed, double seconds = Seconds, double pitch = 1000)
    {
        var random = new Random(seed);
        float[] samples = new float[(int)(seconds * Rate)];
        for (int i = 0; i < samples.Length; i++)
        {
            double time = (double)i / Rate;
            // It swells and fades over 20 ms: a cut would click in all frequencies.
            double inside = Math.Min(time - start, start + MarkSeconds - time);
            double tone = inside >= 0 ? 0.3 * Math.Min(1, inside / 0.02) * Math.Sin(2 * Math.PI * pitch * time) : 0;
            samples[i] = (float)(tone + (1e-4 * (random.NextDouble() - 0.5)));
        }
        return MLAudio.FromSamples(samples, Rate);
    }

    public static MarkedClip[] Rows(int count) =>
        [.. Enumerable.Range(0, count).Select(i => new MarkedClip
        {
            Audio = Audio(0.07 * (i % 10), i, pitch: i % 2 == 0 ? 1000 : 3500),
            Label = i % 2 == 0,
            Number = i % 2 == 0 ? 3 : 1,
            Level = $"{i % 2 * (1 + (i / 2 % 2))}",
            Labels = [i % 2 == 0 ? 1 : 0, i % 4 < 2 ? 1 : 0],
        })];

    /// <summary>A model of a task, trained for a moment.</summary>
    public static ITransformer Fit(
        MLContext mlContext, string task, string encoder = "hubert-base-like",
        Action<SpeechTrainingOptions>? change = null, int clips = 8)
    {
        IDataView data = mlContext.Data.LoadFromEnumerable(Rows(clips));
        IEstimator<ITransformer> key = mlContext.Transforms.Conversion.MapValueToKey(
            "Key", "Level", keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue);
        IEstimator<ITransformer> trainer = task switch
        {
            "binary" => mlContext.BinaryClassification.Trainers.SpeechClassification(
                "Label", "Audio", Set(new SpeechBinaryOptions())),
            "multiclass" => key.Append(mlContext.MulticlassClassification.Trainers.SpeechClassification(
                "Key", "Audio", Set(new SpeechClassificationOptions()))),
            "multi-label" => mlContext.Speech().Trainers.MultiLabelClassification(
                "Labels", "Audio", Set(new SpeechMultiLabelOptions())),
            "ordinal" => key.Append(mlContext.Speech().Trainers.OrdinalClassification(
                "Key", "Audio", Set(new SpeechOrdinalOptions()))),
            _ => mlContext.Regression.Trainers.SpeechRegression(
                "Number", "Audio", Set(new SpeechRegressionOptions())),
        };
        return trainer.Fit(data);

        T Set<T>(T options)
            where T : SpeechTrainingOptions
        {
            options.Encoder = RepositoryFiles.TinyEncoder(encoder);
            options.WhisperContext = WhisperContext.Trimmed;
            (options.Epochs, options.BatchSize, options.HeadLearningRate) = (1, 4, 1e-2);
            options.Freezing = LayerFreezing.All;
            change?.Invoke(options);
            return options;
        }
    }

    public static IDataView View(MLContext mlContext, params MLAudio[] clips) =>
        mlContext.Data.LoadFromEnumerable(clips.Select(c => new MarkedClip { Audio = c }));
}

internal sealed class MarkedClip
{
    public MLAudio Audio { get; set; } = null!;

    public bool Label { get; set; }

    public float Number { get; set; }

    public string Level { get; set; } = "0";

    [VectorType(2)]
    public float[] Labels { get; set; } = [0, 0];
}
