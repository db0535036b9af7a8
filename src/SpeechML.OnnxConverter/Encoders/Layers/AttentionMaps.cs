using SpeechML.OnnxConverter.Graph;

namespace SpeechML.OnnxConverter.Encoders.Layers;

/// <summary>The names of an attention's linear maps.</summary>
internal sealed record AttentionMaps(string Query, string Key, string Value, string Output)
{
    /// <summary>Those of wav2vec 2.0, Whisper and frame heads.</summary>
    public static AttentionMaps Projections(string prefix) =>
        new(prefix + "q_proj", prefix + "k_proj", prefix + "v_proj", prefix + "out_proj");
}

/// <summary>A linear map of an attention.</summary>
/// <param name="Weight">(inputs, outputs).</param>
/// <param name="Bias">(outputs).</param>
internal sealed record AttentionMap(float[] Weight, float[] Bias)
{
    public static AttentionMap Of(ModelTensors weights, string name, long size) =>
        new(weights.Transposed(name + ".weight"), weights.Bias(name, size));

    /// <summary>What maps of as many outputs give of one input, by one product.</summary>
    public static string[] Apply(GraphBuilder graph, string x, long size, params AttentionMap[] maps)
    {
        long inputs = maps[0].Weight.LongLength / size, width = maps.Length * size;
        float[] joined = new float[inputs * width];
        for (int part = 0; part < maps.Length; part++)
        {
            for (long row = 0; row < inputs; row++)
            {
                Array.Copy(maps[part].Weight, row * size, joined, (row * width) + (part * size), size);
            }
        }
        float[] bias = [.. maps.SelectMany(m => m.Bias)];
        string all = graph.Add(
            graph.MatMul(x, graph.Weight(joined, inputs, width)), graph.Weight(bias, width));
        return maps.Length == 1 ? [all] : graph.Ops(maps.Length, "Split", [all], ("axis", 2L));
    }
}
