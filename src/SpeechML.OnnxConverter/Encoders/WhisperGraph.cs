using SpeechML.Encoders.Families.Whisper;
using SpeechML.Encoders.Layers;
using SpeechML.OnnxConverter.Encoders.Features;
using SpeechML.OnnxConverter.Encoders.Layers;
using SpeechML.OnnxConverter.Graph;

namespace SpeechML.OnnxConverter.Encoders;

/// <summary>Whisper's encoder.</summary>
internal sealed class WhisperGraph : EncoderGraph
{
    public override IReadOnlyList<string> Families => ["whisper"];

    public override bool NormalizesWaveform(SpeechEncoder encoder) => false;

    public override EncoderStates Build(EncoderWork work, IReadOnlySet<int> keep, bool last, string? prompt)
    {
        GraphBuilder graph = work.Graph;
        ModelTensors weights = work.Weights;
        var config = (WhisperConfig)work.Encoder.Config;
        bool exact = work.Encoder.Context == WhisperContext.Exact30Seconds;
        MelFrames mel = LogMelGraph.Build(work, config, exact);
        string once = graph.Gelu(graph.Convolve(weights, mel.Values, Prefix + "conv1", stride: 1, padding: 1));
        if (!exact)
        {
            // A clip alone ends here, and the second convolution pads it with zeros.
            once = graph.Where(mel.Visible, once, graph.Constant(0f));
        }
        string twice = graph.Gelu(graph.Convolve(
            weights, once, Prefix + "conv2", stride: WhisperConfig.MelFramesPerFrame, padding: 1));
        string hidden = graph.Transpose(twice, 0, 2, 1);
        string frames = graph.Size(hidden, 1);
        string table = graph.Weight(
            weights.Values(Prefix + "embed_positions.weight"), config.Positions, config.HiddenSize);
        hidden = graph.Add(hidden, exact ? table : graph.Op(
            "Slice", table, graph.Vector(0), graph.Unsqueeze(frames, 0), graph.Vector(0)));
        string lengths = Halved(graph, mel.Speech);
        string? attended = exact ? null : graph.Min(
            graph.Add(lengths, graph.Constant(LogMelGraph.Margin(config) / WhisperConfig.MelFramesPerFrame)),
            graph.Constant((long)config.Positions));
        Dictionary<int, string> states = LayerStackGraph.Run(work, hidden, attended, keep, prompt,
            (number, x, mask, _) => Layer(work, config, number, x, mask));
        if (states.TryGetValue(config.LayerCount, out string? end))
        {
            states[config.LayerCount] =
                graph.Norm(weights, end, Prefix + "layer_norm", WhisperConfig.LayerNormEpsilon);
        }
        return new EncoderStates(states, lengths, frames)
        {
            Attended = attended ?? graph.Add(graph.Mul(lengths, graph.Constant(0L)), frames),
        };
    }

    private static string Halved(GraphBuilder graph, string melFrames) => graph.Div(
        graph.Add(melFrames, graph.Constant(WhisperConfig.MelFramesPerFrame - 1L)),
        graph.Constant((long)WhisperConfig.MelFramesPerFrame));

    private static string Layer(EncoderWork work, WhisperConfig config, int number, string x, string? mask)
    {
        GraphBuilder graph = work.Graph;
        ModelTensors weights = work.Weights;
        string name = FormattableString.Invariant($"{Prefix}layers.{number}.");
        string Norm(string value, string norm) =>
            graph.Norm(weights, value, name + norm, WhisperConfig.LayerNormEpsilon);
        string attended = graph.Add(
            AttentionGraph.Attend(
                graph, weights, Norm(x, "self_attn_layer_norm"), AttentionMaps.Projections(name + "self_attn."),
                config.Heads, null, mask), x);
        string fed = graph.FeedForward(
            weights, Norm(attended, "final_layer_norm"), name + "fc1", Activation.Gelu, name + "fc2");
        return graph.Add(fed, attended);
    }
}
