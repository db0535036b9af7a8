using Microsoft.ML;
using SpeechML.Encoders.Kernels;
using SpeechML.Encoders.Layers;
using SpeechML.Encoders.Native;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;
using TorchSharp;
using TorchSharp.Modules;

namespace SpeechML.Tests.Life;

/// <summary>
/// Packed weights show NaN: every way out of a model that has scored gives the values, whoever reads them.
/// </summary>
[TestClass]
public sealed class PackedModelTests : SmallProductTests
{
    private readonly SmallRuns _runs = new();

    [TestInitialize]
    public void NeedsOneDnn()
    {
        if (!OneDnn.CanPack)
        {
            Assert.Inconclusive("libtorch's oneDNN is not used on this processor.");
        }
    }

    [TestMethod]
    [DataRow("zip")]
    [DataRow("folder")]
    [DataRow("folder with an adapter")]
    [DataRow("folder with an adapter merged")]
    [DataRow("hash")]
    [DataRow("explanation")]
    [DataRow("layer probe")]
    [DataRow("checkpoint")]
    public void Way_AfterPacking_TheValuesOfAPlainModel(string way)
    {
        float[] packed = Values(way), plain;
        FastPaths.Packing = false;
        try
        {
            plain = Values(way);
        }
        finally
        {
            FastPaths.Packing = true;
        }
        Assert.HasCount(plain.Length, packed);
        Assert.IsTrue(Array.TrueForAll(packed, float.IsFinite));
        Assert.IsLessThan(1e-4 * plain.Max(Math.Abs), plain.Zip(packed, (a, b) => (double)Math.Abs(a - b)).Max());
    }

    [TestMethod]
    [DataRow("fit")]
    [DataRow("explanation")]
    public void Progress_HandlerKeepsWeightsOfAnotherEncoder_TheyStayPlain(string work)
    {
        using SpeechEncoder other = EncoderLoader.Load(RepositoryFiles.TinyEncoder("hubert-base-like"));
        Run(other);
        Assert.IsTrue(Packs(other).Any(p => p.IsPacked));
        Parameter[] kept = [];
        void Keep() => kept = kept.Length > 0 ? kept : [.. other.parameters()];
        if (work == "fit")
        {
            using SpeechClassificationTransformer fitted = _runs.Context.MulticlassClassification.Trainers
                .SpeechClassification("Key", "Audio", Options(), new Handler<TrainingProgress>(Keep)).Fit(_runs.Data);
        }
        else
        {
            using SpeechClassificationTransformer model = _runs.Fit(Options());
            _ = Explain(model, new Handler<SpeechExplanationProgress>(Keep));
        }
        Assert.IsNotEmpty(kept);
        Run(other);
        Assert.IsTrue(kept.All(p => p.isfinite().all().item<bool>()));
    }

    private static SpeechClassificationOptions Options()
    {
        SpeechClassificationOptions options = SmallRuns.Options();
        (options.Epochs, options.Freezing) = (1, LayerFreezing.All);
        return options;
    }

    private float[] Values(string way)
    {
        using var scratch = new Scratch();
        SpeechClassificationOptions options = Options();
        switch (way)
        {
            case "layer probe":
                options.Layers = EncoderLayers.Auto;
                break;
            case "checkpoint":
                // Between its epochs the validation clips are scored.
                options.Freezing = LayerFreezing.ExcludeLast;
                options.Checkpoints.Folder = scratch.At("run");
                break;
            case "folder with an adapter" or "folder with an adapter merged":
                (options.Freezing, options.Lora) = (LayerFreezing.Auto, new LoraOptions { Rank = 2 });
                break;
        }
        var trainer = _runs.Context.MulticlassClassification.Trainers.SpeechClassification("Key", "Audio", options);
        using SpeechClassificationTransformer model = trainer.Fit(_runs.Data, _runs.Data);
        float[] scores = Scores(model);
        Assert.AreEqual(FastPaths.Packing, Packs(model.Model.Network).Any(p => p.IsPacked));
        float[] values = Read();
        // And the model is as it was.
        return [.. values, .. Scores(model), .. scores];

        float[] Read()
        {
            switch (way)
            {
                case "zip":
                    ITransformer loaded = _runs.Context.Model.Load(_runs.Save(model, scratch.At("model.zip")), out _);
                    using (var again = (SpeechClassificationTransformer)loaded)
                    {
                        return [.. SmallRuns.Weights(again).Values.SelectMany(v => v)];
                    }
                case "hash":
                    return [.. Convert.FromHexString(Fingerprint.OfWeights(model.Model.Network)).Select(b => (float)b)];
                case "explanation":
                    return Explain(model, null);
                case "layer probe":
                    return [.. SmallRuns.Weights(model).Values.SelectMany(v => v)];
                case "checkpoint":
                    return Tensors(Directory.GetFiles(scratch.At("run"), "*.safetensors").Max()!);
                default:
                    string folder = scratch.At("folder");
                    _runs.Context.Speech().SaveHuggingFace(
                        model, folder, mergeAdapter: way.EndsWith("merged", StringComparison.Ordinal));
                    return [.. Directory.GetFiles(folder, "*.safetensors", SearchOption.AllDirectories)
                        .Order(StringComparer.Ordinal).SelectMany(Tensors)];
            }
        }
    }

    private float[] Scores(ITransformer model) => [.. _runs.Scores(model).SelectMany(s => s)];

    private float[] Explain(ITransformer model, IProgress<SpeechExplanationProgress>? progress)
    {
        var options = new SpeechExplanationOptions { IntegratedGradients = true, MaxGradientPoints = 8 };
        var audio = MLAudio.FromSamples(TinyEncoders.Clip(6000, 1), 16_000);
        SpeechExplanation explained = _runs.Context.Speech().Explain(model, audio, options, progress);
        return [.. explained.Attributions.Select(a => (float)a.Value)];
    }

    private static float[] Tensors(string path)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var file = SafetensorsFile.Open(path);
        return [.. file.Entries.Keys.Order(StringComparer.Ordinal).Select(file.Read)
            .Where(t => t.is_floating_point()).SelectMany(GoldenTensors.ToFloats)];
    }

    private static void Run(SpeechEncoder encoder)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable still = torch.no_grad();
        _ = encoder.Encode(encoder.Prepare([TinyEncoders.Clip(4001, 1)]));
    }

    private static IEnumerable<PackedWeight> Packs(torch.nn.Module module) =>
        module.modules().OfType<ProductModule>().Select(m => m.Packed).OfType<PackedWeight>();

    private sealed class Handler<T>(Action act) : IProgress<T>
    {
        public void Report(T value) => act();
    }
}
