using SpeechML.Model.Heads;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Tests.Heads;

[TestClass]
public sealed class LinearHeadTests
{
    [ClassInitialize]
    public static void Load(TestContext context) => TorchNativeLibrary.EnsureLoaded();

    [TestMethod]
    public void Forward_DefaultOptions_IsOneLinearLayer()
    {
        using DisposeScope scope = NewDisposeScope();
        using var head = new LinearHead(6, 3, new HeadOptions(), seed: 1);
        Dictionary<string, Tensor> state = head.state_dict();
        CollectionAssert.AreEquivalent(new[] { "stacks.0.layers.0.weight", "stacks.0.layers.0.bias" }, state.Keys);
        Tensor x = rand(5, 6);
        Tensor expected = x.matmul(state["stacks.0.layers.0.weight"].t()) + state["stacks.0.layers.0.bias"];
        Assert.AreEqual(0f, (head.forward(x) - expected).abs().max().item<float>(), 1e-6f);
    }

    [TestMethod]
    [DataRow(HeadActivation.Relu, false, true)]
    [DataRow(HeadActivation.Gelu, true, false)]
    [DataRow(HeadActivation.Tanh, false, false)]
    [DataRow(HeadActivation.Sigmoid, true, true)]
    public void Forward_HiddenLayers_EqualsLayerByLayer(HeadActivation activation, bool perTarget, bool norm)
    {
        using DisposeScope scope = NewDisposeScope();
        using var head = new LinearHead(
            6, 3, new HeadOptions
            {
                HiddenLayers = 2,
                BottleneckSize = 4,
                LayerNorm = norm,
                Dropout = 0.3,
                Activation = activation,
                PerTarget = perTarget
            }, seed: 1);
        head.eval();
        Dictionary<string, Tensor> state = head.state_dict();
        Assert.HasCount((perTarget ? 3 : 1) * (norm ? 10 : 6), state);
        Tensor x = rand(5, 6);
        var outputs = new List<Tensor>();
        for (int s = 0; s < (perTarget ? 3 : 1); s++)
        {
            Tensor h = x;
            for (int k = 0; k < 2; k++)
            {
                h = h.matmul(state[$"stacks.{s}.layers.{k}.weight"].t()) + state[$"stacks.{s}.layers.{k}.bias"];
                if (norm)
                {
                    h = (h - h.mean([1], keepdim: true)) / (h.var(1, unbiased: false, keepdim: true) + 1e-5).sqrt();
                }
                h = activation switch
                {
                    HeadActivation.Relu => h.relu(),
                    HeadActivation.Gelu => h * 0.5 * (1 + (h / Math.Sqrt(2)).erf()),
                    HeadActivation.Tanh => h.tanh(),
                    _ => 1 / (1 + (-h).exp()),
                };
            }
            outputs.Add(h.matmul(state[$"stacks.{s}.layers.2.weight"].t()) + state[$"stacks.{s}.layers.2.bias"]);
        }
        Tensor got = head.forward(x);
        CollectionAssert.AreEqual(new long[] { 5, 3 }, got.shape);
        Assert.AreEqual(0f, (got - cat(outputs, 1)).abs().max().item<float>(), 1e-5f);
    }

    [TestMethod]
    public void Forward_Dropout_ActsInTrainingOnly()
    {
        using DisposeScope scope = NewDisposeScope();
        using var head = new LinearHead(50, 3, new HeadOptions { Dropout = 0.5 }, seed: 1);
        Tensor x = rand(5, 50);
        head.train();
        Assert.IsGreaterThan(0.01f, (head.forward(x) - head.forward(x)).abs().max().item<float>());
        head.eval();
        Assert.AreEqual(0f, (head.forward(x) - head.forward(x)).abs().max().item<float>());
    }

    [TestMethod]
    public void Create_SameSeed_SameWeightsWhateverTheGlobalGenerator()
    {
        using DisposeScope scope = NewDisposeScope();
        var options = new HeadOptions { HiddenLayers = 1, PerTarget = true };
        manual_seed(1);
        Tensor undisturbed = rand(3);
        manual_seed(1);
        using var first = new LinearHead(6, 3, options, seed: 5);
        Assert.IsTrue(rand(3).equal(undisturbed).all().item<bool>());
        manual_seed(99);
        using LinearHead same = new(6, 3, options, seed: 5), other = new(6, 3, options, seed: 6);
        Tensor Flat(LinearHead h) => cat([.. h.parameters().Select(p => p.reshape(-1))]);
        Assert.AreEqual(0f, (Flat(first) - Flat(same)).abs().max().item<float>());
        Assert.IsGreaterThan(0f, (Flat(first) - Flat(other)).abs().max().item<float>());
        float bound = (float)(1 / Math.Sqrt(6));
        Assert.IsTrue(Flat(first).abs().max().item<float>() <= bound);
        Assert.IsGreaterThan(bound * 0.9f, Flat(first).abs().max().item<float>());
    }

    [TestMethod]
    public void To_Float64_MovesEveryParameterAndStillComputes()
    {
        using DisposeScope scope = NewDisposeScope();
        using var head = new LinearHead(6, 3, new HeadOptions { HiddenLayers = 1, LayerNorm = true }, seed: 5);
        head.to(float64);
        Assert.IsTrue(head.parameters().All(p => p.dtype == float64));
        Assert.AreEqual(float64, head.forward(rand(2, 6, dtype: float64)).dtype);
    }

    [TestMethod]
    public void Create_OptionsOutOfRange_AreNamed()
    {
        Check(new HeadOptions { Dropout = 1 },
            "Option Head.Dropout: expected a probability from 0 to below 1, got '1'.");
        Check(new HeadOptions { HiddenLayers = -1 },
            "Option Head.HiddenLayers: expected at least 0, got '-1'.");
        Check(new HeadOptions { BottleneckSize = -2 },
            "Option Head.BottleneckSize: expected at least 0, got '-2'.");
        Check(
            new HeadOptions { Activation = (HeadActivation)9 },
            "Option Head.Activation: expected one of Relu, Gelu, Tanh, Sigmoid, Identity, got '9'.");
        static void Check(HeadOptions options, string message) =>
            Assert.AreEqual(message,
                Assert.ThrowsExactly<ArgumentException>(() =>
                new LinearHead(6, 3, options, 1)).Message.ReplaceLineEndings("\n"));
    }
}
