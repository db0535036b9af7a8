using SpeechML.Encoders.Layers;
using SpeechML.OnnxConverter.Encoders.Layers;
using SpeechML.OnnxConverter.Graph;

namespace SpeechML.OnnxConverter.Networks;

/// <summary>The transformer over frames before the pooling.</summary>
internal static class FrameTransformerGraph
{
    private const string Prefix = "frame_head.";

    // Of torch.nn.LayerNorm.
    public const double Epsilon = 1e-5;

    public static string Build(
        GraphBuilder graph, ModelTensors weights, int heads, string frames, string lengths, string count)
    {
        using IDisposable scope = graph.Scope("frame_head");
        string mask = AttentionGraph.KeyMask(graph, lengths, count);
        string current = frames;
        for (int layer = 0; layer < weights.Count(Prefix + "layers."); layer++)
        {
            string name = FormattableString.Invariant($"{Prefix}layers.{layer}.");
            string normed = graph.Norm(weights, current, name + "attention_norm", Epsilon);
            string attended = graph.Add(
                current, AttentionGraph.Attend(
                    graph, weights, normed, AttentionMaps.Projections(name), heads, null, mask));
            string fed = graph.FeedForward(
                weights, graph.Norm(weights, attended, name + "feed_forward_norm", Epsilon), name + "fc1",
                Activation.Gelu, name + "fc2");
            current = graph.Add(attended, fed);
        }
        return graph.Norm(weights, current, Prefix + "norm", Epsilon);
    }
}
