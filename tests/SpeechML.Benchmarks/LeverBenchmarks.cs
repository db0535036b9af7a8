using SpeechML.Benchmarks.Peers;
using SpeechML.Encoders;
using SpeechML.Encoders.Blocks;
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

    /// <summary>The positional convolution of a base model, 4 × 10 s.</summary>
    public static void Positions()
    {
        if (!PeerFiles.Available)
        {
            Console.WriteLine($"positions                    left out: {PeerFiles.Variable} does not name the folder of the peers");
            return;
        }
        using var encoder = (Encoders.Ssl.SslEncoder)EncoderLoader.Load(PeerFiles.Checkpoint("hubert-base"), layers: 0);
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
