using SpeechML.Encoders;
using SpeechML.Model;
using SpeechML.Model.Heads;
using SpeechML.Model.Pooling;
using SpeechML.TestSupport;
using SpeechML.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Tests.Training;

/// <summary>Layer-wise decay of the encoder's rate.</summary>
[TestClass]
public sealed class LayerDecayTests
{
    [TestMethod]
    [DataRow("hubert-base-like")]
    [DataRow("whisper-80")]
    public void Step_LayerDecay_EachLayerMovesByItsShareOfTheRate(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        using SpeechEncoder encoder =
            EncoderLoader.Load(RepositoryFiles.TinyEncoder(name), context: WhisperContext.Trimmed);
        FramePooling pooling = SpeechPooling.Create(SpeechPooling.Mean, encoder.Config.HiddenSize, 0);
        using var network = new SpeechNetwork(
            encoder, LayerSelection.Parse(EncoderLayers.Last), new LayerMix(LayerCombination.Mean, 1), pooling,
            new LinearHead(pooling.OutputSize, 2, new HeadOptions(), 1));
        var options = new SpeechTrainingOptions
        {
            Encoder = "tiny",
            Freezing = LayerFreezing.None,
            Optimizer = { LayerDecay = 0.5, WeightDecay = 0, ClipNorm = 0 },
            EncoderLearningRate = 1e-3,
            HeadLearningRate = 1e-2,
            Schedule = { Decay = LearningRateDecay.Constant, WarmupRatio = 0 },
        };
        EncoderFreezing.Apply(network, options);
        Dictionary<string, Tensor> before = network.named_parameters()
            .ToDictionary(p => p.name, p => p.parameter.detach().clone());
        using var optimizer = new TrainingOptimizer(network, options, 1, 1);
        foreach ((_, TorchSharp.Modules.Parameter parameter) in network.named_parameters())
        {
            parameter.grad = ones_like(parameter);
        }
        optimizer.Step(0, ones([], float64));
        EncoderParameterGroups groups = encoder.Config.Groups;
        int top = encoder.BuiltLayers - 1;
        foreach ((string parameter, TorchSharp.Modules.Parameter now) in network.named_parameters())
        {
            string inner = parameter.StartsWith("encoder.", StringComparison.Ordinal) ? parameter["encoder.".Length..]
                : "";
            int layer = EncoderParameterGroups.Contains(groups.FinalNorm, inner) ? top : groups.LayerOf(inner);
            // Adam's first step moves every number by the rate, whatever the gradient's size.
            double expected = inner.Length == 0 ? 1e-2 : 1e-3 * Math.Pow(0.5, top - layer);
            Assert.AreEqual(expected, (before[parameter] - now).mean().item<float>(), expected * 1e-2, parameter);
        }
        Assert.AreEqual(1e-3, optimizer.EncoderLearningRate);
        Assert.AreEqual(1e-2, optimizer.HeadLearningRate);
    }
}
