using SpeechML.Encoders.Families.Conformer;
using SpeechML.Model;
using SpeechML.OnnxConverter.Graph;

namespace SpeechML.OnnxConverter.Encoders.Layers;

/// <summary>Conformer layers, as <see cref="ConformerLayer"/>.</summary>
/// <param name="work">The graph.</param>
/// <param name="sizes">The layers' sizes.</param>
/// <param name="positions">How attention learns where a frame is.</param>
/// <param name="convolve">The convolution over time with its norm: from (batch, hidden, frames) and the prefix of the
/// weights to (batch, frames, hidden).</param>
internal sealed class ConformerLayerGraph(
    EncoderWork work, ConformerSizes sizes, ConformerPositions positions,
    Func<EncoderWork, ConformerSizes, string, string, string> convolve)
{
    private readonly GraphBuilder _graph = work.Graph;
    private readonly ModelTensors _weights = work.Weights;

    /// <param name="number">The layer's number.</param>
    /// <param name="x">(batch, frames, hidden).</param>
    /// <param name="mask">Of <see cref="AttentionGraph.KeyMask"/>.</param>
    /// <param name="count">A scalar: how many frames.</param>
    public string Build(int number, string x, string? mask, string count)
    {
        string name = FormattableString.Invariant($"{SpeechNetwork.EncoderPrefix}encoder.layers.{number}.");
        string Normed(string value, string part) =>
            _graph.Norm(_weights, value, $"{name}{part}_layer_norm", sizes.Epsilon);
        string Half(string value, string part)
        {
            string fed = _graph.FeedForward(_weights, Normed(value, part), $"{name}{part}.intermediate_dense",
                sizes.Activation, $"{name}{part}.output_dense");
            return _graph.Add(_graph.Mul(fed, _graph.Constant(0.5f)), value);
        }
        string current = Half(x, "ffn1");
        current = _graph.Add(
            positions.Attend(Normed(current, "self_attn"), name + "self_attn.", mask, count), current);
        current = _graph.Add(Convolution(current, name + "conv_module.", mask), current);
        return Normed(Half(current, "ffn2"), "final");
    }

    /// <summary>A convolution of each channel, (batch, hidden, frames) to the same.</summary>
    public static string Depthwise(
        GraphBuilder graph, string channels, float[] kernel, float[]? shift, long before, long after)
    {
        long size = before + after + 1, width = kernel.Length / size;
        string weight = graph.Weight(kernel, width, 1, size);
        return graph.Op(
            "Conv", shift is null ? [channels, weight] : [channels, weight, graph.Weight(shift, width)],
            ("kernel_shape", new[] { size }), ("strides", new[] { 1L }), ("group", width),
            ("pads", new[] { before, after }));
    }

    private string Convolution(string x, string name, string? mask)
    {
        string normed = _graph.Norm(_weights, x, name + "layer_norm", sizes.Epsilon);
        string[] halves = _graph.Ops(
            2, "Split", [_graph.Linear(_weights, normed, name + "pointwise_conv1")], ("axis", 2L));
        string gated = _graph.Mul(halves[0], _graph.Op("Sigmoid", halves[1]));
        if (mask is not null)
        {
            // Others see nothing of padded frames.
            string padded = _graph.Reshape(_graph.Less(mask, _graph.Constant(0f)), 0, -1, 1);
            gated = _graph.Where(padded, _graph.Constant(0f), gated);
        }
        string convolved = convolve(work, sizes, _graph.Transpose(gated, 0, 2, 1), name);
        return _graph.Linear(
            _weights, _graph.Activated(sizes.Activation, convolved), name + "pointwise_conv2");
    }
}
