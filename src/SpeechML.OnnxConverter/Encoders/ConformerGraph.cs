using SpeechML.Encoders.Families.Conformer;
using SpeechML.OnnxConverter.Encoders.Features;
using SpeechML.OnnxConverter.Encoders.Layers;
using SpeechML.OnnxConverter.Graph;

namespace SpeechML.OnnxConverter.Encoders;

/// <summary>wav2vec 2.0 with conformer layers.</summary>
internal sealed class ConformerGraph : EncoderGraph
{
    public override IReadOnlyList<string> Families => ["wav2vec2-conformer"];

    public override bool NormalizesWaveform(SpeechEncoder encoder) => encoder.Features.Normalize;

    public override EncoderStates Build(EncoderWork work, IReadOnlySet<int> keep, bool last, string? prompt)
    {
        var config = (ConformerConfig)work.Encoder.Config;
        (string frames, string lengths) = FrontEndGraph.Build(work, config);
        ProjectedFrames projected = ProjectedFrames.Build(
            work, frames, lengths, Prefix + "feature_projection.layer_norm", config.LayerNormEpsilon,
            Prefix + "feature_projection.projection");
        ConformerPositions positions =
            config.IsRotary ? new RotaryPositions(work, config) : new RelativePositions(work, config);
        var layer = new ConformerLayerGraph(work, config.Sizes, positions, Convolve);
        Dictionary<int, string> states =
            LayerStackGraph.Run(work, projected.Values, lengths, keep, prompt, layer.Build);
        if (last)
        {
            states[config.LayerCount] = work.Graph.Norm(
                work.Weights, states[config.LayerCount], Prefix + "encoder.layer_norm", config.LayerNormEpsilon);
        }
        return new EncoderStates(states, lengths, projected.Count);
    }

    // Half a kernel on both sides; the batch norm behind it is in its weights.
    private static string Convolve(EncoderWork work, ConformerSizes sizes, string channels, string name)
    {
        float[] kernel = work.Weights.Values(name + "depthwise_conv.weight");
        (double[] scale, float[] shift) = BatchNormGraph.Of(work.Weights, name + "batch_norm");
        float[] scaled = [.. kernel.Select((k, i) => (float)(k * scale[i / sizes.Kernel]))];
        string convolved = ConformerLayerGraph.Depthwise(
            work.Graph, channels, scaled, shift, sizes.Kernel / 2, sizes.Kernel / 2);
        return work.Graph.Transpose(convolved, 0, 2, 1);
    }
}
