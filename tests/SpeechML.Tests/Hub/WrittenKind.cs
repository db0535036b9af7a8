using Microsoft.ML;
using SpeechML.TestSupport;

namespace SpeechML.Tests.Hub;

/// <summary>
/// A kind of fine-tuned model: task, layers, pooling, head, adapter; and whether a class of Python says it.
/// </summary>
/// <param name="Name">Its name.</param>
/// <param name="Options">Makes the options; the encoder, epochs and batches are set by <see cref="Fit"/>.</param>
/// <param name="IsClass">Whether a classification class of transformers computes the same.</param>
internal sealed record WrittenKind(string Name, Func<SpeechTrainingOptions> Options, bool IsClass)
{
    public string Encoder { get; init; } = "hubert-base-like";

    public bool Merge { get; init; }

    /// <summary>Whether its label is a vector of numbers.</summary>
    public bool HasNumbers { get; init; }

    private static HeadOptions Identity => new()
    {
        HiddenLayers = 1,
        BottleneckSize = 6,
        Activation = HeadActivation.Identity,
    };

    public static IReadOnlyList<WrittenKind> All { get; } =
        [.. Tasks(), .. Layers(), .. Heads(), .. Adapters(), .. Families()];

    /// <summary>A few that show each way of writing.</summary>
    public static IReadOnlyList<string> Few { get; } =
    [
        "multilabel identity", "binary", "coral", "last-but-one layer", "whisper for Python", "concatenated", "adapter",
        "layers over a classifier", "prompt of sew-like",
    ];

    private static IEnumerable<WrittenKind> Tasks()
    {
        (string Name, Func<SpeechTrainingOptions> Options, bool IsClass)[] tasks =
        [
            ("multiclass", () => new SpeechClassificationOptions(), true),
            ("multilabel", () => new SpeechMultiLabelOptions(), true),
            ("binary", () => new SpeechBinaryOptions(), true),
            ("regression", () => new SpeechRegressionOptions(), true),
            ("coral", () => new SpeechOrdinalOptions { Loss = OrdinalLoss.Coral }, false),
            ("corn", () => new SpeechOrdinalOptions { Loss = OrdinalLoss.Corn }, false),
            ("earth movers", () => new SpeechOrdinalOptions { Loss = OrdinalLoss.EarthMovers }, true),
        ];
        return tasks.SelectMany(t => new[]
        {
            new WrittenKind(t.Name, t.Options, t.IsClass),
            new WrittenKind($"{t.Name} identity", () => With(t.Options(), o => o.Head = Identity), t.IsClass),
            new WrittenKind($"{t.Name} deviation",
                () => With(t.Options(), o => o.Pooling = SpeechPooling.MeanStd), false),
        });
    }

    private static IEnumerable<WrittenKind> Layers()
    {
        foreach (string encoder in new[] { "hubert-base-like", "wav2vec2-large-like", "wavlm-base-like" })
        {
            yield return Of($"first layer of {encoder}", o => o.Layers = "1", true) with { Encoder = encoder };
            yield return Of($"all layers of {encoder}", o => o.Layers = "all", true) with { Encoder = encoder };
        }
        yield return Of("last-but-one layer", o => o.Layers = "2", true) with { Encoder = "wav2vec2-large-like" };
        yield return Of("input of the layers", o => o.Layers = "0", true);
        yield return Of("mean of layers", o => (o.Layers, o.LayerCombination) = ("0,2", LayerCombination.Mean), true);
        yield return Of("sum of some", o => o.Layers = "1,3", true);
        yield return Of("concatenated",
            o => (o.Layers, o.LayerCombination) = ("1,2", LayerCombination.Concatenate), false);
        yield return Of("layers by themselves", o => (o.Layers, o.Freezing) = ("auto", "all"), false);
        yield return new("layers of each label",
            () => With(new SpeechMultiLabelOptions(), o => (o.Layers, o.Freezing) = ("auto", "all")), false);
        yield return Of("whisper for Python", o => o.HuggingFaceHead = true, true) with { Encoder = "whisper-80" };
        yield return Of("whisper for Python, first layer",
            o => (o.HuggingFaceHead, o.Layers) = (true, "1"), true) with
        { Encoder = "whisper-80" };
        yield return Of("whisper exact", o => o.WhisperContext = WhisperContext.Exact30Seconds, false) with
        {
            Encoder = "whisper-80",
        };
        yield return Of("whisper trimmed", o => o.WhisperContext = WhisperContext.Trimmed, false) with
        {
            Encoder = "whisper-80",
        };
        yield return Of("whisper trimmed prompt", o =>
        {
            o.WhisperContext = WhisperContext.Trimmed;
            o.SoftPrompt = new SoftPromptOptions { Tokens = 2 };
        }, false) with
        { Encoder = "whisper-80" };
    }

