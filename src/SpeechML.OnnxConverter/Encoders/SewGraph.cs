using SpeechML.Encoders.Families.Sew;
using SpeechML.OnnxConverter.Encoders.Features;
using SpeechML.OnnxConverter.Encoders.Layers;
using SpeechML.OnnxConverter.Graph;

namespace SpeechML.OnnxConverter.Encoders;

/// <summary>SEW: the layers see the mean of several frames, each of their results becomes as many.</summary>
internal sealed class SewGraph : EncoderGraph
{
    public override IReadOnlyList<string> Families => ["sew"];

    public override bool NormalizesWaveform(SpeechEncoder encoder) => encoder.Features.Normalize;

    public override EncoderStates Build(EncoderWork work, IReadOnlySet<int> keep, bool last, string? prompt)
    {
        GraphBuilder graph = work.Graph;
        var config = (SewConfig)work.Encoder.Config;
        (string frames, string lengths) = FrontEndGraph.Build(work, config);
        ProjectedFrames projected = ProjectedFrames.Build(
            work, frames, lengths, Prefix + "layer_norm", config.LayerNormEpsilon,
            config.HasProjection ? Prefix + "feature_projection" : null);
        string factor = graph.Constant((long)config.Squeeze);
        string squeezed = graph.Div(projected.Count, factor);
        string attended = graph.Div(lengths, factor);
        string hidden = graph.Norm(
            work.Weights, graph.Add(Means(graph, config, projected, squeezed), Positions(work, config, projected,
                squeezed)), Prefix + "encoder.layer_norm", config.LayerNormEpsilon);
        Dictionary<int, string> states = LayerStackGraph.Run(work, hidden, attended, keep, prompt,
            (number, x, mask, _) => TransformerLayerGraph.Build(work, config, preNorm: false, number, x, mask));
        string made = graph.Mul(attended, factor);
        string missing = graph.Unsqueeze(graph.Sub(projected.Count, graph.Mul(squeezed, factor)), 0);
        string Whole(string several) => graph.Op(
            "Pad", graph.Reshape(several, 0, -1, config.HiddenSize),
            graph.Concat(0, graph.Vector(0, 0, 0, 0), missing, graph.Vector(0)));
        if (!last)
        {
            // What the squeeze dropped is not valid.
            return new EncoderStates(states.ToDictionary(s => s.Key, s => Whole(graph.Op(
                "Tile", graph.Unsqueeze(s.Value, 2), graph.Vector(1, 1, config.Squeeze, 1)))), made, projected.Count);
        }
        string upsampled = Whole(graph.Gelu(graph.Linear(
            work.Weights, states[config.LayerCount], Prefix + "encoder.upsample.projection")));
        string valid = graph.Unsqueeze(graph.Before(made, projected.Count), 2);
        states[config.LayerCount] = graph.Where(valid, upsampled, graph.Constant(0f));
        return new EncoderStates(states, lengths, projected.Count);
    }

    // (batch, frames / squeeze, hidden).
    private static string Means(GraphBuilder graph, SewConfig config, ProjectedFrames projected, string squeezed)
    {
        string whole = graph.Unsqueeze(graph.Mul(squeezed, graph.Constant((long)config.Squeeze)), 0);
        string cut = graph.Op("Slice", projected.Values, graph.Vector(0), whole, graph.Vector(1));
        return graph.Reduce("ReduceMean", graph.Reshape(cut, 0, -1, config.Squeeze, config.HiddenSize), false, 2);
    }

    private static string Positions(EncoderWork work, SewConfig config, ProjectedFrames projected, string squeezed)
    {
        GraphBuilder graph = work.Graph;
        string convolved = PositionalGraph.Convolve(
            graph, config, graph.Transpose(projected.Values, 0, 2, 1),
            ((SewEncoder)work.Encoder).Transformer.Positions.KernelWeight(),
            graph.Vector(work.Weights, Prefix + "encoder.pos_conv_embed.conv.bias"), config.Squeeze);
        string positions = graph.Transpose(graph.Gelu(convolved), 0, 2, 1);
        return graph.Op(
            "Slice", positions, graph.Vector(0), graph.Unsqueeze(squeezed, 0), graph.Vector(1));
    }
}
