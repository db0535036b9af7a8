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

    /// <summary>What the map gives: (batch, frames, <paramref name="size"/>).</summary>
    public string Apply(GraphBuilder graph, string x, long size) => graph.Add(
        graph.MatMul(x, graph.Weight(Weight, Weight.LongLength / size, size)), graph.Weight(Bias, size));
}
