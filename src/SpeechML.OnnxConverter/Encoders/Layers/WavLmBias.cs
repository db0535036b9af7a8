using SpeechML.Encoders.Families.Ssl;
using SpeechML.Model;
using SpeechML.OnnxConverter.Graph;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.OnnxConverter.Encoders.Layers;

/// <summary>WavLM's bias by relative position, and the gate that each layer puts on it.</summary>
internal sealed class WavLmBias(EncoderWork work, SslConfig config)
{
    private const string TableName = SpeechNetwork.EncoderPrefix + "encoder.layers.0.attention.rel_attn_embed.weight";

    private readonly int _heads = config.Heads;
    private string? _table;

    /// <summary>What is added to the scores of a layer: (batch, heads, frames, frames).</summary>
    /// <param name="x">The attention's input, (batch, frames, hidden).</param>
    /// <param name="name">The prefix of the attention's weights.</param>
    /// <param name="frames">A scalar.</param>
    public string Of(string x, string name, string frames)
    {
        string table = Table(frames);
        return work.Graph.Mul(Gate(x, name), table);
    }

    // (heads, frames, frames): computed once, by the first layer.
    private string Table(string frames)
    {
        if (_table is not null)
        {
            return _table;
        }
        GraphBuilder graph = work.Graph;
        // Distances beyond the greatest share a bucket: a table of the others is all there is to look up.
        long reach = config.MaxBucketDistance;
        string place = graph.Cast(graph.Range(frames), ElementType.Float);
        string distance = graph.Sub(graph.Unsqueeze(place, 0), graph.Unsqueeze(place, 1));
        string near = graph.Op("Clip", distance, graph.Constant((float)-reach), graph.Constant((float)reach));
        string index = graph.Cast(graph.Add(near, graph.Constant((float)reach)), ElementType.Int64);
        return _table = graph.Op(
            "Gather", [graph.Weight(ByDistance(reach), _heads, 2 * reach + 1), index], ("axis", 1L));
    }

    // (batch, heads, frames, 1).
    private string Gate(string x, string name)
    {
        GraphBuilder graph = work.Graph;
        long size = config.HiddenSize / _heads;
        // The map gives two gates of four values, which are summed: the sum is a map of its own.
        float[] map = work.Weights.Values(name + "gru_rel_pos_linear.weight");
        float[] bias = work.Weights.Values(name + "gru_rel_pos_linear.bias");
        int values = bias.Length / 2;
        float[] summed = new float[2 * size];
        for (int row = 0; row < bias.Length; row++)
        {
            for (int column = 0; column < size; column++)
            {
                summed[column * 2 + row / values] += map[row * size + column];
            }
        }
        string gates = graph.Op("Sigmoid", graph.Add(
            graph.MatMul(graph.Reshape(x, 0, 0, _heads, size), graph.Weight(summed, size, 2)),
            graph.Weight([bias[..values].Sum(), bias[values..].Sum()], 2)));
        string[] parts = graph.Ops(2, "Split", [graph.Transpose(gates, 0, 2, 1, 3)], ("axis", 3L));
        string scale = graph.Weight(work.Weights.Values(name + "gru_rel_pos_const"), 1, _heads, 1, 1);
        return graph.Add(
            graph.Mul(parts[0], graph.Sub(graph.Mul(parts[1], scale), graph.Constant(1f))), graph.Constant(2f));
    }

    // (heads, distances from -reach to reach).
    private float[] ByDistance(long reach)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor buckets = WavLmAttention.RelativePositionBuckets(reach + 1, config.Buckets, config.MaxBucketDistance);
        Tensor table = tensor(work.Weights.Values(TableName), [config.Buckets, _heads]);
        return ModelTensors.Values(table.index_select(0, buckets).t());
    }
}
