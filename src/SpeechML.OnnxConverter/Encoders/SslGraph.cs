using SpeechML.Encoders.Families.Ssl;
using SpeechML.OnnxConverter.Encoders.Features;
using SpeechML.OnnxConverter.Encoders.Layers;
using SpeechML.OnnxConverter.Graph;

namespace SpeechML.OnnxConverter.Encoders;

/// <summary>wav2vec 2.0 and the encoders that are built like it.</summary>
internal sealed class SslGraph : EncoderGraph
{
    public override IReadOnlyList<string> Families =>
        ["wavlm", "hubert", "wav2vec2", "unispeech", "unispeech-sat", "data2vec-audio"];

    public override bool NormalizesWaveform(SpeechEncoder encoder) => encoder.Features.Normalize;

    public override EncoderStates Build(EncoderWork work, IReadOnlySet<int> keep, bool last, string? prompt)
    {
        GraphBuilder graph = work.Graph;
        ModelTensors weights = work.Weights;
        var config = (SslConfig)work.Encoder.Config;
        (string frames, string lengths) = FrontEndGraph.Build(work, config);
        ProjectedFrames projected = ProjectedFrames.Build(
            work, frames, lengths, config.ProjectionNorm ? Prefix + "feature_projection.layer_norm" : null,
            config.LayerNormEpsilon, Prefix + "feature_projection.projection");
        string positions = config is Data2VecConfig stack ? PositionalStackGraph.Build(work, stack, projected)
            : PositionalGraph.Build(work, config, projected);
        string hidden = graph.Add(positions, projected.Values);
        if (!config.PreNorm)
        {
            hidden = graph.Norm(weights, hidden, Prefix + "encoder.layer_norm", config.LayerNormEpsilon);
        }
        WavLmBias? bias = config.ModelType == "wavlm" ? new WavLmBias(work, config) : null;
        Dictionary<int, string> states = LayerStackGraph.Run(work, hidden, lengths, keep, prompt,
            (number, x, mask, count) => TransformerLayerGraph.Build(work, config, config.PreNorm, number, x, mask,
                bias is null ? null : (value, name) => bias.Of(value, name, count)));
        if (last && config.PreNorm)
        {
            states[config.LayerCount] = graph.Norm(
                weights, states[config.LayerCount], Prefix + "encoder.layer_norm", config.LayerNormEpsilon);
        }
        return new EncoderStates(states, lengths, projected.Count);
    }
}
