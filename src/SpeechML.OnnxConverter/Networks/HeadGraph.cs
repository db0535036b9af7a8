using SpeechML.OnnxConverter.Graph;

namespace SpeechML.OnnxConverter.Networks;

/// <summary>The head: pooled vectors to outputs, through linear maps, norms and activations.</summary>
internal static class HeadGraph
{
    private const string Prefix = "head.";

    /// <param name="graph">The graph.</param>
    /// <param name="weights">The network's weights.</param>
    /// <param name="options">What the head is.</param>
    /// <param name="inputs">Ranges that each output reads; <see langword="null"/>: all of the vector.</param>
    /// <param name="pooled">(batch, size).</param>
    public static string Build(
        GraphBuilder graph, ModelTensors weights, HeadOptions options, (long Start, long Length)[][]? inputs,
        string pooled)
    {
        int stacks = weights.Count(Prefix + "stacks.");
        string output = graph.Concat(1, [.. Enumerable.Range(0, stacks).Select(stack => Stack(
            graph, weights, options, Given(graph, inputs, stack, pooled),
            FormattableString.Invariant($"{Prefix}stacks.{stack}.")))]);
        return weights.Has(Prefix + "level_bias")
            ? graph.Add(output, graph.Vector(weights, Prefix + "level_bias")) : output;
    }

    private static string Given(
        GraphBuilder graph, (long Start, long Length)[][]? inputs, int stack, string pooled) =>
        inputs is null ? pooled
            : graph.Concat(1, [.. inputs[stack].Select(r => graph.Slice(pooled, 1, r.Start, r.Start + r.Length))]);

    private static string Stack(
        GraphBuilder graph, ModelTensors weights, HeadOptions options, string x, string name)
    {
        int hidden = weights.Count(name + "layers.") - 1;
        string Normed(string value, int number)
        {
            string norm = FormattableString.Invariant($"{name}norms.{number}");
            return weights.Has(norm + ".weight")
                ? graph.Norm(weights, value, norm, FrameTransformerGraph.Epsilon) : value;
        }
        x = hidden == 0 ? Normed(x, 0) : x;
        for (int number = 0; number < hidden; number++)
        {
            string mapped = graph.Linear(weights, x, FormattableString.Invariant($"{name}layers.{number}"));
            x = Activated(graph, options.Activation, Normed(mapped, number));
        }
        return graph.Linear(weights, x, FormattableString.Invariant($"{name}layers.{hidden}"));
    }

    private static string Activated(GraphBuilder graph, HeadActivation activation, string x) => activation switch
    {
        HeadActivation.Relu => graph.Op("Relu", x),
        HeadActivation.Gelu => graph.Gelu(x),
        HeadActivation.Tanh => graph.Op("Tanh", x),
        HeadActivation.Sigmoid => graph.Op("Sigmoid", x),
        HeadActivation.Identity => x,
        _ => throw new InvalidOperationException($"Unknown activation {activation}."),
    };
}
