using SpeechML.Encoders.Families.Conformer;

namespace SpeechML.OnnxConverter.Encoders.Layers;

/// <summary>Scores of the distance by an embedding, as <see cref="DistanceAttention"/>.</summary>
internal sealed class DistancePositions(EncoderWork work, W2vBertConfig config)
    : ConformerPositions(work, config.HiddenSize, config.Heads)
{
    private string? _index;

    protected override string Bias(string queries, string name, string count)
    {
        string table = name + "distance_embedding.weight";
        long known = config.MaxLeft + 1L + config.MaxRight;
        string scores = Graph.MatMul(queries, Graph.Weight(Work.Weights.Transposed(table), HeadSize, known));
        return ByKey(Graph.Op("Gather", [scores, _index ??= Index(count)], ("axis", 3L)), count);
    }

    // The row of each distance key - query, from the least up: those beyond the greatest share it.
    private string Index(string count)
    {
        string one = Graph.Constant(1L), left = Graph.Constant((long)config.MaxLeft);
        string places = Graph.Range(Graph.Sub(Graph.Add(count, count), one));
        string distances = Graph.Sub(places, Graph.Sub(count, one));
        string near = Graph.Min(
            Graph.Max(distances, Graph.Constant(-(long)config.MaxLeft)), Graph.Constant((long)config.MaxRight));
        return Graph.Add(near, left);
    }
}
