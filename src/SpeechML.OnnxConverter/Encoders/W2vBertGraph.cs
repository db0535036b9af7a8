using SpeechML.Encoders.Families.Conformer;
using SpeechML.Encoders.Features;
using SpeechML.OnnxConverter.Encoders.Features;
using SpeechML.OnnxConverter.Encoders.Layers;
using SpeechML.OnnxConverter.Graph;

namespace SpeechML.OnnxConverter.Encoders;

/// <summary>w2v-BERT 2.0: conformer layers on stacked log-mel frames.</summary>
internal sealed class W2vBertGraph : EncoderGraph
{
    public override IReadOnlyList<string> Families => ["wav2vec2-bert"];

    public override bool NormalizesWaveform(SpeechEncoder encoder) => false;

    public override EncoderStates Build(EncoderWork work, IReadOnlySet<int> keep, bool last, string? prompt)
    {
        var config = (W2vBertConfig)work.Encoder.Config;
        (string frames, string lengths) = Stacked(work, config);
        ProjectedFrames projected = ProjectedFrames.Build(
            work, frames, lengths, Prefix + "feature_projection.layer_norm", config.LayerNormEpsilon,
            Prefix + "feature_projection.projection");
        var layer = new ConformerLayerGraph(work, config.Sizes, new DistancePositions(work, config), Convolve);
        Dictionary<int, string> states =
            LayerStackGraph.Run(work, projected.Values, lengths, keep, prompt, layer.Build);
        return new EncoderStates(states, lengths, projected.Count);
    }

    // As StackedLogMel: each band of a clip to zero mean and unit variance, a rest that fills no frame counted there.
    private static (string Frames, string Lengths) Stacked(EncoderWork work, W2vBertConfig config)
    {
        GraphBuilder graph = work.Graph;
        using IDisposable scope = graph.Scope("mel");
        KaldiFrames mel = KaldiGraph.Build(
            work, config.Mels, StackedLogMel.SampleScale, StackedLogMel.WindowPower, most: null);
        string valid = graph.Unsqueeze(graph.Before(mel.Lengths, mel.Count), 2);
        string number = graph.Cast(graph.Unsqueeze(mel.Lengths, 1, 2), ElementType.Double);
        string none = graph.Constant(0.0);
        // Around the first value, so that a band that never changes has no deviation at all.
        string around = graph.Where(valid, graph.Sub(mel.Values, graph.Slice(mel.Values, 1, 0, 1)), none);
        string mean = graph.Div(graph.Sum(around, true, 1), number);
        string centred = graph.Where(valid, graph.Sub(around, mean), none);
        string variance = graph.Div(
            graph.Sum(graph.Mul(centred, centred), true, 1), graph.Sub(number, graph.Constant(1.0)));
        string deviation = graph.Op("Sqrt", graph.Add(variance, graph.Constant(StackedLogMel.VarianceFloor)));
        string normed = graph.Cast(graph.Div(centred, deviation), ElementType.Float);
        string stacked = graph.Constant((long)W2vBertConfig.Stacked);
        string whole = graph.Unsqueeze(graph.Mul(graph.Div(mel.Count, stacked), stacked), 0);
        string cut = graph.Op("Slice", normed, graph.Vector(0), whole, graph.Vector(1));
        return (graph.Reshape(cut, 0, -1, (long)config.Mels * W2vBertConfig.Stacked),
            graph.Div(mel.Lengths, stacked));
    }

    // Frames see only those before them.
    private static string Convolve(EncoderWork work, ConformerSizes sizes, string channels, string name)
    {
        string convolved = ConformerLayerGraph.Depthwise(
            work.Graph, channels, work.Weights.Values(name + "depthwise_conv.weight"), null, sizes.Kernel - 1, 0);
        return work.Graph.Norm(
            work.Weights, work.Graph.Transpose(convolved, 0, 2, 1), name + "depthwise_layer_norm", sizes.Epsilon);
    }
}
