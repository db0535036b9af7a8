using SpeechML.Encoders;
using Microsoft.ML;
using SpeechML.Model;
using SpeechML.Model.Heads;
using SpeechML.Model.Pooling;
using SpeechML.TestSupport;
using SpeechML.Training;
using SpeechML.Training.Caching;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SpeechML.Tests.Training;

/// <summary>Frozen means frozen.</summary>
[TestClass]
public sealed class EncoderFreezingTests
{
    public static IEnumerable<object[]> Cases() =>
        from encoder in new[] { "whisper-80", "hubert-base-like", "wavlm-base-like", "wav2vec2-large-like" }
        from freezing in LayerFreezing.Words.Append("0")
        select new object[] { encoder, freezing };

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Run_AnyFreezing_FrozenWeightsAreByteEqualAndHaveNoGradient(string name, string freezing)
    {
        using DisposeScope scope = NewDisposeScope();
        using SpeechNetwork network = Network(name);
        SpeechTrainingOptions options = Options(freezing);
        EncoderFreezing.Apply(network, options);
        Dictionary<string, (bool Frozen, byte[] Bytes)> before = Weights(network);
        using TrainingSet clips =
            TrainingSet.Read(Activations.Source(network), Clips(), 1 << 30, 64_000);
        TrainingLoop.Run(new TrainingRun(
            network, clips, new SpeechML.Training.Losses.CrossEntropyLoss(), options, CPU));

        int moved = 0;
        foreach ((string key, (bool _, byte[] bytes)) in Weights(network))
        {
            if (before[key].Frozen)
            {
                CollectionAssert.AreEqual(before[key].Bytes, bytes, key);
            }
            else if (!before[key].Bytes.AsSpan().SequenceEqual(bytes))
            {
                moved++;
            }
        }
        Assert.IsGreaterThan(0, moved);
        foreach ((string key, Parameter parameter) in network.named_parameters())
        {
            Assert.IsTrue(parameter.requires_grad || parameter.grad is null, key);
        }
    }

    [TestMethod]
    [DataRow(LayerFreezing.None, "Samples")]
    [DataRow(LayerFreezing.RequiredOnly, "Layers 0")]
    [DataRow(LayerFreezing.Half, "Layers 1")]
    [DataRow(LayerFreezing.ExcludeLast, "Layers 2")]
    [DataRow(LayerFreezing.All, "Pooled")]
    public void Boundary_OfWhisper_IsWhereTrainingBegins(string freezing, string expected) =>
        AssertBoundary("whisper-80", freezing, expected, masked: "Samples");

    [TestMethod]
    [DataRow(LayerFreezing.None, "Samples", "Samples")]
    [DataRow("1", "FrontEnd", "FrontEnd")]
    [DataRow("0", "Layers 1", "FrontEnd")]
    [DataRow(LayerFreezing.Auto, "FrontEnd", "FrontEnd")]
    [DataRow(LayerFreezing.Optional, "FrontEnd", "FrontEnd")]
    [DataRow(LayerFreezing.Half, "Layers 2", "FrontEnd")]
    [DataRow(LayerFreezing.All, "Pooled", "FrontEnd")]
    public void Boundary_OfConvolutions_IsBeforeProjectionAndMasks(string freezing, string expected, string masked) =>
        AssertBoundary("hubert-base-like", freezing, expected, masked);

    private static void AssertBoundary(string name, string freezing, string expected, string masked)
    {
        using DisposeScope scope = NewDisposeScope();
        using SpeechNetwork network = Network(name);
        EncoderFreezing.Apply(network, Options(freezing));
        CachePoint boundary = EncoderFreezing.Boundary(network);
        Assert.AreEqual(expected,
            boundary.Stage == CacheStage.Hidden ? $"Layers {boundary.Layer}" : boundary.Stage.ToString());
        Assert.AreEqual(masked, EncoderFreezing.MaskedBoundary(network).Stage.ToString());
    }

    [TestMethod]
    public void Apply_LayerThatIsNotThere_NamesThoseInUse()
    {
        using DisposeScope scope = NewDisposeScope();
        using SpeechNetwork network = Network("whisper-80");
        SpeechTrainingOptions options = Options("0-5");
        ArgumentException error =
            Assert.ThrowsExactly<ArgumentException>(() => EncoderFreezing.Apply(network, options));
        Assert.AreEqual(
            "Option Freezing: expected layer numbers and ranges within 0 to 2 (the layers in use), such as " +
            "'0-1', got '0-5'.", error.Message);
    }

