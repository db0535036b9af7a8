using SpeechML.Encoders.Families.Sew;
using SpeechML.Encoders.Families.Ssl;
using SpeechML.Encoders.Kernels;
using SpeechML.Encoders.Layers;
using SpeechML.TrainingSupport;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Tests;

/// <summary>Arithmetic of our own against torch's.</summary>
[TestClass]
[DoNotParallelize] // the switches are static
public sealed class FastPathTests : SmallProductTests
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
    [DataRow(128, 2, 300)]
    [DataRow(128, 2, 129)]
    [DataRow(64, 3, 3)]
    [DataRow(63, 2, 200)]
    [DataRow(63, 3, 64)]
    public void SqueezingConvolution_BySpectrum_AsConv1d(int taps, int squeeze, int frames)
    {
        using var encoder = (SewEncoder)EncoderLoader.Create(TinyEncoders.Config(
            "sew", ("num_conv_pos_embeddings", taps), ("squeeze_factor", squeeze)));
        TinyEncoders.FillAtRandom(encoder);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        Tensor hidden = randn(2, frames, encoder.Config.HiddenSize);
        Tensor fast = encoder.Transformer.Positions.Run(hidden);
        FastPaths.PositionalConvolution = false;
        try
        {
            Tensor plain = encoder.Transformer.Positions.Run(hidden);
            CollectionAssert.AreEqual(plain.shape, fast.shape);
            AssertClose(plain, fast);
        }
        finally
        {
            FastPaths.PositionalConvolution = true;
        }
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
    public void PositionalConvolution_FirstCallsOfSeveralThreads_AsOfOne()
    {
        const int Threads = 4, Encoders = 20;
        for (int k = 0; k < Encoders; k++)
        {
            using SslEncoder encoder = Encoder(128);
            using DisposeScope scope = NewDisposeScope();
            using IDisposable noGrad = no_grad();
            Tensor hidden = randn(1, 20, 16);
            using var start = new Barrier(Threads);
            Task<float[]>[] runs = [.. Enumerable.Range(0, Threads).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    using DisposeScope own = NewDisposeScope();
                    using IDisposable still = no_grad();
                    start.SignalAndWait();
                    return encoder.Transformer.Positions.Run(hidden, null).contiguous().data<float>().ToArray();
                },
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
            Task.WaitAll(runs);
            float[] expected = encoder.Transformer.Positions.Run(hidden, null).contiguous().data<float>().ToArray();
            foreach (Task<float[]> run in runs)
            {
                CollectionAssert.AreEqual(expected, run.Result);
            }
        }
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
            double both = Enumerable.Range(0, Count - lag)
                .Count(i => values[i] == 0 && values[i + lag] == 0) / (double)(Count - lag);
            Assert.AreEqual(probability * probability, both, 2 * allowed, $"lag {lag}");
        }
    }

    [TestMethod]
    public void Dropout_Gradient_HasTheMaskOfTheForwardPass()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor input = randn(3, 50_000).transpose(0, 1).requires_grad_();
        Tensor factors = randn(50_000, 3);
        // Gradients that an earlier test's step returned go at the next one.
        ReturnedGradients.Release();
        long before = LiveTensors.Count();
        using (DisposeScope step = NewDisposeScope())
        {
            Tensor output = TensorMath.Dropout(input, 0.3, training: true);
            Tensor mask = output.detach().ne(0.0.ToScalar()).to(ScalarType.Float32) / 0.7.ToScalar();
            AssertClose(input.detach() * mask, output.detach());
            (output * factors).sum().backward();
            ReturnedGradients.Release();
            AssertClose(factors * mask, input.grad!);
        }
        Assert.AreEqual(before, LiveTensors.Count(), "TorchSharp counts handles: the gradient itself is the input's");
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

    [TestMethod]
    [DataRow(1, 3, 5)]
    [DataRow(37, 24, 40)]
    [DataRow(300, 96, 64)]
    public void Linear_ByOneDnn_AsTorch(int rows, int inputs, int outputs)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = manual_seed(2);
        foreach (bool transposed in new[] { false, true })
        {
            Tensor input = transposed ? randn(2, inputs, rows).transpose(1, 2) : randn(2, rows, inputs);
            Tensor weight = randn(outputs, inputs), bias = randn(outputs);
            AssertClose(nn.functional.linear(input, weight, bias), MatrixProducts.Linear(input, weight, bias));
            AssertClose(nn.functional.linear(input, weight), MatrixProducts.Linear(input, weight));
            AssertClose(nn.functional.linear(input, weight, bias).gelu(),
                MatrixProducts.LinearGelu(input, weight, bias));
        }
    }

    [TestMethod]
    [DataRow(true, true)]
    [DataRow(true, false)]
    [DataRow(false, true)]
    public void Linear_Gradients_AsTorch(bool inputLearns, bool weightLearns)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = manual_seed(3);
        Tensor x = randn(2, 31, 24), w = randn(40, 24), b = randn(40), r = randn(2, 31, 40);
        Tensor[] plain = Gradients(false), fast = Gradients(true);
        Assert.HasCount(1 + (inputLearns ? 1 : 0) + (weightLearns ? 2 : 0), plain);
        foreach ((Tensor expected, Tensor got) in plain.Zip(fast))
        {
            AssertClose(expected, got);
        }

        Tensor[] Gradients(bool products)
        {
            FastPaths.Products = products;
            try
            {
                Tensor input = x.clone().requires_grad_(inputLearns), weight = w.clone().requires_grad_(weightLearns),
                    bias = b.clone().requires_grad_(weightLearns);
                Tensor output = MatrixProducts.Linear(input, weight, bias);
                // Twice: the second gradient is added to the first, whose graph is another.
                (output * r).sum().backward();
                (MatrixProducts.Linear(input, weight, bias).pow(2.0.ToScalar()) * r).sum().backward();
                return [output.detach(), .. new[] { input.grad, weight.grad, bias.grad }.OfType<Tensor>()];
            }
            finally
            {
                FastPaths.Products = true;
            }
        }
    }

    [TestMethod]
    public void Batched_Gradients_AsTorch()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = manual_seed(4);
        Tensor x = randn(2, 17, 3, 8), y = randn(2, 17, 3, 8), r = randn(2, 3, 17, 17);
        Tensor[] plain = Gradients(false), fast = Gradients(true);
        foreach ((Tensor expected, Tensor got) in plain.Zip(fast))
        {
            AssertClose(expected, got);
        }

        Tensor[] Gradients(bool products)
        {
            FastPaths.Products = products;
            try
            {
                Tensor query = x.clone().requires_grad_(), key = y.clone().requires_grad_();
                Tensor scores = MatrixProducts.Batched(query.transpose(1, 2), key.transpose(1, 2).transpose(2, 3));
                (scores * r).sum().backward();
                return [scores.detach(), query.grad!, key.grad!];
            }
            finally
            {
                FastPaths.Products = true;
            }
        }
    }

    [TestMethod]
    [DataRow(2, 3, 40)]
    [DataRow(1, 1, 2100)] // two parts of the queries of each head
    [DataRow(2, 2, 1100)] // three heads at a time, which do not divide the heads
    public void Attention_ByOneDnn_AsTorch(int batch, int heads, int frames)
    {
        if (!OneDnn.IsAvailable)
        {
            Assert.Inconclusive("libtorch's oneDNN is not used on this processor.");
        }
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = manual_seed(5);
        Tensor Heads() => randn(batch, frames, heads, 8).transpose(1, 2);
        Tensor query = Heads(), key = Heads(), value = Heads();
        Tensor bias = randn(batch, heads, frames, frames);
        Tensor mask = zeros(batch, 1, 1, frames);
        mask.narrow(0, 0, 1).narrow(3, frames - 7, 7).fill_(float.NegativeInfinity.ToScalar());
        Assert.IsTrue(MatrixProducts.CanAttend(query));
        AssertClose(nn.functional.scaled_dot_product_attention(query, key, value),
            MatrixProducts.Attention(query, key, value, null, null));
        AssertClose(nn.functional.scaled_dot_product_attention(query, key, value, mask),
            MatrixProducts.Attention(query, key, value, null, mask));
        Tensor both = bias + mask;
        AssertClose(nn.functional.scaled_dot_product_attention(query, key, value, bias),
            MatrixProducts.Attention(query, key, value, bias.clone(), null));
        AssertClose(nn.functional.scaled_dot_product_attention(query, key, value, both),
            MatrixProducts.Attention(query, key, value, bias.clone(), mask));
    }

    private static SslEncoder Encoder(int taps)
    {
        var encoder = (SslEncoder)EncoderLoader.Create(
            TinyEncoders.Config("hubert", ("num_conv_pos_embeddings", taps)));
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
