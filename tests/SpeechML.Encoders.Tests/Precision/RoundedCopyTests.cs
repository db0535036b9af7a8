using SpeechML.Encoders.Layers;
using SpeechML.TrainingSupport;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Tests.Precision;

/// <summary>Weights in 16 bits, in oneDNN's order from the first product on and plain for who takes them.</summary>
[TestClass]
public sealed class RoundedCopyTests : OneDnnTests
{
    [TestMethod]
    public void Run_Product_AsPlainUntilItIsTakenPlain()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        using Generator generator = manual_seed(1);
        using var copy = new RoundedCopy();
        var weight = new Parameter(randn(96, 64));
        Tensor input = randn(1, 149, 64).bfloat16(), bias = randn(96).bfloat16();
        Assert.IsNull(copy.Run(input, weight, bias, gelu: false), "Nothing was made.");
        copy.Make(weight, ScalarType.BFloat16);
        Tensor product = copy.Run(input, weight, bias, gelu: false)!;
        Assert.IsTrue(copy.IsPacked);
        Tensor expected = nn.functional.linear(input, weight.bfloat16(), bias);
        Assert.IsLessThanOrEqualTo(2e-2, ((product - expected).abs().max() / expected.abs().max()).to(
            ScalarType.Float32).item<float>());
        Assert.IsTrue(copy.Of(weight, ScalarType.BFloat16).equal(weight.bfloat16()).all().item<bool>());
        Assert.IsFalse(copy.IsPacked);
        Assert.IsNull(copy.Run(input, weight, bias, gelu: false), "Who took it plain may keep it.");
    }

    [TestMethod]
    public void Run_WeightThatChanged_NotUsed()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        using var copy = new RoundedCopy();
        var weight = new Parameter(randn(96, 64));
        copy.Make(weight, ScalarType.BFloat16);
        Tensor input = randn(8, 64).bfloat16();
        Assert.IsNotNull(copy.Run(input, weight, null, gelu: false));
        _ = weight.add_(1);
        Assert.IsNull(copy.Run(input, weight, null, gelu: false));
        Assert.IsTrue(copy.Of(weight, ScalarType.BFloat16).equal(weight.bfloat16()).all().item<bool>());
    }

    [TestMethod]
    public void Run_TakenPlainByAnotherThread_EveryProductRight()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        var weight = new Parameter(randn(96, 64));
        Tensor input = randn(149, 64).bfloat16(), expected = nn.functional.linear(input, weight.bfloat16());
        for (int round = 0; round < 20; round++)
        {
            using var copy = new RoundedCopy();
            copy.Make(weight, ScalarType.BFloat16);
            Parallel.For(0, 4, thread =>
            {
                using DisposeScope own = NewDisposeScope();
                using IDisposable alsoStill = no_grad();
                Tensor product = (thread == 3 ? null : copy.Run(input, weight, null, gelu: false))
                    ?? nn.functional.linear(input, copy.Of(weight, ScalarType.BFloat16));
                Assert.IsLessThanOrEqualTo(0.5, (product - expected).abs().max().to(ScalarType.Float32).item<float>());
            });
        }
    }
}
