using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using SpeechML.Tests.Explaining;
using SpeechML.TestSupport;

namespace SpeechML.Tests.Training.Extras;

/// <summary>Clips of which numbers beside the audio decide every label; the audio says nothing.</summary>
internal static class MeasuredClips
{
    public const string Columns = "Voice, Age";

    public static MeasuredClip[] Rows(int count, int from = 0) =>
        [.. Enumerable.Range(from, count).Select(i => new MeasuredClip
        {
            Audio = MarkedClips.Audio(0.02, i, 0.25 + (0.01 * (i % 5))),
            Path = $"clip{i}.wav",
            Subject = $"S{i / 2}",
            Voice = [(i % 2 == 0 ? 200 : 100) + (i % 7), i % 3 == 0 ? float.NaN : i % 5, 7],
            Age = 20 + i,
            Label = i % 2 == 0,
            Number = i % 2 == 0 ? 3 : 1,
            Level = $"{i % 2 * (1 + (i / 2 % 2))}",
            Labels = [i % 2, i % 3 == 0 ? 1 : 0],
        })];

    public static IDataView View(MLContext mlContext, IEnumerable<MeasuredClip> rows) =>
        mlContext.Data.LoadFromEnumerable(rows);

    /// <summary>A model of a task.</summary>
    public static ITransformer Fit(
        MLContext mlContext, string task, IDataView data, Action<SpeechTrainingOptions>? change = null,
        IDataView? validation = null)
    {
        return task switch
        {
            "binary" => mlContext.BinaryClassification.Trainers.SpeechClassification(
                "Label", "Audio", Set(new SpeechBinaryOptions())).Fit(data, validation),
            "multiclass" => Keyed(mlContext.MulticlassClassification.Trainers.SpeechClassification(
                "Key", "Audio", Set(new SpeechClassificationOptions()))),
            "multi-label" => mlContext.Speech().Trainers.MultiLabelClassification(
                "Labels", "Audio", Set(new SpeechMultiLabelOptions())).Fit(data, validation),
            "ordinal" => Keyed(mlContext.Speech().Trainers.OrdinalClassification(
                "Key", "Audio", Set(new SpeechOrdinalOptions()))),
            _ => mlContext.Regression.Trainers.SpeechRegression(
                "Number", "Audio", Set(new SpeechRegressionOptions())).Fit(data, validation),
        };

        T Set<T>(T options)
            where T : SpeechTrainingOptions
        {
            options.Encoder = RepositoryFiles.TinyEncoder("hubert-base-like");
            options.ExtraFeatures = Columns;
            (options.Epochs, options.BatchSize, options.HeadLearningRate, options.Seed) = (2, 4, 1e-2, 0);
            options.Layers = "1";
            change?.Invoke(options);
            return options;
        }

        ITransformer Keyed<T>(SpeechTrainer<T> trainer)
            where T : class, ITransformer => mlContext.Transforms.Conversion.MapValueToKey(
                "Key", "Level", keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue)
                .Append(trainer).Fit(data);
    }

    /// <summary>What the model says of each clip.</summary>
    public static float[][] Scores(ITransformer model, string task, IDataView data)
    {
        IDataView scored = model.Transform(data);
        return task is "binary" or "regression" ? [.. scored.GetColumn<float>("Score").Select(s => new[] { s })]
            : [.. scored.GetColumn<float[]>("Score")];
    }
}

internal sealed class MeasuredClip
{
    public MLAudio Audio { get; set; } = null!;

    public string Path { get; set; } = "";

    public string Subject { get; set; } = "";

    [VectorType(3)]
    public float[] Voice { get; set; } = [];

    public int Age { get; set; }

    public bool Label { get; set; }

    public float Number { get; set; }

    public string Level { get; set; } = "0";

    [VectorType(2)]
    public float[] Labels { get; set; } = [0, 0];
}
