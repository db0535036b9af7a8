using SpeechML.Benchmarks.Peers;
using SpeechML.Encoders.Kernels;
using SpeechML.Encoders.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Benchmarks;

/// <summary>Single fast paths, on against off.</summary>
internal static class LeverBenchmarks
{
    /// <summary>The mask of one layer's attention weights, 4 × 10 s, base size.</summary>
    public static void Dropout()
    {
        using Tensor weights = rand(4, 12, 499, 499);
        Ratio.Measure("dropout", "ours", () => Run(true), "torch", () => Run(false));
        void Run(bool fast)
        {
            using DisposeScope scope = NewDisposeScope();
            FastPaths.Dropout = fast;
            _ = TensorMath.Dropout(weights, 0.1, training: true);
            FastPaths.Dropout = true;
        }
    }

    /// <summary>The products of a base model's layer by oneDNN, over torch's, 499 and 1,996 frames.</summary>
    public static void Products()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        foreach (long rows in new[] { 499L, 1996 })
        {
            foreach ((long inner, long columns, bool gelu) in new[] { (768L, 768L, false), (768, 3072, true),
                (3072, 768, false) })
            {
                Tensor input = randn(1, rows, inner), weight = randn(columns, inner), bias = randn(columns);
                Ratio.Measure(
                    $"{rows} x {inner} x {columns}{(gelu ? " GELU" : "")}",
                    "oneDNN",
                    () => Repeat(() => gelu ? MatrixProducts.LinearGelu(input, weight, bias)
                    : MatrixProducts.Linear(input, weight, bias)),
                    "torch",
                    () => Repeat(() => gelu ? TensorMath.Gelu(nn.functional.linear(input, weight, bias))
                    : nn.functional.linear(input, weight, bias)));
            }
            Tensor heads = randn(1, rows, 12, 64).transpose(1, 2);
            Ratio.Measure(
                $"attention, {rows} frames",
                "oneDNN",
                () => Repeat(() => MatrixProducts.Attention(heads, heads, heads, null, null)),
                "torch, fused",
                () => Repeat(() => nn.functional.scaled_dot_product_attention(heads, heads, heads)));
            Tensor joined = heads.transpose(1, 2).reshape(1, rows, 768);
            Ratio.Measure(
                $"attention, {rows} frames",
                "ours",
                () => Repeat(() => AttentionKernel.Run(joined, joined, joined, 12)),
                "torch, fused",
                () => Repeat(() => nn.functional.scaled_dot_product_attention(heads, heads, heads)));
        }
        static void Repeat(Func<Tensor> product)
        {
            for (int i = 0; i < 8; i++)
            {
                product().Dispose();
            }
        }
    }

    /// <summary>The positional convolution of a base model, 4 × 10 s.</summary>
    public static void Positions()
    {
        if (!PeerFiles.AvailableFor("positions"))
        {
            return;
        }
        using var encoder = (SpeechML.Encoders.Families.Ssl.SslEncoder)EncoderLoader.Load(
            PeerFiles.Checkpoint("hubert-base"), layers: 0);
        using Tensor hidden = randn(4, 499, 768);
        Ratio.Measure("positions", "by spectrum", () => Run(true), "conv1d", () => Run(false));
        void Run(bool fast)
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable noGrad = no_grad();
            FastPaths.PositionalConvolution = fast;
            _ = encoder.Transformer.Positions.Run(hidden, null);
            FastPaths.PositionalConvolution = true;
        }
    }
}
