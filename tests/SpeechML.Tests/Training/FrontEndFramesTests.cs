using SpeechML.Encoders;
using SpeechML.Model;
using SpeechML.Model.Heads;
using SpeechML.Model.Pooling;
using SpeechML.TestSupport;
using SpeechML.Training;
using SpeechML.Training.Caching;
using SpeechML.TrainingSupport;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Tests.Training;

/// <summary>What frozen convolutions give is kept, and training goes on from it as from the samples.</summary>
[TestClass]
public sealed class FrontEndFramesTests
{
    private const double Tolerance = 1e-5; // of the greatest value; frames are computed in other batches

    private const string Outputs = "outputs";

    private static readonly SpecAugmentOptions s_masks =
        new() { TimeProbability = 0.3, TimeLength = 2, FeatureProbability = 0.2, FeatureLength = 4 };

    public static IEnumerable<object[]> Encoders() =>
        new[] { "encoders", "more-encoders" }
            .SelectMany(kind => Directory.GetDirectories(Path.Combine(RepositoryFiles.Fixtures, "golden", kind)))
            .Where(folder => File.ReadAllText(Path.Combine(folder, "config.json"))
                .Contains("conv_stride", StringComparison.Ordinal))
            .Select(folder => new object[] { folder });

    [TestMethod]
    [DynamicData(nameof(Encoders))]
    public void Forward_FromKeptFrames_OutputsAndGradientsAsFromSamples(string folder)
    {
        foreach (bool masked in new[] { false, true })
        {
            using DisposeScope scope = NewDisposeScope();
            using SpeechNetwork network = Network(folder);
            EncoderFreezing.Apply(network, new SpeechTrainingOptions { Freezing = LayerFreezing.Auto });
            Assert.AreEqual(CachePoint.FrontEnd, EncoderFreezing.Boundary(network));
            using TrainingSet kept = TrainingSet.Read(Activations.Source(network), Clips(), 1 << 30, 20_000);
            using TrainingSet samples = TrainingSet.Read(null, Clips(), 1 << 30, 20_000);
            // The shorter clip is padded; together they are in another batch than where the frames were kept.
            Dictionary<string, Tensor> expected = Gradients(network, samples, masked);
            // The gradient of a key's bias is 0 but for rounding.
            double all = expected.Where(e => e.Key != Outputs).Max(e => e.Value.abs().max().item<float>());
            foreach ((string name, Tensor got) in Gradients(network, kept, masked))
            {
                double scale = expected[name].abs().max().item<float>();
                Assert.IsLessThanOrEqualTo(
                    (Tolerance * scale) + (1e-7 * all), (got - expected[name]).abs().max().item<float>(), name);
            }
        }
    }

    [TestMethod]
    public void Fit_SpecAugment_LearnsFromKeptFramesAndJudgesWithoutMasks()
    {
        SpeechClassificationOptions options = TrainingRuns.Options();
        (options.SpecAugment, options.Freezing, options.Epochs) = (s_masks, LayerFreezing.Half, 2);
        using var folder = new Scratch();
        options.Cache.Folder = folder.Folder;
        byte[] first = TrainingRuns.Fit(options);
        int files = Directory.GetFiles(folder.Folder).Length;
        Assert.IsGreaterThan(0, files);
        CollectionAssert.AreEqual(first, TrainingRuns.Fit(options));
        Assert.HasCount(files, Directory.GetFiles(folder.Folder));
    }

    [TestMethod]
    public void Fit_OtherLayersTrain_FindsTheFramesOfTheSameConvolutions()
    {
        using var folder = new Scratch();
        SpeechClassificationOptions options = TrainingRuns.Options();
        (options.Freezing, options.Epochs, options.Cache.Folder) = (LayerFreezing.Auto, 1, folder.Folder);
        _ = TrainingRuns.Fit(options);
        string[] files = Directory.GetFiles(folder.Folder);
        Assert.IsGreaterThan(0, files.Length);
        options.Freezing = LayerFreezing.Optional;
        byte[] found = TrainingRuns.Fit(options);
        CollectionAssert.AreEquivalent(files, Directory.GetFiles(folder.Folder));
        options.Cache.Folder = "";
        CollectionAssert.AreEqual(found, TrainingRuns.Fit(options));
    }

    private static Dictionary<string, Tensor> Gradients(SpeechNetwork network, TrainingSet set, bool masked)
    {
        Batch batch = set.Batch([0, 1], CPU);
        Tensor outputs = network.Forward(batch, masked ? new FeatureMasking(s_masks, 5) : null);
        network.zero_grad();
        outputs.square().sum().backward();
        var all = network.named_parameters().Where(p => p.parameter.grad is not null)
            .ToDictionary(p => p.name, p => p.parameter.grad!.clone());
        Assert.IsTrue(all.Keys.Any(n => n.Contains("feature_projection", StringComparison.Ordinal)));
        all[Outputs] = outputs.detach();
        return all;
    }

    private static IEnumerable<(float[] Samples, float[] Targets)> Clips()
    {
        yield return (TinyEncoders.Clip(9000, 1), [0]);
        yield return (TinyEncoders.Clip(16000, 2), [1]);
    }

    private static SpeechNetwork Network(string folder)
    {
        SpeechEncoder encoder = EncoderLoader.Load(folder);
        FramePooling pooling = SpeechPooling.Create(SpeechPooling.Mean, encoder.Config.HiddenSize, 0);
        var network = new SpeechNetwork(
            encoder, LayerSelection.Parse(EncoderLayers.Last), new LayerMix(LayerCombination.Mean, 1), pooling,
            new LinearHead(pooling.OutputSize, 2, new HeadOptions(), 1));
        network.eval();
        return network;
    }
}
