using SpeechML.Encoders.Families.Spectrogram;
using SpeechML.OnnxConverter.Encoders.Features;
using SpeechML.OnnxConverter.Encoders.Layers;
using SpeechML.OnnxConverter.Graph;

namespace SpeechML.OnnxConverter.Encoders;

/// <summary>The Audio Spectrogram Transformer.</summary>
internal sealed class PatchGraph : EncoderGraph
{
    private const string Embeddings = Prefix + "embeddings.";

    public override IReadOnlyList<string> Families => ["audio-spectrogram-transformer"];

    public override bool NormalizesWaveform(SpeechEncoder encoder) => false;

    public override EncoderStates Build(EncoderWork work, IReadOnlySet<int> keep, bool last, string? prompt)
    {
        GraphBuilder graph = work.Graph;
        var config = (PatchConfig)work.Encoder.Config;
        (string input, string seen) = Input(work, config);
        string hidden = Tokens(work, config, input);
        Dictionary<int, string> states = LayerStackGraph.Run(work, hidden, attended: null, keep, prompt,
            (number, x, mask, _) => Layer(work, config, number, x, mask));
        if (last)
        {
            states[config.LayerCount] = graph.Norm(
                work.Weights, states[config.LayerCount], Prefix + "layernorm", config.LayerNormEpsilon);
        }
        if (work.Tokens)
        {
            return new EncoderStates(
                states.ToDictionary(s => s.Key, s => graph.Slice(s.Value, 1, 0, PatchConfig.ExtraTokens)),
                graph.Add(graph.Mul(seen, graph.Constant(0L)), graph.Constant((long)PatchConfig.ExtraTokens)),
                graph.Constant((long)PatchConfig.ExtraTokens));
        }
        // A frame is the mean over the patches of one time.
        string lengths = graph.Add(
            graph.Div(graph.Sub(seen, graph.Constant((long)config.PatchSize)),
                graph.Constant((long)config.TimeStride)), graph.Constant(1L));
        return new EncoderStates(
            states.ToDictionary(s => s.Key, s => graph.Reduce(
                "ReduceMean", graph.Reshape(graph.Slice(s.Value, 1, PatchConfig.ExtraTokens, long.MaxValue),
                    0, config.Bands, config.Times, config.HiddenSize), false, 1)),
            lengths, graph.Constant((long)config.Times));
    }

    // (batch, 1, mels, frames), and (batch) frames of each clip that are seen.
    private static (string Values, string Seen) Input(EncoderWork work, PatchConfig config)
    {
        GraphBuilder graph = work.Graph;
        using IDisposable scope = graph.Scope("mel");
        PatchFeatures features = ((PatchEncoder)work.Encoder).Input;
        KaldiFrames mel = KaldiGraph.Build(
            work, config.Mels, PatchFeatures.SampleScale, PatchFeatures.WindowPower, config.Frames);
        string valid = graph.Unsqueeze(graph.Before(mel.Lengths, mel.Count), 2);
        // Python pads before it normalises.
        string logs = graph.Where(valid, mel.Values, graph.Constant(0.0));
        string scaled = graph.Mul(graph.Sub(logs, graph.Constant(features.Mean)), graph.Constant(features.Scale));
        string bands = graph.Transpose(graph.Cast(scaled, ElementType.Float), 0, 2, 1);
        string missing = graph.Unsqueeze(graph.Sub(graph.Constant((long)config.Frames), mel.Count), 0);
        string whole = graph.Op("Pad", bands, graph.Concat(0, graph.Vector(0, 0, 0, 0, 0), missing),
            graph.Constant((float)((0 - features.Mean) * features.Scale)));
        return (graph.Unsqueeze(whole, 1), mel.Lengths);
    }

    // (batch, tokens, hidden): two learned ones, then all times of the lowest band first.
    private static string Tokens(EncoderWork work, PatchConfig config, string input)
    {
        GraphBuilder graph = work.Graph;
        ModelTensors weights = work.Weights;
        long hidden = config.HiddenSize, size = config.PatchSize;
        string projection = Embeddings + "patch_embeddings.projection.";
        string patches = graph.Op(
            "Conv",
            [
                input, graph.Weight(weights.Values(projection + "weight"), hidden, 1, size, size),
                graph.Vector(weights, projection + "bias"),
            ],
            ("kernel_shape", new[] { size, size }),
            ("strides", new long[] { config.BandStride, config.TimeStride }), ("pads", new long[4]));
        string batch = graph.Op("Gather", graph.Op("Shape", input), graph.Vector(0));
        string first = graph.Weight(
            [.. weights.Values(Embeddings + "cls_token"), .. weights.Values(Embeddings + "distillation_token")],
            1, PatchConfig.ExtraTokens, hidden);
        string tokens = graph.Concat(1,
            graph.Op("Expand", first, graph.Concat(0, batch, graph.Vector(PatchConfig.ExtraTokens, hidden))),
            graph.Transpose(graph.Reshape(patches, 0, hidden, -1), 0, 2, 1));
        return graph.Add(tokens, graph.Weight(
            weights.Values(Embeddings + "position_embeddings"), 1, config.Tokens, hidden));
    }

    private static string Layer(EncoderWork work, PatchConfig config, int number, string x, string? mask)
    {
        GraphBuilder graph = work.Graph;
        ModelTensors weights = work.Weights;
        string name = FormattableString.Invariant($"{Prefix}encoder.layer.{number}.");
        string inner = name + "attention.attention.";
        string Norm(string value, string norm) => graph.Norm(weights, value, name + norm, config.LayerNormEpsilon);
        string attended = graph.Add(AttentionGraph.Attend(
            graph, weights, Norm(x, "layernorm_before"),
            new AttentionMaps(inner + "query", inner + "key", inner + "value", name + "attention.output.dense"),
            config.Heads, null, mask), x);
        string fed = graph.FeedForward(weights, Norm(attended, "layernorm_after"), name + "intermediate.dense",
            config.Activation, name + "output.dense");
        return graph.Add(fed, attended);
    }
}
