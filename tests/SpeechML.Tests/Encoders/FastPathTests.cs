using SpeechML.Encoders;
using SpeechML.Encoders.Blocks;
using SpeechML.Encoders.Ssl;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Tests.Encoders;

/// <summary>Arithmetic of our own against torch's.</summary>
[TestClass]
[DoNotParallelize] // the switches are static
public sealed class FastPathTests
{
    [TestMethod]
    [DataRow(128, 1)]
    [DataRow(128, 129)]
    [DataRow(128, 300)]
    [DataRow(63, 200)]
    public void PositionalConvolution_BySpectrum_AsConv1d(int taps, int frames)
    {
        using SslEncoder encoder = Encoder(taps);
        using DisposeScope scope = NewDisposeScope();
        foreach (TorchSharp.Modules.Parameter parameter in encoder.parameters())
        {
            parameter.requires_grad = false;
        }
        (Tensor fast, Tensor fastGradient) = Run(encoder, frames, true);
        (Tensor plain, Tensor plainGradient) = Run(encoder, frames, false);
        AssertClose(plain, fast);
        AssertClose(plainGradient, fastGradient);
    }

    [TestMethod]
    public void PositionalConvolution_WeightsOverwritten_NewSpectrum()
    {
        using SslEncoder encoder = Encoder(128);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor hidden = randn(1, 20, 16);
        Tensor before = encoder.Transformer.Positions.Run(hidden, null);
        Tensor gain = encoder.state_dict()["encoder.pos_conv_embed.conv.parametrizations.weight.original0"];
        gain.narrow(2, 64, 1).mul_(2.0.ToScalar());
        Tensor after = encoder.Transformer.Positions.Run(hidden, null);
        FastPaths.PositionalConvolution = false;
        try
        {
            AssertClose(encoder.Transformer.Positions.Run(hidden, null), after);
        }
        finally
        {
            FastPaths.PositionalConvolution = true;
        }
        Assert.IsFalse(after.allclose(before));
    }

    [TestMethod]
    [DataRow(0.1)]
    [DataRow(0.5)]
    public void Dropout_OwnMask_ShareAndScaleAsAsked(double probability)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = manual_seed(3);
        const int Count = 1_000_003; // several blocks, and a rest that fills no vector
        float[] values = TensorMath.Dropout(ones(Count), probability, training: true).data<float>().ToArray();
        float kept = (float)(1 / (1 - probability));
        Assert.IsTrue(Array.TrueForAll(values, v => v == 0 || v == kept));
        double dropped = values.Count(v => v == 0) / (double)Count;
        // Five standard deviations of a binomial share.
        double allowed = 5 * Math.Sqrt(probability * (1 - probability) / Count);
        Assert.AreEqual(probability, dropped, allowed);
        // Neighbours, and the same place of successive blocks, are independent.
        foreach (int lag in new[] { 1, 8, 1 << 17 })
        {
            double both = Enumerable.Range(0, Count - lag).Count(i => values[i] == 0 && values[i + lag] == 0) / (double)(Count - lag);
            Assert.AreEqual(probability * probability, both, 2 * allowed, $"lag {lag}");
        }
    }

    [TestMethod]
    public void Dropout_SameSeed_SameMaskWhateverTheThreads()
    {
        using DisposeScope scope = NewDisposeScope();
        int threads = get_num_threads();
        Tensor Draw(long seed)
        {
            using Generator generator = manual_seed(seed);
            return TensorMath.Dropout(ones(500_000), 0.1, training: true);
        }
        Tensor first = Draw(5);
        Tensor other = Draw(6);
        try
        {
            set_num_threads(1);
            Assert.IsTrue(first.data<float>().ToArray().AsSpan().SequenceEqual(Draw(5).data<float>().ToArray()));
        }
        finally
        {
            set_num_threads(threads);
        }
        Assert.IsFalse(first.data<float>().ToArray().AsSpan().SequenceEqual(other.data<float>().ToArray()));
    }

    private static SslEncoder Encoder(int taps)
    {
        var encoder = (SslEncoder)EncoderLoader.Create(TinyEncoders.Config("hubert", ("num_conv_pos_embeddings", taps)));
        TinyEncoders.FillAtRandom(encoder);
        return encoder;
    }

    private static (Tensor Output, Tensor Gradient) Run(SslEncoder encoder, int frames, bool fast)
    {
        FastPaths.PositionalConvolution = fast;
        try
        {
            using Generator generator = manual_seed(1);
            Tensor hidden = randn(2, frames, encoder.Config.HiddenSize, requires_grad: true);
            Tensor output = encoder.Transformer.Positions.Run(hidden, null);
            (output * randn(output.shape)).sum().backward();
            return (output.detach(), hidden.grad!);
        }
        finally
        {
            FastPaths.PositionalConvolution = true;
        }
    }

    private static void AssertClose(Tensor expected, Tensor got)
    {
        CollectionAssert.AreEqual(expected.shape, got.shape);
        float largest = expected.abs().max().item<float>();
        float difference = (expected - got).abs().max().item<float>();
        Assert.IsLessThanOrEqualTo(1e-5f * largest, difference);
    }
}
