using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Life;

/// <summary>Models of every family over clips in memory, for what happens to them after training.</summary>
internal static class LifeModels
{
    /// <summary>Single predictions and batches agree so far.</summary>
    public const double Tolerance = 1e-5;

    private static readonly Lazy<Clip[]> s_clips = new(Read);
    private static readonly Lazy<byte[]> s_classifier = new(() =>
    {
        var mlContext = new MLContext(seed: 1);
        using var model = Classifier(mlContext);
        return Zip(mlContext, model);
    });

    /// <summary>One encoder of each family, with positional kernels as long as those of real models.</summary>
    public static string[] Encoders { get; } =
        ["whisper-80", "hubert-base-like", "wavlm-base-like", "wav2vec2-large-like"];

    public static Clip[] Clips => s_clips.Value;

    /// <summary>The zip of a classifier, for a model of one's own without a training.</summary>
    public static byte[] ClassifierZip => s_classifier.Value;

    public static IDataView View(MLContext mlContext) => mlContext.Data.LoadFromEnumerable(Clips);

    /// <summary>A classifier that was trained for a moment.</summary>
    public static TransformerChain<SpeechClassificationTransformer> Classifier(
        MLContext mlContext, string encoder = "hubert-base-like", Action<SpeechClassificationOptions>? change = null,
        CancellationToken cancellation = default)
    {
        var options = new SpeechClassificationOptions
        {
            Layers = EncoderLayers.Last,
            Encoder = RepositoryFiles.TinyEncoder(encoder),
            Epochs = 1,
            BatchSize = 4,
            Freezing = LayerFreezing.All,
            WhisperContext = WhisperContext.Trimmed,
            HeadLearningRate = 1e-2,
        };
        change?.Invoke(options);
        return mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(mlContext.MulticlassClassification.Trainers.SpeechClassification(
                "Label", "Audio", options, cancellationToken: cancellation))
            .Fit(View(mlContext));
    }

    /// <summary>A featurizer.</summary>
    public static SpeechEncodingTransformer Featurizer(
        MLContext mlContext, string encoder = "hubert-base-like", string cache = "") =>
        mlContext.Transforms.EncodeSpeech("Score", new SpeechEncodingOptions
        {
            Encoder = RepositoryFiles.TinyEncoder(encoder),
            WhisperContext = WhisperContext.Trimmed,
            CacheFolder = cache,
        }, "Audio").Fit(View(mlContext));

    private static Clip[] Read()
    {
        var mlContext = new MLContext(seed: 1);
        List<PromptRow> rows = Prompts.Rows(12);
        IDataView view = mlContext.Data.LoadFromEnumerable(rows);
        return [.. PromptAudio.Pipeline(mlContext).Fit(view).Transform(view).GetColumn<MLAudio>("Audio")
            .Zip(rows, (audio, row) => new Clip { Label = row.Label, Labels = row.Labels, Audio = audio })];
    }

    public static byte[] Zip(MLContext mlContext, ITransformer model)
    {
        using var zip = new MemoryStream();
        mlContext.Model.Save(model, View(mlContext).Schema, zip);
        return zip.ToArray();
    }

    public static TransformerChain<ITransformer> Load(byte[] zip)
    {
        using var stream = new MemoryStream(zip);
        return (TransformerChain<ITransformer>)new MLContext(seed: 1).Model.Load(stream, out _);
    }

    /// <summary>The scores of each clip alone.</summary>
    public static float[][] Scores(MLContext mlContext, ITransformer model)
    {
        using PredictionEngine<Clip, Scored> engine = Engine(mlContext, model, owns: false);
        return [.. Clips.Select(c => engine.Predict(c).Score)];
    }

    public static PredictionEngine<Clip, Scored> Engine(MLContext mlContext, ITransformer model, bool owns) =>
        mlContext.Model.CreatePredictionEngine<Clip, Scored>(
            model, new PredictionEngineOptions { OwnsTransformer = owns });

    public static bool AreEqual(float[] expected, float[] actual) =>
        expected.Length == actual.Length
            && expected.Zip(actual).All(p => Math.Abs(p.First - p.Second) <= Tolerance);

    /// <summary>Runs work on threads of their own that begin together, and throws what one of them threw.</summary>
    public static void AtOnce(int threads, Action<int> work)
    {
        using var start = new Barrier(threads);
        Task.WaitAll([.. Enumerable.Range(0, threads).Select(k => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                work(k);
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))]);
    }
}

internal sealed class Clip
{
    public string Label { get; set; } = "";

    [VectorType(2)]
    public float[] Labels { get; set; } = [0, 0];

    public MLAudio Audio { get; set; } = null!;
}

internal sealed class Scored
{
    public float[] Score { get; set; } = [];
}
