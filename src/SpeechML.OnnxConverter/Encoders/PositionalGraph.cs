using SpeechML.Encoders.Families.Ssl;
using SpeechML.Model;
using SpeechML.OnnxConverter.Graph;

namespace SpeechML.OnnxConverter.Encoders;

/// <summary>The convolution that tells the layers where a frame is.</summary>
internal static class PositionalGraph
{
    /// <param name="work">The graph.</param>
    /// <param name="config">The encoder.</param>
    /// <param name="projected">(batch, frames, hidden), padding 0.</param>
    /// <param name="valid">(batch, frames, 1) Boolean.</param>
    public static string Build(EncoderWork work, SslConfig config, string projected, string valid)
    {
        GraphBuilder graph = work.Graph;
        using IDisposable scope = graph.Scope("positions");
        var module = (PositionalConvolution)((SslEncoder)work.Encoder).Transformer.Positions;
        string name = EncoderPrefix + "batch_norm";
        if (config.PositionalBatchNorm)
        {
            projected = graph.Where(valid, Normalized(work, projected, name), graph.Constant(0f));
        }
        float[] kernel = module.KernelWeight();
        long size = config.PositionalKernel;
        // An even kernel makes one frame too many at the end, which is left off.
        string convolved = graph.Op(
            "Conv",
            [
                graph.Transpose(projected, 0, 2, 1),
                graph.Weight(kernel, config.HiddenSize, config.HiddenSize / config.PositionalGroups, size),
                graph.Vector(work.Weights, EncoderPrefix + "conv.bias"),
            ],
            ("kernel_shape", new[] { size }), ("strides", new[] { 1L }), ("group", (long)config.PositionalGroups),
            ("pads", new[] { size / 2, size % 2 == 0 ? size / 2 - 1 : size / 2 }));
        return graph.Transpose(graph.Gelu(convolved), 0, 2, 1);
    }

    private const string EncoderPrefix = SpeechNetwork.EncoderPrefix + "encoder.pos_conv_embed.";

    // With running figures a batch norm is a scale and a shift of each channel.
    private static string Normalized(EncoderWork work, string x, string name)
    {
        float[] weight = work.Weights.Values(name + ".weight"), bias = work.Weights.Values(name + ".bias");
        float[] mean = work.Weights.Values(name + ".running_mean");
        double[] scale = [.. weight.Zip(work.Weights.Values(name + ".running_var"),
            (w, v) => w / Math.Sqrt(v + SslConfig.FixedEpsilon))];
        float[] shift = [.. bias.Select((b, i) => (float)(b - mean[i] * scale[i]))];
        return work.Graph.Add(
            work.Graph.Mul(x, work.Graph.Weight(Array.ConvertAll(scale, s => (float)s), scale.Length)),
            work.Graph.Weight(shift, shift.Length));
    }
}
