using SpeechML.Encoders.Families.Ssl;
using SpeechML.OnnxConverter.Graph;

namespace SpeechML.OnnxConverter.Encoders;

/// <summary>wav2vec 2.0, HuBERT and WavLM.</summary>
internal sealed class SslGraph : EncoderGraph
{
    public override IReadOnlyList<string> Families => ["wavlm", "hubert", "wav2vec2"];

    public override bool NormalizesWaveform(SpeechEncoder encoder) => encoder.Features.Normalize;

    public override EncoderStates Build(EncoderWork work, IReadOnlySet<int> keep, bool last, string? prompt)
    {
        GraphBuilder graph = work.Graph;
        ModelTensors weights = work.Weights;
        var config = (SslConfig)work.Encoder.Config;
        string waveform = WaveformGraph.Build(work);
        (string frames, string lengths) = FrontEnd(work, config, waveform);
        string channels = graph.Transpose(frames, 0, 2, 1);
        string projected = config.ProjectionNorm
            ? graph.Norm(weights, channels, Prefix + "feature_projection.layer_norm", config.LayerNormEpsilon)
            : channels;
        projected = graph.Linear(weights, projected, Prefix + "feature_projection.projection");
        string count = graph.Size(projected, 1);
        string valid = graph.Unsqueeze(graph.Before(lengths, count), 2);
        projected = graph.Where(valid, projected, graph.Constant(0f));
        string hidden = graph.Add(PositionalGraph.Build(work, config, projected, valid), projected);
        if (!config.PreNorm)
        {
            hidden = graph.Norm(weights, hidden, Prefix + "encoder.layer_norm", config.LayerNormEpsilon);
        }
        WavLmBias? positions = config.ModelType == "wavlm" ? new WavLmBias(work, config) : null;
        Dictionary<int, string> states = LayerStackGraph.Run(work, hidden, lengths, keep, prompt,
            (number, x, mask, positionCount) => Layer(work, config, number, x, mask, positions?.Table(positionCount),
                positions));
        if (last && config.PreNorm)
        {
            states[config.LayerCount] = graph.Norm(
                weights, states[config.LayerCount], Prefix + "encoder.layer_norm", config.LayerNormEpsilon);
        }
        return new EncoderStates(states, lengths, count);
    }

    // (batch, samples) to (batch, channels, frames).
    private static (string Frames, string Lengths) FrontEnd(EncoderWork work, SslConfig config, string waveform)
    {
        GraphBuilder graph = work.Graph;
        string current = config.GroupNorm ? waveform : graph.Unsqueeze(waveform, 1);
        string lengths = work.Lengths;
        for (int layer = 0; layer < config.ConvChannels.Length; layer++)
        {
            using IDisposable scope = graph.Scope(FormattableString.Invariant($"conv{layer}"));
            string name = FormattableString.Invariant($"{Prefix}feature_extractor.conv_layers.{layer}.");
            (int kernel, int stride) = (config.ConvKernels[layer], config.ConvStrides[layer]);
            lengths = graph.Div(
                graph.Add(lengths, graph.Constant((long)stride - kernel)), graph.Constant((long)stride));
            if (config.GroupNorm && layer == 0)
            {
                current = graph.Gelu(ClipNormGraph.Build(work, waveform, lengths, name, stride));
                continue;
            }
            current = graph.Convolve(work.Weights, current, name + "conv", stride, padding: 0);
            if (!config.GroupNorm)
            {
                current = graph.Transpose(graph.Norm(
                    work.Weights, graph.Transpose(current, 0, 2, 1), name + "layer_norm", SslConfig.FixedEpsilon),
                    0, 2, 1);
            }
            current = graph.Gelu(current);
        }
        return (current, lengths);
    }

    private static string Layer(
        EncoderWork work, SslConfig config, int number, string x, string? mask, string? table, WavLmBias? positions)
    {
        GraphBuilder graph = work.Graph;
        ModelTensors weights = work.Weights;
        string name = FormattableString.Invariant($"{Prefix}encoder.layers.{number}.");
        string Norm(string value, string norm) => graph.Norm(weights, value, name + norm, config.LayerNormEpsilon);
        string Attend(string value) => AttentionGraph.Attend(graph, weights, value, name + "attention.", config.Heads,
            table is null ? null : graph.Mul(positions!.Gate(value, name + "attention."), table), mask);
        string Feed(string value) => graph.Linear(
            weights,
            graph.Gelu(graph.Linear(weights, value, name + "feed_forward.intermediate_dense")),
            name + "feed_forward.output_dense");
        if (config.PreNorm)
        {
            string after = graph.Add(Attend(Norm(x, "layer_norm")), x);
            return graph.Add(Feed(Norm(after, "final_layer_norm")), after);
        }
        string attended = Norm(graph.Add(Attend(x), x), "layer_norm");
        return Norm(graph.Add(Feed(attended), attended), "final_layer_norm");
    }
}
