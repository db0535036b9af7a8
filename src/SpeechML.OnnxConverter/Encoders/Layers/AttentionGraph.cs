using SpeechML.OnnxConverter.Graph;

namespace SpeechML.OnnxConverter.Encoders.Layers;

/// <summary>Self-attention of several heads.</summary>
internal static class AttentionGraph
{
    // Added to the score of a padded key: its share is then exactly 0, and no row is without a number.
    private const float Masked = -1e30f;

    /// <summary>What is added to scores so that padded keys get none: (batch, 1, 1, frames).</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="lengths">(batch) frames that count.</param>
    /// <param name="frames">A scalar: how many there are.</param>
    public static string KeyMask(GraphBuilder graph, string lengths, string frames) => graph.Unsqueeze(
        graph.Where(graph.Before(lengths, frames), graph.Constant(0f), graph.Constant(Masked)), 1, 2);

    /// <summary>The attention's result after its output projection: (batch, frames, hidden).</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="x">(batch, frames, hidden).</param>
    /// <param name="maps">The names of its maps.</param>
    /// <param name="heads">How many heads.</param>
    /// <param name="bias">From scaled queries (batch, heads, frames, size) to what is added to the scores;
    /// <see langword="null"/>, and what gives it, for nothing.</param>
    /// <param name="keyMask">Of <see cref="KeyMask"/>; <see langword="null"/> where every key counts.</param>
    /// <param name="seen">What queries and keys are made of; <see langword="null"/>: of <paramref name="x"/>.</param>
    /// <param name="queryShift">Added to queries; <see langword="null"/> for nothing.</param>
    public static string Attend(
        GraphBuilder graph, ModelTensors weights, string x, AttentionMaps maps, int heads, Func<string, string?>? bias,
        string? keyMask, string? seen = null, float[]? queryShift = null)
    {
        long size = weights.Shape(maps.Query + ".weight")[0];
        long each = size / heads;
        // The scale of the scores is in the query's map.
        float scale = (float)Math.Pow(each, -0.5);
        float[] shift = weights.Bias(maps.Query, size);
        shift = queryShift is null ? shift : [.. shift.Zip(queryShift, (a, b) => a + b)];
        AttentionMap query = new(
            Array.ConvertAll(weights.Transposed(maps.Query + ".weight"), v => v * scale),
            Array.ConvertAll(shift, v => v * scale));
        AttentionMap key = AttentionMap.Of(weights, maps.Key, size);
        AttentionMap value = AttentionMap.Of(weights, maps.Value, size);
        // Three products: one for all takes as long, and what it gives has to be split.
        string queries = Headed(query.Apply(graph, seen ?? x, size), 0, 2, 1, 3);
        string keys = Headed(key.Apply(graph, seen ?? x, size), 0, 2, 3, 1);
        string values = Headed(value.Apply(graph, x, size), 0, 2, 1, 3);
        string? added = bias?.Invoke(queries);
        if (keyMask is not null)
        {
            // One more number in every query and key, 1 and the mask: their product is scores with the mask added,
            // without another pass over what is as long as it is wide.
            queries = graph.Pad(queries, 1f, 0, 0, 0, 1);
            keys = graph.Concat(2, keys, graph.Expand(keyMask, 1, heads, 1, 1));
        }
        string scores = graph.MatMul(queries, keys);
        scores = added is null ? scores : graph.Add(scores, added);
        string context = graph.MatMul(graph.Softmax(scores), values);
        string joint = graph.Reshape(graph.Transpose(context, 0, 2, 1, 3), 0, 0, size);
        return graph.Linear(weights, joint, maps.Output);

        string Headed(string mapped, params long[] order) =>
            graph.Transpose(graph.Reshape(mapped, 0, 0, heads, each), order);
    }
}
