using SpeechML.Encoders.Families.Ssl;
using SpeechML.Model;
using SpeechML.OnnxConverter.Graph;

namespace SpeechML.OnnxConverter.Encoders.Features;

/// <summary>The convolutions that turn a waveform into frames.</summary>
internal static class FrontEndGraph
{
    private const string Prefix = SpeechNetwork.EncoderPrefix + "feature_extractor.conv_layers.";

    /// <param name="work">The graph.</param>
    /// <param name="config">The encoder.</param>
    /// <returns>(batch, frames, channels), and (batch) frames that count.</returns>
    public static (string Frames, string Lengths) Build(EncoderWork work, WaveformConfig config)
    {
        GraphBuilder graph = work.Graph;
        string waveform = WaveformGraph.Build(work);
        string current = config.GroupNorm ? waveform : graph.Unsqueeze(waveform, 1);
        string lengths = work.Lengths;
        for (int layer = 0; layer < config.ConvChannels.Length; layer++)
        {
            using IDisposable scope = graph.Scope(FormattableString.Invariant($"conv{layer}"));
            string name = FormattableString.Invariant($"{Prefix}{layer}.");
            (int kernel, int stride) = (config.ConvKernels[layer], config.ConvStrides[layer]);
            lengths = graph.Div(
                graph.Add(lengths, graph.Constant((long)stride - kernel)), graph.Constant((long)stride));
            if (config.GroupNorm && layer == 0)
            {
                current = graph.Gelu(ClipNormGraph.Build(work, waveform, lengths, name, stride));
                continue;
            }
            current = graph.Convolve(work.Weights, current, name + "conv", stride, padding: 0);
            if (!config.GroupNorm)
            {
                current = graph.Transpose(graph.Norm(
                    work.Weights, graph.Transpose(current, 0, 2, 1), name + "layer_norm", WaveformConfig.FixedEpsilon),
                    0, 2, 1);
            }
            current = graph.Gelu(current);
        }
        return (graph.Transpose(current, 0, 2, 1), lengths);
    }
}
