using SpeechML.Model.Pooling;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Tests.Pooling;

[TestClass]
public sealed class FramePoolingTests
{
    [ClassInitialize]
    public static void Load(TestContext context) => TorchNativeLibrary.EnsureLoaded();

    [TestMethod]
    [DataRow(new long[] { 3, 0 }, "Pooling expected 1 to 3 valid frames for each clip, got 0 for clip 1 of the batch.")]
    [DataRow(new long[] { 4, 1 }, "Pooling expected 1 to 3 valid frames for each clip, got 4 for clip 0 of the batch.")]
    [DataRow(new long[] { 3 },
        "Pooling expected (batch, frames, hidden) with one length per clip, got (2, 3, 4) and 1 lengths.")]
    public void Pool_LengthsThatDoNotFit_AreRefused(long[] lengths, string message)
    {
        using DisposeScope scope = NewDisposeScope();
        using FramePooling pooling = SpeechPooling.Create(SpeechPooling.Mean, 4, 1);
        Assert.AreEqual(message,
            Assert.ThrowsExactly<ArgumentException>(() => pooling.Pool(rand(2, 3, 4), lengths)).Message);
    }

    [TestMethod]
    [DataRow(nameof(SpeechPooling.Mean))]
    [DataRow(nameof(SpeechPooling.Max))]
    [DataRow(nameof(SpeechPooling.MeanStd))]
    [DataRow(nameof(SpeechPooling.AttentionTanh))]
    public void Pool_Batch_LeavesOneTensor(string kind)
    {
        using FramePooling pooling = SpeechPooling.Create(kind, 4, 1);
        using DisposeScope scope = NewDisposeScope();
        Tensor x = rand(2, 3, 4);
        _ = pooling.Pool(x, [3, 2]);
        Assert.AreEqual(2, scope.DisposablesCount);
    }

    [TestMethod]
    public void Weights_OfAttention_SumToOneAndSparePadding()
    {
        using DisposeScope scope = NewDisposeScope();
        using var pooling = new AttentionPooling(4, tanh: true, seed: 3);
        Tensor weights = pooling.Attention(rand(2, 5, 4), [5, 2]);
        CollectionAssert.AreEqual(new long[] { 2, 5 }, weights.shape);
        Assert.AreEqual(0f, (weights.sum([1]) - 1).abs().max().item<float>(), 1e-6f);
        Assert.AreEqual(0f, weights[1].narrow(0, 2, 3).abs().sum().item<float>());
    }

    [TestMethod]
    public void Create_SameSeed_SameWeightsAndGlobalGeneratorUntouched()
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(1);
        Tensor undisturbed = rand(3);
        manual_seed(1);
        using FramePooling first = SpeechPooling.Create(SpeechPooling.AttentionTanh, 4, 7);
        Assert.IsTrue(rand(3).equal(undisturbed).all().item<bool>());
        using FramePooling same = SpeechPooling.Create(SpeechPooling.AttentionTanh, 4, 7),
            other = SpeechPooling.Create(SpeechPooling.AttentionTanh, 4, 8);
        Tensor Flat(FramePooling p) => cat([.. p.parameters().Select(w => w.reshape(-1))]);
        Assert.AreEqual(0f, (Flat(first) - Flat(same)).abs().max().item<float>());
        Assert.AreNotEqual(0f, (Flat(first) - Flat(other)).abs().min().item<float>());
    }
}
