using Microsoft.ML;
using SpeechML.Data.DataViews;
using SpeechML.Encoders.Native;
using SpeechML.Model;
using SpeechML.TrainingSupport;
using static TorchSharp.torch;

namespace SpeechML.Onnx.Tests;

/// <summary>A model whose weights are drawn, not trained: every part of it differs from what a fresh one has.</summary>
internal sealed record OnnxCase
{
    public required string Encoder { get; init; }

    public SpeechTask Task { get; init; } = SpeechTask.Multiclass;

    public string Pooling { get; init; } = SpeechPooling.Mean;

    public string Layers { get; init; } = EncoderLayers.Last;

    public LayerCombination Combination { get; init; } = LayerCombination.Mean;

    public HeadOptions Head { get; init; } = new();

    public int LoraRank { get; init; }

    public bool Dora { get; init; }

    public int PromptTokens { get; init; }

    public string? OrdinalLoss { get; init; }

    public WhisperContext Context { get; init; } = WhisperContext.Trimmed;

    public LongAudioOptions LongAudio { get; init; } = new();

    /// <summary>Whether the silence that Whisper is given behind a clip is pooled.</summary>
    public bool PoolsSilence { get; init; }

    /// <summary>Whether the head is given numbers beside the audio: <see cref="FeatureRow"/>.</summary>
    public bool HasFeatures { get; init; }

    /// <summary>The transformer.</summary>
    public SpeechScoringTransformer Build(MLContext mlContext, int seed = 3)
    {
        (string[] labels, int outputs) = Task switch
        {
            SpeechTask.Multiclass => (["calm", "loud", "sad"], 3),
            SpeechTask.Ordinal => (["0", "1", "2", "3"], SpeechML.OrdinalLoss.Create(Ordinal).Outputs(4)),
            SpeechTask.MultiLabel => (["hoarse", "breathy", "strained", "nasal"], 4),
            _ => (new[] { "Label" }, 1),
        };
        SpeechTrainingOptions training = Task switch
        {
            SpeechTask.Multiclass => new SpeechClassificationOptions(),
            SpeechTask.Ordinal => new SpeechOrdinalOptions { Loss = Ordinal },
            SpeechTask.MultiLabel => new SpeechMultiLabelOptions(),
            SpeechTask.Binary => new SpeechBinaryOptions(),
            _ => new SpeechRegressionOptions(),
        };
        var options = new SpeechEncodingOptions
        {
            Encoder = Encoder,
            Layers = Layers,
            LayerCombination = Combination,
            Pooling = Pooling,
            WhisperContext = Context,
            LongAudio = LongAudio,
            PoolsAsPython = PoolsSilence,
        };
        var plan = new NetworkPlan(
            Head, outputs, Lora(),
            new SoftPromptOptions { Tokens = PromptTokens }, Task == SpeechTask.Ordinal ? Ordinal : null)
        {
            ExtraFeatures = HasFeatures ? FeatureRow.Columns : [],
        };
        SpeechModel model = SpeechModel.FromPretrained(mlContext, options, plan, seed);
        model.Describe(new LabelValues("Text", labels), training);
        Draw(model, seed);
        model.Network.Extra?.Learn(FeatureRow.Learned);
        return Task switch
        {
            SpeechTask.Multiclass or SpeechTask.Ordinal =>
                new SpeechClassificationTransformer(mlContext, "Audio", "Score", "PredictedLabel", model),
            SpeechTask.MultiLabel => new SpeechMultiLabelTransformer(
                mlContext, "Audio", "Score", "Probability", "PredictedLabel", model),
            SpeechTask.Binary => new SpeechBinaryTransformer(
                mlContext, "Audio", "Score", "Probability", "PredictedLabel", model),
            _ => new SpeechRegressionTransformer(mlContext, "Audio", "Score", model),
        };
    }

    private LoraOptions Lora() => LoraRank == 0 ? new LoraOptions() : new LoraOptions
    {
        Rank = LoraRank,
        Dora = Dora,
        Targets = Dora ? LoraOptions.AllLinear : "q_proj,v_proj",
    };

    private string Ordinal => OrdinalLoss ?? SpeechML.OrdinalLoss.Coral;