    private static IEnumerable<WrittenKind> Heads()
    {
        (string Name, string Pooling)[] poolings = [("max", SpeechPooling.Max), ("min", SpeechPooling.Min),
            ("attention", SpeechPooling.Attention), ("attention tanh", SpeechPooling.AttentionTanh)];
        foreach ((string name, string pooling) in poolings)
        {
            yield return Of(name, o => o.Pooling = pooling, false);
        }
        yield return Of("per target", o => o.Head = new HeadOptions { PerTarget = true }, true);
        yield return Of("per target hidden",
            o => o.Head = new HeadOptions { PerTarget = true, HiddenLayers = 1 }, false);
        yield return Of("norm", o => o.Head = new HeadOptions { LayerNorm = true }, false);
        foreach (HeadActivation activation in new[] { HeadActivation.Gelu, HeadActivation.Relu, HeadActivation.Tanh })
        {
            yield return Of($"hidden {activation}", o => o.Head = new HeadOptions
            {
                HiddenLayers = 2,
                BottleneckSize = 5,
                LayerNorm = activation == HeadActivation.Relu,
                Activation = activation,
            }, false);
        }
        yield return Of("layers over frames", o => o.Head = new HeadOptions { FrameLayers = 2 }, false);
        yield return Of("prompt", o => o.SoftPrompt = new SoftPromptOptions { Tokens = 3 }, false);
        yield return Of("numbers beside the audio", o => o.ExtraFeatures = "Age", false);
        yield return new("several numbers", () => new SpeechRegressionOptions(), true) { HasNumbers = true };
        yield return new("several numbers max",
            () => With(new SpeechRegressionOptions(), o => o.Pooling = SpeechPooling.Max), false)
        { HasNumbers = true };
    }

    private static IEnumerable<WrittenKind> Adapters()
    {
        void Adapt(SpeechTrainingOptions o) => (o.Lora, o.EncoderLearningRate) = (new LoraOptions { Rank = 2 }, 1e-2);
        yield return Of("adapter", Adapt, true);
        yield return Of("adapter merged", Adapt, true) with { Merge = true };
        yield return Of("adapter of all layers", o =>
        {
            Adapt(o);
            (o.Layers, o.Head) = ("all", Identity);
        }, true) with
        { Encoder = "wav2vec2-large-like" };
        yield return Of("adapter of wavlm merged", Adapt, true) with { Encoder = "wavlm-base-like", Merge = true };
        yield return Of("adapter with magnitudes", o =>
        {
            Adapt(o);
            (o.Lora.Dora, o.Lora.RsLora, o.Lora.Targets) = (true, true, LoraOptions.AllLinear);
        }, true);
        yield return Of("adapter deviation", o =>
        {
            Adapt(o);
            o.Pooling = SpeechPooling.MeanStd;
        }, false) with
        { Encoder = "../classifiers/hubert-softmax" };
        yield return Of("layers over a classifier", o => o.Head = new HeadOptions { FrameLayers = 1 }, false) with
        {
            Encoder = "../classifiers/hubert-softmax",
        };
    }

    /// <summary>A class and a program on each family that has its own.</summary>
    private static IEnumerable<WrittenKind> Families()
    {
        foreach (string name in new[] { "ast-like", "conformer-relative", "conformer-rotary", "data2vec-base-like",
            "sew-like", "unispeech-like", "w2v-bert-like" })
        {
            string encoder = $"../more-encoders/{name}";
            bool tokens = name == "ast-like";
            yield return Of($"class of {name}", o => o.HuggingFaceHead = tokens, true) with { Encoder = encoder };
            yield return Of($"max of {name}", o => o.Pooling = SpeechPooling.Max, false) with { Encoder = encoder };
            yield return Of($"sum of {name}", o => o.Layers = "1,2", !tokens) with { Encoder = encoder };
            yield return Of($"prompt of {name}",
                o => o.SoftPrompt = new SoftPromptOptions { Tokens = 3 }, false) with
            { Encoder = encoder };
            yield return Of($"prompt of {name}, first layer",
                o => (o.SoftPrompt, o.Layers) = (new SoftPromptOptions { Tokens = 3 }, "1"), false) with
            { Encoder = encoder };
        }
    }

    /// <summary>Trains one.</summary>
    public SpeechScoringTransformer Fit(MLContext context, IDataView data)
    {
        SpeechTrainingOptions options = Options();
        options.Encoder = RepositoryFiles.TinyEncoder(Encoder);
        (options.Epochs, options.BatchSize, options.HeadLearningRate, options.Seed) = (1, 3, 0.5, 0);
        if (options.Layers == EncoderLayers.Auto && options.Freezing != LayerFreezing.All)
        {
            options.Layers = EncoderLayers.Last;
        }
        return options switch
        {
            SpeechMultiLabelOptions o =>
                context.Speech().Trainers.MultiLabelClassification("Labels", "Audio", o).Fit(data),
            SpeechOrdinalOptions o => context.Speech().Trainers.OrdinalClassification("Grade", "Audio", o).Fit(data),
            SpeechBinaryOptions o =>
                context.BinaryClassification.Trainers.SpeechClassification("Flag", "Audio", o).Fit(data),
            SpeechRegressionOptions o =>
                context.Regression.Trainers.SpeechRegression(
                    HasNumbers ? "Numbers" : "Number", "Audio", o).Fit(data),
            SpeechClassificationOptions o =>
                context.MulticlassClassification.Trainers.SpeechClassification("Class", "Audio", o).Fit(data),
            _ => throw new InvalidOperationException(Name),
        };
    }

    private static WrittenKind Of(string name, Action<SpeechTrainingOptions> change, bool isClass) =>
        new(name, () => With(new SpeechClassificationOptions(), change), isClass);

    private static SpeechTrainingOptions With(SpeechTrainingOptions options, Action<SpeechTrainingOptions> change)
    {
        change(options);
        return options;
    }
}
