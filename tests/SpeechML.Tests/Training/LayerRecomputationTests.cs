using SpeechML.Model;
using SpeechML.Model.Heads;
using SpeechML.Model.Pooling;
using SpeechML.TestSupport;
using SpeechML.Training;
using SpeechML.Training.Losses;
using SpeechML.TrainingSupport;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Tests.Training;

/// <summary>Layers computed again in the backward pass give the gradients of the plain one.</summary>
[TestClass]
public sealed class LayerRecomputationTests
{
    public static IEnumerable<object[]> Cases()
    {
        foreach (string name in new[] { "hubert-base-like", "whisper-80" })
        {
            foreach ((string layers,
                LayerCombination combination) in new[] { (EncoderLayers.Last, LayerCombination.Mean),
                ("1,2", LayerCombination.WeightedSum), ("all", LayerCombination.Concatenate) })
            {
                foreach (string freezing in new[] { LayerFreezing.None, LayerFreezing.Optional,
                    LayerFreezing.ExcludeLast })
                {
                    yield return [name, layers, combination, freezing];
                }
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Backward_WithoutDropout_GradientsOfThePlainPass(
        string name, string layers, LayerCombination combination, string freezing)
    {
        using DisposeScope scope = NewDisposeScope();
        using SpeechNetwork network = Network(name, layers, combination);
        EncoderFreezing.Apply(network, new SpeechTrainingOptions { Freezing = freezing });
        network.eval();
        (LossParts plain, Dictionary<string, Tensor> expected) = Gradients(network, batch =>
        {
            LossParts parts = Loss(network.Forward(batch));
            parts.Sum.backward();
            return parts;
        });
        (LossParts recomputed, Dictionary<string, Tensor> actual) =
            Gradients(network, batch => LayerRecomputation.Backward(network, batch, null, 1, Loss));
        Assert.AreEqual(plain.Sum.item<float>(), recomputed.Sum.item<float>(), 1e-5);
        CollectionAssert.AreEquivalent(expected.Keys, actual.Keys);
        Assert.AreNotEqual(0, expected.Count);
        double largest = expected.Values.Max(g => g.abs().max().item<float>());
        foreach ((string parameter, Tensor gradient) in expected)
        {
            GoldenTensors.AssertClose(parameter, gradient, actual[parameter], 1e-4, 1e-5 * largest);
        }
    }

    [TestMethod]
    [DataRow("hubert-base-like", SpeechPrecision.BFloat16, 1)]
    [DataRow("whisper-80", SpeechPrecision.BFloat16, 1)]
    [DataRow("hubert-base-like", SpeechPrecision.Float16, 1024)]
    [DataRow("whisper-80", SpeechPrecision.Float16, 1024)]
    public void Backward_ReducedPrecision_GradientsOfThePlainPassTimesTheScale(
        string name, SpeechPrecision precision, int scale)
    {
        using DisposeScope scope = NewDisposeScope();
        using SpeechNetwork network = Network(name, "1,2", LayerCombination.WeightedSum);
        EncoderFreezing.Apply(network, new SpeechTrainingOptions { Freezing = LayerFreezing.Optional });
        TrainingPrecision.Apply(network, precision);
        network.eval();
        (LossParts plain, Dictionary<string, Tensor> expected) = Gradients(network, batch =>
        {
            LossParts parts = Loss(network.Forward(batch));
            parts.Sum.backward();
            return parts;
        });
        (LossParts recomputed, Dictionary<string, Tensor> actual) =
            Gradients(network, batch => LayerRecomputation.Backward(network, batch, null, 1, Loss, scale));
        Assert.AreEqual(plain.Sum.item<float>(), recomputed.Sum.item<float>());
        CollectionAssert.AreEquivalent(expected.Keys, actual.Keys);
        double apart = Math.Sqrt(expected.Sum(g => Squares(g.Value - (actual[g.Key] / scale)))
            / expected.Sum(g => Squares(g.Value)));
        Assert.IsLessThan(2e-2, apart);

        static double Squares(Tensor tensor) => tensor.pow(2).sum().item<float>();
    }

    [TestMethod]
    public void Backward_Dropout_ALayerComputedAgainDropsTheSame()
    {
        using DisposeScope scope = NewDisposeScope();
        using SpeechNetwork network = Network("hubert-base-like", EncoderLayers.Last, LayerCombination.Mean);
        EncoderFreezing.Apply(network, new SpeechTrainingOptions { Freezing = LayerFreezing.Optional });
        network.TrainUnfrozen();
        // The loss along the gradient, under the same dropout: its slope is the gradient's norm only where forward and
        // recomputation drop alike.
        (LossParts loss, Dictionary<string, Tensor> gradients) =
            Gradients(network, batch => LayerRecomputation.Backward(network, batch, null, 5, Loss));
        double norm = Math.Sqrt(gradients.Values.Sum(g => g.pow(2).sum().item<float>()));
        double Moved(double by)
        {
            using (no_grad())
            {
                foreach ((string name, TorchSharp.Modules.Parameter parameter) in network.named_parameters()
                    .Where(p => gradients.ContainsKey(p.name)))
                {
                    parameter.add_(gradients[name], alpha: by / norm);
                }
            }
            return Gradients(network,
                batch => LayerRecomputation.Backward(network, batch, null, 5, Loss)).Parts.Sum.item<float>();
        }
        const double Step = 2e-3;
        double slope = (Moved(Step) - Moved(-2 * Step)) / (2 * Step);
        Assert.AreEqual(norm, slope, 0.03 * norm, $"loss {loss.Sum.item<float>()}");
    }

    [TestMethod]
    public void Fit_Recomputed_LearnsAndLeavesNoTensorBehind()
    {
        SpeechClassificationOptions options = TrainingRuns.Options();
        options.RecomputeActivations = true;
        byte[] first = TrainingRuns.Fit(options);
        long before = LiveTensors.Count();
        byte[] second = TrainingRuns.Fit(options);
        long parameters = LiveTensors.Count() - before;
        CollectionAssert.AreEqual(first, second);
        // One count for each parameter made stays, as after every fit (see MemoryTests): not one per step.
        TrainingRuns.Fit(options);
        Assert.AreEqual(before + (2 * parameters), LiveTensors.Count());
        options.Epochs *= 2;
        TrainingRuns.Fit(options);
        Assert.AreEqual(before + (3 * parameters), LiveTensors.Count());
    }

    private static LossParts Loss(Tensor output) =>
        new CrossEntropyLoss().ComputeParts(output, tensor(new float[] { 0, 1 }));

    private static (LossParts Parts, Dictionary<string, Tensor> Gradients) Gradients(
        SpeechNetwork network, Func<Batch, LossParts> backward)
    {
        foreach ((_, TorchSharp.Modules.Parameter parameter) in network.named_parameters())
        {
            parameter.grad = null;
        }
        using (manual_seed(3))
        {
            LossParts parts = backward(Batch.Of([TinyEncoders.Clip(4000, 1), TinyEncoders.Clip(7000, 2)]));
            return (parts, network.named_parameters().Where(p => p.parameter.grad is not null)
                .ToDictionary(p => p.name, p => p.parameter.grad!.clone()));
        }
    }

    private static SpeechNetwork Network(string name, string layers, LayerCombination combination)
    {
        SpeechEncoder encoder = EncoderLoader.Load(RepositoryFiles.TinyEncoder(name), context: WhisperContext.Trimmed);
        LayerSelection selection = LayerSelection.Parse(layers).Resolve(encoder.Config.LayerCount);
        var mix = new LayerMix(combination, selection.Count);
        FramePooling pooling = SpeechPooling.Create(SpeechPooling.Attention, encoder.Config.HiddenSize * mix.Width, 0);
        return new SpeechNetwork(
            encoder, selection, mix, pooling, new LinearHead(pooling.OutputSize, 2, new HeadOptions(), 1));
    }
}
