using SpeechML.Encoders.Families.Ssl;
using SpeechML.Model;
using SpeechML.OnnxConverter.Graph;

namespace SpeechML.OnnxConverter.Encoders.Layers;

/// <summary>The convolution that tells the layers where a frame is.</summary>
internal static class PositionalGraph
{
    private const string EncoderPrefix = SpeechNetwork.EncoderPrefix + "encoder.pos_conv_embed.";

    public static string Build(EncoderWork work, SslConfig config, ProjectedFrames frames)
    {
        GraphBuilder graph = work.Graph;
        using IDisposable scope = graph.Scope("positions");
        var module = (PositionalConvolution)((SslEncoder)work.Encoder).Transformer.Positions;
        string projected = frames.Values;
        if (config.PositionalBatchNorm)
        {
            (double[] scale, float[] shift) = BatchNormGraph.Of(work.Weights, EncoderPrefix + "batch_norm");
            string normed = graph.Add(
                graph.Mul(projected, graph.Weight(Array.ConvertAll(scale, s => (float)s), scale.Length)),
                graph.Weight(shift, shift.Length));
            projected = graph.Where(frames.Valid, normed, graph.Constant(0f));
        }
        string convolved = Convolve(
            graph, config, graph.Transpose(projected, 0, 2, 1), module.KernelWeight(),
            graph.Vector(work.Weights, EncoderPrefix + "conv.bias"), stride: 1);
        return graph.Transpose(graph.Gelu(convolved), 0, 2, 1);
    }

    /// <summary>The grouped convolution: (batch, hidden, frames) to as many frames over the stride.</summary>
    public static string Convolve(
        GraphBuilder graph, WaveformConfig config, string channels, float[] kernel, string bias, long stride)
    {
        long size = config.PositionalKernel;
        // An even kernel makes one frame too many at the end, which is left off.
        return graph.Op(
            "Conv",
            [
                channels, graph.Weight(kernel, config.HiddenSize, config.HiddenSize / config.PositionalGroups, size),
                bias,
            ],
            ("kernel_shape", new[] { size }), ("strides", new[] { stride }), ("group", (long)config.PositionalGroups),
            ("pads", new[] { size / 2, size % 2 == 0 ? size / 2 - 1 : size / 2 }));
    }
}
