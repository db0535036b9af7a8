using SpeechML.Encoders.Layers;
using SpeechML.Model.Heads;
using SpeechML.TestSupport;
using SpeechML.Tests.Trainers;
using SpeechML.TrainingSupport;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Tests.Heads;

[TestClass]
public sealed class FrameTransformerTests
{
    private static readonly HeadOptions s_options = new() { FrameLayers = 2, FrameAttentionHeads = 4 };

    [TestMethod]
    public void Run_PaddedBatch_EachClipAsAlone()
    {
        using var head = new FrameTransformer(32, s_options, 1);
        using DisposeScope scope = NewDisposeScope();
        long[] lengths = [4, 9, 1];
        using var generator = new Generator(3);
        Tensor frames = randn([3, 9, 32], generator: generator).requires_grad_();
        Tensor together = head.Run(frames, FrameMask.Keys(lengths, frames));
        for (int i = 0; i < lengths.Length; i++)
        {
            Tensor alone = head.Run(frames.narrow(0, i, 1).narrow(1, 0, lengths[i]), null);
            GoldenTensors.AssertClose($"clip {i}", alone[0], together[i].narrow(0, 0, lengths[i]), 1e-5, 1e-6);
        }
        // Valid frames of the first clip depend on no padding.
        together[0].narrow(0, 0, 4).sum().backward();
        Assert.AreEqual(0, frames.grad![0].narrow(0, 4, 5).count_nonzero().item<long>());
    }

    [TestMethod]
    public void Create_SameSeed_SameWeightsWhateverWasDrawnBefore()
    {
        using var one = new FrameTransformer(8, s_options, 5);
        using (manual_seed(99))
        {
            using Tensor drawn = rand(10);
        }
        using var two = new FrameTransformer(8, s_options, 5);
        using var other = new FrameTransformer(8, s_options, 6);
        foreach ((string name, TorchSharp.Modules.Parameter parameter) in one.named_parameters())
        {
            GoldenTensors.AssertClose(name, parameter, two.get_parameter(name)!, 0, 0);
        }
        Assert.IsTrue(one.named_parameters().Any(p => !p.parameter.Equals(other.get_parameter(p.name)!)));
    }

    [TestMethod]
    public void Create_HeadsThatDoNotDivide_Refused()
    {
        ArgumentException error = Assert.ThrowsExactly<ArgumentException>(() => new FrameTransformer(30, s_options, 1));
        Assert.AreEqual(
            "Option Head.FrameAttentionHeads: expected a divisor of 30, the size of a frame's vector, got '4'.",
            error.Message);
    }

    [TestMethod]
    [DataRow("whisper-80", LayerFreezing.All, nameof(SpeechPooling.Mean), "1,2")]
    [DataRow("hubert-base-like", LayerFreezing.Half, nameof(SpeechPooling.Attention), EncoderLayers.Last)]
    public void Fit_FrameTransformer_LearnsAndSurvivesItsZip(
        string encoder, string freezing, string pooling, string layers) =>
        CombinationTests.AssertLearnsAndSurvivesItsZip(new SpeechClassificationOptions
        {
            Encoder = RepositoryFiles.TinyEncoder(encoder),
            Freezing = freezing,
            Pooling = pooling,
            Layers = layers,
            Head = new HeadOptions { FrameLayers = 1, FrameAttentionHeads = 2, HiddenLayers = 1 },
        }, headRate: 5e-3);
}
