using SpeechML.Encoders.Families.Ssl;
using SpeechML.Model;
using SpeechML.OnnxConverter.Graph;

namespace SpeechML.OnnxConverter.Encoders.Layers;

/// <summary>data2vec's positions: convolutions one after the other, as <see cref="PositionalStack"/>.</summary>
internal static class PositionalStackGraph
{
    private const string Prefix = SpeechNetwork.EncoderPrefix + "encoder.pos_conv_embed.layers.";

    public static string Build(EncoderWork work, Data2VecConfig config, ProjectedFrames projected)
    {
        GraphBuilder graph = work.Graph;
        using IDisposable scope = graph.Scope("positions");
        string valid = graph.Transpose(projected.Valid, 0, 2, 1);
        // The norms have no weights.
        float[] ones = new float[config.HiddenSize];
        Array.Fill(ones, 1);
        string one = graph.Weight(ones, config.HiddenSize);
        string zero = graph.Weight(new float[config.HiddenSize], config.HiddenSize);
        string frames = projected.Values;
        for (int layer = 0; layer < config.PositionalLayers; layer++)
        {
            string name = FormattableString.Invariant($"{Prefix}{layer}.conv.");
            string channels = graph.Transpose(frames, 0, 2, 1);
            if (layer > 0)
            {
                // A clip alone ends here, and the next convolution pads it with zeros.
                channels = graph.Where(valid, channels, graph.Constant(0f));
            }
            string convolved = PositionalGraph.Convolve(
                graph, config, channels, work.Weights.Values(name + "weight"),
                graph.Vector(work.Weights, name + "bias"), stride: 1);
            frames = graph.Gelu(graph.LayerNorm(
                graph.Transpose(convolved, 0, 2, 1), one, zero, WaveformConfig.FixedEpsilon));
        }
        return frames;
    }
}
