using SpeechML.OnnxConverter.Graph;

namespace SpeechML.OnnxConverter.Encoders.Layers;

/// <summary>Layers one after another, with a soft prompt before the frames.</summary>
internal static class LayerStackGraph
{
    /// <summary>The hidden states of the given numbers; 0 is the input of the first layer.</summary>
    /// <param name="work">The graph.</param>
    /// <param name="hidden">(batch, frames, hidden).</param>
    /// <param name="attended">(batch) keys that count; <see langword="null"/> where all do.</param>
    /// <param name="keep">The numbers.</param>
    /// <param name="prompt">The name of the prompt's weights.</param>
    /// <param name="layer">Number, input, key mask and count of positions to the layer's output.</param>
    public static Dictionary<int, string> Run(
        EncoderWork work, string hidden, string? attended, IReadOnlySet<int> keep, string? prompt,
        Func<int, string, string?, string, string> layer)
    {
        GraphBuilder graph = work.Graph;
        var kept = new Dictionary<int, string>();
        if (keep.Contains(0))
        {
            kept.Add(0, hidden);
        }
        long tokens = prompt is null ? 0 : work.Weights.Shape(prompt)[0];
        string current = prompt is null ? hidden : Prompted(work, hidden, prompt, tokens);
        string frames = graph.Size(current, 1);
        string? mask = attended is null ? null : AttentionGraph.KeyMask(
            graph, tokens == 0 ? attended : graph.Add(attended, graph.Constant(tokens)), frames);
        for (int number = 0; number < keep.Max(); number++)
        {
            using IDisposable scope = graph.Scope(FormattableString.Invariant($"layer{number}"));
            current = layer(number, current, mask, frames);
            if (keep.Contains(number + 1))
            {
                kept.Add(number + 1, tokens == 0 ? current : graph.Slice(current, 1, tokens, long.MaxValue));
            }
        }
        return kept;
    }

    private static string Prompted(EncoderWork work, string hidden, string prompt, long tokens)
    {
        GraphBuilder graph = work.Graph;
        long size = work.Weights.Shape(prompt)[1];
        string batch = graph.Op("Gather", graph.Op("Shape", hidden), graph.Vector(0));
        string one = graph.Weight(work.Weights.Values(prompt), 1, tokens, size);
        return graph.Concat(
            1, graph.Op("Expand", one, graph.Concat(0, batch, graph.Vector(tokens, size))), hidden);
    }
}
