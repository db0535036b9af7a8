using SpeechML.OnnxConverter.Graph;

namespace SpeechML.OnnxConverter.Encoders;

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
    /// <param name="name">The prefix of q_proj, k_proj, v_proj and out_proj.</param>
    /// <param name="heads">How many heads.</param>
    /// <param name="bias">Added to the scores; <see langword="null"/> for none.</param>
    /// <param name="keyMask">Of <see cref="KeyMask"/>; <see langword="null"/> where every key counts.</param>
    public static string Attend(
        GraphBuilder graph, ModelTensors weights, string x, string name, int heads, string? bias, string? keyMask)
    {
        long size = weights.Shape(name + "q_proj.weight")[0];
        long each = size / heads;
        // One product for the three maps; the scale of the scores is in the query's.
        float scale = (float)Math.Pow(each, -0.5);
        float[] joined = Joined(weights, name, size, scale);
        float[] shifts =
        [
            .. Bias(weights, name + "q_proj", size).Select(v => v * scale), .. Bias(weights, name + "k_proj", size),
            .. Bias(weights, name + "v_proj", size),
        ];
        string all = graph.Add(
            graph.MatMul(x, graph.Weight(joined, joined.LongLength / (3 * size), 3 * size)),
            graph.Weight(shifts, 3 * size));
        string[] parts = graph.Ops(3, "Split", [all], ("axis", 2L));
        string query = graph.Transpose(graph.Reshape(parts[0], 0, 0, heads, each), 0, 2, 1, 3);
        string key = graph.Transpose(graph.Reshape(parts[1], 0, 0, heads, each), 0, 2, 3, 1);
        string value = graph.Transpose(graph.Reshape(parts[2], 0, 0, heads, each), 0, 2, 1, 3);
        string scores = graph.MatMul(query, key);
        scores = bias is null ? scores : graph.Add(scores, bias);
        scores = keyMask is null ? scores : graph.Add(scores, keyMask);
        string context = graph.MatMul(graph.Softmax(scores), value);
        string joint = graph.Reshape(graph.Transpose(context, 0, 2, 1, 3), 0, 0, size);
        return graph.Linear(weights, joint, name + "out_proj");
    }

    private static float[] Bias(ModelTensors weights, string name, long size) =>
        weights.Has(name + ".bias") ? weights.Values(name + ".bias") : new float[size];

    // (inputs, 3 × outputs): the query's map, scaled, the key's and the value's side by side.
    private static float[] Joined(ModelTensors weights, string name, long size, float scale)
    {
        float[][] maps =
        [
            weights.Transposed(name + "q_proj.weight"), weights.Transposed(name + "k_proj.weight"),
            weights.Transposed(name + "v_proj.weight"),
        ];
        maps[0] = Array.ConvertAll(maps[0], v => v * scale);
        float[] joined = new float[3 * maps[0].Length];
        for (int part = 0; part < maps.Length; part++)
        {
            for (long row = 0; row < maps[part].Length / size; row++)
            {
                Array.Copy(maps[part], row * size, joined, (3 * row + part) * size, size);
            }
        }
        return joined;
    }
}
