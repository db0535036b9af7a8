using SpeechML.Data.Onnx;
using SpeechML.Encoders.Kernels;
using SpeechML.Model;
using SpeechML.OnnxConverter.Encoders;
using SpeechML.OnnxConverter.Graph;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.OnnxConverter.Networks;

/// <summary>A network from samples to the outputs of its head.</summary>
/// <param name="Result">The outputs; of a featuriser the pooled vectors, or the frames.</param>
/// <param name="FrameLengths">(batch) frames that count.</param>
internal sealed record NetworkGraph(string Result, string FrameLengths)
{
    private const string PromptName = "prompt.embedding";

    /// <summary>Adds a network to a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="model">The model.</param>
    /// <param name="audio">(batch, samples).</param>
    /// <param name="lengths">(batch) samples that count.</param>
    /// <param name="features">(batch, numbers) beside the audio; <see langword="null"/> of a model without.</param>
    public static NetworkGraph Build(
        GraphBuilder graph, SpeechModel model, string audio, string lengths, string? features)
    {
        SpeechNetwork network = model.Network;
        using IDisposable noGradients = no_grad();
        using WeightAccess access = WeightAccess.Begin();
        using DisposeScope scope = NewDisposeScope();
        ModelTensors weights = ModelTensors.Of(network);
        EncoderGraph encoder = EncoderGraph.Of(network.Encoder);
        OnnxPooling pooling = PoolingGraph.KindOf(network.Pooling, model.Facts.Pooling);
        bool last = network.Layers.Last;
        int[] numbers = last ? [network.Encoder.Config.LayerCount] : network.Layers.Numbers;
        EncoderStates encoded = encoder.Build(
            new EncoderWork(graph, weights, network.Encoder, audio, lengths, network.PoolsTokens),
            numbers.ToHashSet(), last, network.Prompt is null ? null : PromptName);
        string mixed = Mix(graph, network, [.. numbers.Select(n => encoded.States[n])]);
        if (network.FrameHead is not null)
        {
            mixed = FrameTransformerGraph.Build(
                graph, weights, model.Facts.Head!.FrameAttentionHeads, mixed, encoded.Lengths, encoded.Frames);
        }
        string frames = graph.Named("Identity", OnnxParts.Frames, [mixed]);
        string counts = graph.Named(
            "Identity", OnnxParts.FrameLengths, [network.PoolsSilence ? encoded.Attended : encoded.Lengths]);
        if (network.Head is null && model.Facts.Output == SpeechFeatureOutput.Frames)
        {
            return new NetworkGraph(frames, counts);
        }
        string pooled = graph.Named("Identity", OnnxParts.Pooled,
            [PoolingGraph.Build(graph, weights, pooling, frames, counts, encoded.Frames)]);
        if (network.Head is null)
        {
            return new NetworkGraph(pooled, counts);
        }
        using IDisposable head = graph.Scope(OnnxParts.Head);
        string given = network.Extra is null ? pooled
            : graph.Concat(1, pooled, ExtraGraph.Build(graph, weights, features!));
        string outputs = HeadGraph.Build(graph, weights, model.Facts.Head!, Inputs(model), given);
        return new NetworkGraph(graph.Named("Identity", OnnxParts.Logits, [outputs]), counts);
    }

    private static (long Start, long Length)[][]? Inputs(SpeechModel model) => model.Facts.HeadInputs?
        .Select(f => f.In(model.Network.Layers.Numbers, model.Network.Encoder.Config.HiddenSize,
            (model.Network.Pooling.OutputSize, model.Network.Extra?.OutputSize ?? 0))).ToArray();

    private static string Mix(GraphBuilder graph, SpeechNetwork network, string[] states)
    {
        if (states.Length == 1)
        {
            return states[0];
        }
        using IDisposable scope = graph.Scope("mix");
        if (network.Mix.Width > 1)
        {
            return graph.Concat(2, states);
        }
        float[] shares = network.Mix.Shares();
        string sum = graph.Mul(states[0], graph.Constant(shares[0]));
        for (int i = 1; i < states.Length; i++)
        {
            sum = graph.Add(sum, graph.Mul(states[i], graph.Constant(shares[i])));
        }
        return sum;
    }
}
