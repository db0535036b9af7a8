using SpeechML.Encoders.Families.Ssl;
using SpeechML.OnnxConverter.Graph;

namespace SpeechML.OnnxConverter.Encoders.Features;

/// <summary>
/// The first convolution with its norm, which is of each channel over the frames of its clip. What a channel gives is
/// linear in the samples under the kernel, so that its mean and variance follow from theirs and from their covariances
/// (kernel × kernel), and the norm becomes a scale and a shift of the kernel: one product, without a pass over the
/// channels. Padded frames do not count.
/// </summary>
internal static class ClipNormGraph
{
    /// <param name="work">The graph.</param>
    /// <param name="waveform">(batch, samples).</param>
    /// <param name="lengths">(batch) frames that count.</param>
    /// <param name="name">The prefix of the layer's weights.</param>
    /// <param name="stride">Samples from one frame to the next.</param>
    /// <returns>(batch, channels, frames).</returns>
    public static string Build(EncoderWork work, string waveform, string lengths, string name, int stride)
    {
        GraphBuilder graph = work.Graph;
        long[] shape = work.Weights.Shape(name + "conv.weight");
        (long channels, long kernel) = (shape[0], shape[2]);
        string step = graph.Constant((long)stride);
        string count = graph.Add(
            graph.Div(graph.Sub(graph.Size(waveform, 1), graph.Constant(kernel)), step), graph.Constant(1L));
        string samples = Under(graph, waveform, count, kernel, stride);
        string valid = graph.Unsqueeze(graph.Before(lengths, count), 1);
        string weights = Doubles(graph, work.Weights.Values(name + "conv.weight"), channels, kernel);
        string number = graph.Cast(graph.Unsqueeze(lengths, 1, 2), ElementType.Double);

        string wide = graph.Cast(samples, ElementType.Double);
        string counted = graph.Cast(valid, ElementType.Double);
        string means = graph.Div(graph.Sum(graph.Mul(wide, counted), true, 2), number);
        string centred = graph.Mul(graph.Sub(wide, means), counted);
        string covariances = graph.Div(graph.MatMul(centred, graph.Transpose(centred, 0, 2, 1)), number);

        string variance = graph.Sum(graph.Mul(graph.MatMul(weights, covariances), weights), true, 2);
        string deviation = graph.Op("Sqrt", graph.Add(variance, graph.Constant(SslConfig.FixedEpsilon)));
        string scale = graph.Div(
            Doubles(graph, work.Weights.Values(name + "layer_norm.weight"), channels, 1), deviation);
        string shift = graph.Sub(
            Doubles(graph, work.Weights.Values(name + "layer_norm.bias"), channels, 1),
            graph.Mul(graph.MatMul(weights, means), scale));
        string kernels = graph.Cast(graph.Concat(2, graph.Mul(weights, scale), shift), ElementType.Float);
        return graph.MatMul(kernels, graph.Concat(1, samples, graph.Cast(valid, ElementType.Float)));
    }

    // (batch, kernel, frames): the samples under each place of the kernel.
    private static string Under(GraphBuilder graph, string waveform, string count, long kernel, int stride)
    {
        string last = graph.Mul(graph.Sub(count, graph.Constant(1L)), graph.Constant((long)stride));
        return graph.Concat(1, [.. Enumerable.Range(0, (int)kernel).Select(place => graph.Unsqueeze(graph.Op(
            "Slice", waveform, graph.Vector(place),
            graph.Unsqueeze(graph.Add(last, graph.Constant(place + 1L)), 0), graph.Vector(1), graph.Vector(stride)),
            1))]);
    }

    private static string Doubles(GraphBuilder graph, float[] values, params long[] shape) =>
        graph.Constant(ElementType.Double, Array.ConvertAll(values, v => (double)v), shape);
}
