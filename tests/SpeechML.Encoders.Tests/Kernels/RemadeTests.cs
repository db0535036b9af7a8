using SpeechML.Encoders.Kernels;
using SpeechML.TrainingSupport;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Tests.Kernels;

/// <summary>Factors of products that are not kept for the backward pass but made again.</summary>
[TestClass]
public sealed class RemadeTests : SmallProductTests
{
    [TestMethod]
    [DataRow(true, 0.0)]
    [DataRow(true, 0.3)]
    [DataRow(false, 0.3)]
    public void Linear_FactorMadeAgain_GradientsToTheBitAndTheFactorIsNotRead(bool gelu, double probability)
    {
        NeedsOneDnn();
        using DisposeScope scope = NewDisposeScope();
        float[][] kept = Run(remake: false), remade = Run(remake: true);
        for (int i = 0; i < kept.Length; i++)
        {
            CollectionAssert.AreEqual(kept[i], remade[i]);
        }

        float[][] Run(bool remake)
        {
            using DisposeScope inner = NewDisposeScope();
            using Generator generator = manual_seed(3);
            Tensor given = randn(2, 7, 20).requires_grad_(), weight = randn(9, 20).requires_grad_(),
                bias = randn(9).requires_grad_();
            Tensor source = given.mul(2.0.ToScalar());
            Tensor factor = gelu ? source.gelu() : source;
            factor = probability > 0 ? DropoutFunction.Apply(factor, 5, probability) : factor;
            ulong? key = probability > 0 ? 5 : null;
            Tensor output = MatrixProducts.Linear(
                factor, weight, bias, remake ? new Remade(source, gelu, key, probability) : null);
            if (remake)
            {
                using IDisposable still = no_grad();
                _ = factor.detach().fill_(float.NaN);
            }
            output.pow(2.0.ToScalar()).sum().backward();
            ReturnedGradients.Release();
            return [.. new[] { given, weight, bias }.Select(t => t.grad!.contiguous().data<float>().ToArray())];
        }
    }

    [TestMethod]
    public void Batched_FactorMadeAgain_GradientsToTheBitAndTheFactorIsNotRead()
    {
        NeedsOneDnn();
        using DisposeScope scope = NewDisposeScope();
        float[][] kept = Run(remake: false), remade = Run(remake: true);
        for (int i = 0; i < kept.Length; i++)
        {
            CollectionAssert.AreEqual(kept[i], remade[i]);
        }

        static float[][] Run(bool remake)
        {
            using DisposeScope inner = NewDisposeScope();
            using Generator generator = manual_seed(3);
            Tensor scores = randn(2, 3, 6, 6).requires_grad_(), values = randn(2, 3, 6, 4).requires_grad_();
            Tensor source = scores.softmax(-1);
            Tensor factor = DropoutFunction.Apply(source, 5, 0.25);
            Tensor output = MatrixProducts.Batched(factor, values, remake ? new Remade(source, false, 5, 0.25) : null);
            if (remake)
            {
                using IDisposable still = no_grad();
                _ = factor.detach().fill_(float.NaN);
            }
            output.pow(2.0.ToScalar()).sum().backward();
            ReturnedGradients.Release();
            return [.. new[] { scores, values }.Select(t => t.grad!.contiguous().data<float>().ToArray())];
        }
    }

    /// <summary>Layers give the products what their factors were made of, with and without dropout.</summary>
    [TestMethod]
    [DynamicData(nameof(TinyEncoders.Names), typeof(TinyEncoders))]
    public void Backward_OfLayers_AsWithoutOurProducts(string name)
    {
        float[] Gradient(bool trains)
        {
            using DisposeScope scope = NewDisposeScope();
            using SpeechEncoder encoder = TinyEncoders.Create(name);
            encoder.train(trains);
            using DropoutStream dropout = DropoutStream.Begin(11);
            EncodedFrames frames = encoder.Encode(encoder.Prepare([TinyEncoders.Clip(4001, 1)]));
            frames.LastHiddenState!.pow(2.0.ToScalar()).sum().backward();
            ReturnedGradients.Release();
            return [.. encoder.named_parameters().Where(p => p.parameter.grad is not null)
                .SelectMany(p => p.parameter.grad!.contiguous().data<float>().ToArray())];
        }
        foreach (bool trains in new[] { false, true })
        {
            float[] ours = Gradient(trains);
            FastPaths.Products = false;
            float[] plain;
            try
            {
                plain = Gradient(trains);
            }
            finally
            {
                FastPaths.Products = true;
            }
            Assert.HasCount(plain.Length, ours);
            float largest = plain.Max(MathF.Abs);
            Assert.IsLessThanOrEqualTo(1e-4f * largest, ours.Zip(plain, (a, b) => MathF.Abs(a - b)).Max(), name);
        }
    }

    private static void NeedsOneDnn()
    {
        if (!OneDnn.IsAvailable)
        {
            Assert.Inconclusive("libtorch's oneDNN is not used on this processor.");
        }
    }
}