    // What begins at 0 or 1, and would hide that it is left out.
    private static void Draw(SpeechModel model, int seed)
    {
        using IDisposable noGradients = no_grad();
        using var generator = new Generator((ulong)seed);
        foreach ((string name, TorchSharp.Modules.Parameter value) in model.Network.named_parameters())
        {
            if (!name.StartsWith("encoder.", StringComparison.Ordinal)
                || name.Contains(".lora.", StringComparison.Ordinal))
            {
                using Tensor noise = randn(value.shape, generator: generator);
                using Tensor scaled =
                    noise * Scalars.Of(name.StartsWith("head.", StringComparison.Ordinal) ? 0.3 : 0.1);
                _ = value.add_(scaled, Scalars.Of(1));
            }
        }
    }

    public override string ToString() => string.Join(' ', new[]
    {
        Path.GetFileName(Encoder), $"{Task}", Pooling, Layers == EncoderLayers.Last ? "" : $"{Layers} {Combination}",
        Head == new HeadOptions() ? "" : $"{Head.HiddenLayers}+{Head.FrameLayers}{(Head.PerTarget ? "each" : "")}",
        LoraRank == 0 ? "" : Dora ? "DoRA" : "LoRA", PromptTokens == 0 ? "" : "prompt", OrdinalLoss ?? "",
        Context == WhisperContext.Trimmed ? "" : "30s", PoolsSilence ? "silence" : "", HasFeatures ? "features" : "",
        LongAudio == new LongAudioOptions() ? "" : $"{LongAudio.Rule} {LongAudio.Combination}",
    }.Where(p => p.Length > 0));

    /// <summary>A selection in which every value of every property is.</summary>
    /// <param name="all">Every pooling and kind of head with every encoder and task, adapters in turn.</param>
    public static IEnumerable<OnnxCase> All(bool all)
    {
        string[] encoders =
        [
            .. EncoderCases.All().Select(c => (string)c[0]).Where(c => c != EncoderCases.Absent),
        ];
        string[] poolings =
        [
            SpeechPooling.Mean, SpeechPooling.Max, SpeechPooling.Min, SpeechPooling.MeanStd, SpeechPooling.Attention,
            SpeechPooling.AttentionTanh,
        ];
        HeadOptions[] heads =
        [
            new(), new() { HiddenLayers = 1, BottleneckSize = 5, LayerNorm = true, Activation = HeadActivation.Relu },
            new() { HiddenLayers = 2, Activation = HeadActivation.Tanh },
            new() { FrameLayers = 1, FrameAttentionHeads = 2 },
            new() { PerTarget = true, HiddenLayers = 1, Activation = HeadActivation.Sigmoid },
            new() { LayerNorm = true },
            new() { HiddenLayers = 1 },
        ];
        SpeechTask[] tasks = Enum.GetValues<SpeechTask>();
        int turn = 0;
        foreach (string encoder in encoders)
        {
            bool whisper = EncoderCases.ModelType(encoder) == "whisper";
            int count = all ? poolings.Length * heads.Length * tasks.Length : whisper ? 3 : 5;
            for (int i = 0; i < count; i++, turn++)
            {
                int pooling = (all ? i : turn + i) % poolings.Length;
                int head = (all ? i / poolings.Length : turn) % heads.Length;
                int task = all ? i / (poolings.Length * heads.Length) : turn % tasks.Length;
                // Sums of the three, so that no adapter, prompt or mix always meets the same pooling, head or task.
                int adapter = (pooling + head + task) % 3;
                yield return new OnnxCase
                {
                    Encoder = EncoderCases.Folder(encoder),
                    Pooling = poolings[pooling],
                    Head = heads[head],
                    Task = tasks[task],
                    Layers = new[] { EncoderLayers.Last, "0-1", EncoderLayers.All, "1" }[(pooling + head + task) % 4],
                    Combination = (LayerCombination)((pooling + (2 * head) + task) % 3),
                    LoraRank = adapter == 0 ? 0 : 2,
                    Dora = adapter == 2,
                    PromptTokens = (head + task + (pooling / 3)) % 2 == 0 ? 0 : 3,
                    OrdinalLoss = SpeechML.OrdinalLoss.Names[((2 * pooling) + head) % 3],
                    Context = (head + task) % 5 == 4 ? WhisperContext.Exact30Seconds : WhisperContext.Trimmed,
                };
            }
        }
    }
}
