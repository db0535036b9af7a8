using SpeechML.Encoders.Kernels;
using SpeechML.TrainingSupport;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Tests;

/// <summary>Attention in one pass against torch's.</summary>
[TestClass]
[DoNotParallelize] // the number of threads is that of the process
public sealed class AttentionKernelTests
{
    [TestMethod]
    [DataRow(1, 12, 499, 64)]
    [DataRow(2, 3, 64, 64)]
    [DataRow(3, 2, 1, 64)]
    [DataRow(2, 1, 5, 8)]
    [DataRow(1, 2, 130, 52)]
    [DataRow(1, 1, 2100, 64)]
    public void Run_AnySize_AsTorch(int batch, int heads, int frames, int size)
    {
        if (!ProductTile.IsFast)
        {
            Assert.Inconclusive("This processor has no registers for it.");
        }
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = manual_seed(5);
        Tensor Draw() => randn(batch, frames, heads * size);
        Tensor query = Draw() * 3, key = Draw(), value = Draw();
        Tensor bias = randn(heads, frames, frames), gate = randn(batch, heads, frames, 1);
        Tensor mask = zeros(batch, 1, 1, frames);
        if (frames > 1)
        {
            mask.narrow(0, 0, 1).narrow(3, frames / 2, frames - (frames / 2)).fill_(float.NegativeInfinity.ToScalar());
        }
        Tensor Heads(Tensor all) => all.view(batch, frames, heads, size).transpose(1, 2);
        Tensor Expected(Tensor? given) =>
            nn.functional.scaled_dot_product_attention(Heads(query).to(ScalarType.Float64),
                Heads(key).to(ScalarType.Float64), Heads(value).to(ScalarType.Float64), given?.to(ScalarType.Float64))
                .transpose(1, 2).reshape(batch, frames, heads * size);
        AssertClose(Expected(null), AttentionKernel.Run(query, key, value, heads));
        AssertClose(Expected(mask), AttentionKernel.Run(query, key, value, heads, keyMask: mask));
        AssertClose(Expected(bias * gate), AttentionKernel.Run(query, key, value, heads, bias, gate));
        AssertClose(Expected((bias * gate) + mask), AttentionKernel.Run(query, key, value, heads, bias, gate, mask));
        Tensor byDistance = randn(batch, heads, frames, (2 * frames) - 1);
        Tensor row = arange(frames);
        Tensor columns = (row.unsqueeze(0) - row.unsqueeze(1) + frames - 1).expand(batch, heads, frames, frames);
        AssertClose(Expected(byDistance.gather(3, columns) + mask),
            AttentionKernel.Run(query, key, value, heads, keyMask: mask, byDistance: byDistance));
    }

    [TestMethod]
    public void Run_OtherNumberOfThreads_SameBits()
    {
        if (!ProductTile.IsFast)
        {
            Assert.Inconclusive("This processor has no registers for it.");
        }
        using DisposeScope scope = NewDisposeScope();
        Tensor query = randn(1, 300, 128), key = randn(1, 300, 128), value = randn(1, 300, 128);
        int threads = get_num_threads();
        float[] usual = AttentionKernel.Run(query, key, value, 2).data<float>().ToArray();
        try
        {
            foreach (int other in new[] { 1, 3, 16 })
            {
                set_num_threads(other);
                CollectionAssert.AreEqual(usual, AttentionKernel.Run(query, key, value, 2).data<float>().ToArray());
            }
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    [TestMethod]
    public void Run_LeavesNoTensor()
    {
        using Tensor query = randn(1, 70, 64), bias = randn(1, 70, 70), gate = randn(1, 1, 70, 1);
        AttentionKernel.Run(query, query, query, 1, bias, gate).Dispose();
        long before = LiveTensors.Count();
        AttentionKernel.Run(query, query, query, 1, bias, gate).Dispose();
        Assert.AreEqual(before, LiveTensors.Count());
    }

    [TestMethod]
    public void CanRun_WhatItDoesNotTake_IsLeftToTorch()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor large = zeros(1, 499, 768);
        Assert.AreEqual(ProductTile.IsFast, AttentionKernel.CanRun(large, 12));
        Assert.IsFalse(AttentionKernel.CanRun(large, 8), "heads of 96");
        Assert.IsFalse(AttentionKernel.CanRun(large, 96), "heads of 8");
        Assert.IsFalse(AttentionKernel.CanRun(large.to(ScalarType.Float64), 12));
        Assert.IsFalse(AttentionKernel.CanRun(large.narrow(1, 0, 10), 12), "too small to be worth it");
        FastPaths.Attention = false;
        try
        {
            Assert.IsFalse(AttentionKernel.CanRun(large, 12));
        }
        finally
        {
            FastPaths.Attention = true;
        }
    }

    [TestMethod]
    public void Run_KeyThatIsNoNumber_EveryQueryOfItsClipIsNone()
    {
        if (!ProductTile.IsFast)
        {
            Assert.Inconclusive("This processor has no registers for it.");
        }
        using DisposeScope scope = NewDisposeScope();
        foreach (int frame in new[] { 3, 69 }) // among those of a vector, and in the rest
        {
            Tensor key = randn(2, 70, 64);
            _ = key.select(0, 0).select(0, frame).fill_(float.NaN.ToScalar());
            Tensor context = AttentionKernel.Run(randn(2, 70, 64), key, randn(2, 70, 64), 1).isnan();
            Assert.IsTrue(context.select(0, 0).all().item<bool>(), "what is wrong must show, as in torch's");
            Assert.IsFalse(context.select(0, 1).any().item<bool>());
        }
    }

    /// <summary>Within 2e-6 of the greatest value: a few roundings of float32.</summary>
    private static void AssertClose(Tensor expected, Tensor actual)
    {
        CollectionAssert.AreEqual(expected.shape, actual.shape);
        double difference = (expected -
            actual.to(ScalarType.Float64)).abs().max().item<double>() / expected.abs().max().item<double>();
        Assert.IsLessThan(2e-6, difference);
    }
}
