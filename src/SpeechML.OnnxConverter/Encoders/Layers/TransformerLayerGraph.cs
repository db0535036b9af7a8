using SpeechML.Encoders.Families.Ssl;
using SpeechML.Encoders.Layers;
using SpeechML.Model;
using SpeechML.OnnxConverter.Graph;

namespace SpeechML.OnnxConverter.Encoders.Layers;

/// <summary>The layers of wav2vec 2.0 and what is built like it.</summary>
internal static class TransformerLayerGraph
{
    /// <param name="work">The graph.</param>
    /// <param name="config">The transformer.</param>
    /// <param name="preNorm">Whether norms are before attention and feed-forward, or behind each sum.</param>
    /// <param name="number">The layer's number.</param>
    /// <param name="x">(batch, frames, hidden).</param>
    /// <param name="mask">Of <see cref="AttentionGraph.KeyMask"/>.</param>
    /// <param name="bias">From the attention's input and the prefix of its weights to what is added to the scores;
    /// <see langword="null"/> for nothing.</param>
    public static string Build(
        EncoderWork work, TransformerConfig config, bool preNorm, int number, string x, string? mask,
        Func<string, string, string>? bias = null)
    {
        GraphBuilder graph = work.Graph;
        ModelTensors weights = work.Weights;
        string name = FormattableString.Invariant($"{SpeechNetwork.EncoderPrefix}encoder.layers.{number}.");
        string attention = name + "attention.";
        string Norm(string value, string norm) => graph.Norm(weights, value, name + norm, config.LayerNormEpsilon);
        string Attend(string value) => AttentionGraph.Attend(
            graph, weights, value, AttentionMaps.Projections(attention), config.Heads,
            bias is null ? null : _ => bias(value, attention), mask);
        string Feed(string value) => graph.FeedForward(weights, value, name + "feed_forward.intermediate_dense",
            Activation.Gelu, name + "feed_forward.output_dense");
        if (preNorm)
        {
            string after = graph.Add(Attend(Norm(x, "layer_norm")), x);
            return graph.Add(Feed(Norm(after, "final_layer_norm")), after);
        }
        string attended = Norm(graph.Add(Attend(x), x), "layer_norm");
        return Norm(graph.Add(Feed(attended), attended), "final_layer_norm");
    }
}
