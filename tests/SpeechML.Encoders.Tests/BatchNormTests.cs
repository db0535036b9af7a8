using System.Text.Json;
using SpeechML.Encoders.Families.Ssl;
using SpeechML.TrainingSupport;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Tests;

/// <summary>
/// Batch norms that train go by their batch, as in PyTorch, but for frames of padding; the others by what is stored.
/// </summary>
[TestClass]
public sealed class BatchNormTests
{
    private const int Channels = 16; // of the tiny encoder

    public static IEnumerable<object[]> Trained() => EncoderCases.All()
        .Where(c => !Equals(c[0], EncoderCases.Absent) && IsTrained((string)c[0]))
        .DefaultIfEmpty([EncoderCases.Absent]);

    [TestMethod]
    [TestCategory("Golden")]
    [DynamicData(nameof(Trained))]
    public void Encode_TrainingMode_StatisticsOfTheClipAsReference(string name)
    {
        using var small = new SmallProducts();
        using SpeechEncoder encoder = EncoderLoader.Load(EncoderCases.Folder(name));
        using GoldenTensors golden = EncoderCases.Open(name);
        JsonElement facts = EncoderCases.Facts(name);
        (double rtol, double atol) = EncoderCases.Activations(facts);
        using DisposeScope scope = NewDisposeScope();
        foreach (FrameBatchNorm norm in encoder.modules().OfType<FrameBatchNorm>())
        {
            norm.train(); // the reference has no dropout
        }
        EncoderInput input = encoder.Prepare([golden.Waveform("clip0.waveform")]);
        input.Values.requires_grad = true;
        Tensor last = encoder.Encode(input).LastHiddenState!;
        golden.AreClose("train.last", last[0], rtol, atol);
        (last * golden.Read("R")).sum().backward();
        golden.IsGradientClose("train.grad.input", input.Values.grad![0], EncoderCases.Gradients(facts));
        Dictionary<string, Tensor> state = encoder.state_dict();
        string[] buffers = [.. golden.Names.Where(n => n.Contains(".running_", StringComparison.Ordinal))];
        Assert.IsNotEmpty(buffers);
        foreach (string buffer in buffers)
        {
            golden.AreClose(buffer, state[EncoderCases.Own(buffer["train.".Length..], facts)], rtol, atol);
        }
    }

    [TestMethod]
    public void Run_PaddedBatch_StatisticsOfValidFrames()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor values = rand(2, Channels, 5, generator: new Generator(1));
        Tensor padded = tensor([false, false, false, false, false, false, false, true, true, true]).view(2, 5, 1);
        using SpeechEncoder encoder = TinyEncoders.Create("wav2vec2-conformer");
        FrameBatchNorm norm = Norm(encoder, out Dictionary<string, Tensor> state);
        norm.train();
        Tensor actual = norm.Run(values, padded);
        Tensor valid = cat([values[0], values[1].narrow(1, 0, 2)], 1);
        Tensor mean = zeros(Channels), variance = ones(Channels);
        Tensor expected = nn.functional.batch_norm(valid.t(), mean, variance, state["weight"], state["bias"],
            training: true);
        GoldenTensors.AssertClose("first", expected.narrow(0, 0, 5).t(), actual[0], 0, 1e-6);
        GoldenTensors.AssertClose("second", expected.narrow(0, 5, 2).t(), actual[1].narrow(1, 0, 2), 0, 1e-6);
        GoldenTensors.AssertClose("mean", mean, state["running_mean"], 0, 1e-6);
        GoldenTensors.AssertClose("variance", variance, state["running_var"], 0, 1e-6);
        Assert.AreEqual(1L, state["num_batches_tracked"].item<long>());
    }

    [TestMethod]
    public void Run_WithoutGradientsOrEvaluation_StatisticsStay()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor values = rand(2, Channels, 5, generator: new Generator(1));
        using SpeechEncoder encoder = TinyEncoders.Create("wav2vec2-conformer");
        FrameBatchNorm norm = Norm(encoder, out Dictionary<string, Tensor> state);
        norm.train();
        using (no_grad())
        {
            // As when a layer is to be computed again: the batch's statistics, which move nothing yet.
            GoldenTensors.AssertClose("mean", zeros(Channels), norm.Run(values, null).mean([0, 2]), 0, 1e-6);
        }
        norm.eval();
        GoldenTensors.AssertClose("stored", values / Math.Sqrt(1 + 1e-5), norm.Run(values, null), 0, 1e-6);
        norm.train();
        GoldenTensors.AssertClose("one frame", values.narrow(2, 0, 1).narrow(0, 0, 1) / Math.Sqrt(1 + 1e-5),
            norm.Run(values.narrow(2, 0, 1).narrow(0, 0, 1), null), 0, 1e-6);
        GoldenTensors.AssertClose("mean", zeros(Channels), state["running_mean"], 0, 0);
        GoldenTensors.AssertClose("variance", ones(Channels), state["running_var"], 0, 0);
        Assert.AreEqual(0L, state["num_batches_tracked"].item<long>());
    }

    /// <summary>A norm that changes nothing yet.</summary>
    private static FrameBatchNorm Norm(SpeechEncoder encoder, out Dictionary<string, Tensor> state)
    {
        FrameBatchNorm norm = encoder.modules().OfType<FrameBatchNorm>().First();
        state = norm.state_dict();
        using IDisposable still = no_grad();
        foreach ((string name, Tensor value) in state)
        {
            _ = name is "weight" or "running_var" ? value.fill_(1) : value.zero_();
        }
        return norm;
    }

    private static bool IsTrained(string name)
    {
        using GoldenTensors golden = EncoderCases.Open(name);
        return golden.Has("train.last");
    }
}