    [TestMethod]
    [DataRow("hubert-base-like", "feature_projection,encoder.layers.1.attention.q_proj,2",
        "feature_projection,encoder.layers.1.attention.q_proj,encoder.layers.2")]
    [DataRow("whisper-80", "layers.0.self_attn", "layers.0.self_attn")]
    public void Apply_NamesOfModules_FreezeWhatIsBelowThem(string encoder, string frozenLayers, string expected)
    {
        using DisposeScope scope = NewDisposeScope();
        using SpeechNetwork network = Network(encoder);
        SpeechTrainingOptions options = Options(frozenLayers);
        EncoderFreezing.Apply(network, options);
        EncoderParameterGroups groups = network.Encoder.Config.Groups;
        foreach ((string name, TorchSharp.Modules.Parameter parameter) in network.Encoder.named_parameters()
            .Where(p => !EncoderParameterGroups.Contains(groups.FrontEnd, p.name)
            && !EncoderParameterGroups.Contains(groups.Optional, p.name)))
        {
            bool frozen = expected.Split(',').Any(e => name.StartsWith($"{e}.", StringComparison.Ordinal))
                || (EncoderParameterGroups.Contains(groups.FinalNorm, name) && !parameter.requires_grad);
            Assert.AreEqual(!frozen, parameter.requires_grad, name);
        }
    }

    [TestMethod]
    public void Apply_NameThatIsNotThere_NamesWhatIs()
    {
        using DisposeScope scope = NewDisposeScope();
        using SpeechNetwork network = Network("whisper-80");
        SpeechTrainingOptions options = Options("decoder.layers.0");
        ArgumentException error =
            Assert.ThrowsExactly<ArgumentException>(() => EncoderFreezing.Apply(network, options));
        Assert.AreEqual(
            "Option Freezing: 'decoder.layers.0' matches no parameter of the encoder; expected numbers of layers " +
            "within 0 to 2, names such as 'conv1', 'conv2', 'embed_positions', 'layers', 'layer_norm', 'layers.0', " +
            "or one of auto, none, required-only, optional, half, exclude-last, all.",
            error.Message);
    }

    [TestMethod]
    public void CountParameters_LoraAndPrompt_SaysWhatTrains()
    {
        var mlContext = new MLContext();
        SpeechParameterTable table = mlContext.Speech().CountParameters(
            new SpeechTrainingOptions
            {
                Encoder = RepositoryFiles.TinyEncoder("hubert-base-like"),
                Freezing = LayerFreezing.All,
                Lora = new LoraOptions { Rank = 2, Targets = "q_proj" },
                SoftPrompt = new SoftPromptOptions { Tokens = 3 },
            },
            outputs: 5);
        int hidden = 32;
        int layers = table.Rows.Count(r => r.Part.StartsWith("adapters of", StringComparison.Ordinal));
        // Two thin matrices per layer, three vectors, one linear layer.
        Assert.AreEqual((layers * 2 * 2 * hidden) + (3 * hidden) + (5 * (hidden + 1)), table.Trained);
        Assert.AreEqual(3 * hidden, table.Rows.Single(r => r.Part == "soft prompt").Trained);
        Assert.AreEqual(0, table.Rows.Single(r => r.Part == "front end").Trained);
        Assert.AreEqual("head", table.Rows[^1].Part);
        Assert.IsTrue(table.ToString().TrimEnd().Split('\n')[^1].StartsWith("all", StringComparison.Ordinal));
    }

    private static SpeechNetwork Network(string name)
    {
        SpeechEncoder encoder = EncoderLoader.Load(RepositoryFiles.TinyEncoder(name), context: WhisperContext.Trimmed);
        FramePooling pooling = SpeechPooling.Create(SpeechPooling.Mean, encoder.Config.HiddenSize, 0);
        var network = new SpeechNetwork(
            encoder, LayerSelection.Parse(EncoderLayers.Last), new LayerMix(LayerCombination.Mean, 1), pooling,
            new LinearHead(pooling.OutputSize, 2, new HeadOptions(), 1));
        network.eval();
        return network;
    }

    private static SpeechTrainingOptions Options(string freezing) => new()
    {
        Encoder = "tiny",
        Freezing = freezing,
        Epochs = 2,
        BatchSize = 2,
        EncoderLearningRate = 1e-3,
    };

    private static IEnumerable<(float[] Samples, float[] Targets)> Clips()
    {
        var random = new Random(1);
        for (int i = 0; i < 4; i++)
        {
            yield return ([.. Enumerable.Range(0, 4000 + (i * 700)).Select(_ => (float)random.NextDouble() - 0.5f)],
                [i % 2]);
        }
    }

    private static Dictionary<string, (bool Frozen, byte[] Bytes)> Weights(SpeechNetwork network)
    {
        HashSet<string> trained =
            [.. network.named_parameters().Where(p => p.parameter.requires_grad).Select(p => p.name)];
        return network.state_dict()
            .ToDictionary(t => t.Key, t => (!trained.Contains(t.Key), t.Value.detach().contiguous().bytes.ToArray()));
    }
}
