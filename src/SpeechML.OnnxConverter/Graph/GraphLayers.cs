using SpeechML.Encoders.Layers;

namespace SpeechML.OnnxConverter.Graph;

/// <summary>Layers that several parts of a network have, by the names of their weights.</summary>
internal static class GraphLayers
{
    /// <summary>A linear map of the last axis.</summary>
    public static string Linear(this GraphBuilder graph, ModelTensors weights, string x, string name)
    {
        long[] shape = weights.Shape(name + ".weight");
        string product = graph.MatMul(
            x, graph.Weight(weights.Transposed(name + ".weight"), shape[1], shape[0]));
        return weights.Has(name + ".bias") ? graph.Add(product, graph.Vector(weights, name + ".bias")) : product;
    }

    /// <summary>A linear map, a function, a linear map.</summary>
    public static string FeedForward(
        this GraphBuilder graph, ModelTensors weights, string x, string up, Activation activation, string down) =>
        graph.Linear(weights, graph.Activated(activation, graph.Linear(weights, x, up)), down);

    /// <summary>The function between two linear maps.</summary>
    public static string Activated(this GraphBuilder graph, Activation activation, string x) =>
        activation == Activation.Gelu ? graph.Gelu(x)
            : activation == Activation.Silu ? graph.Mul(x, graph.Op("Sigmoid", x))
            : throw new NotSupportedException(
                $"ONNX converter: expected GELU or SiLU between linear maps, got {activation.GetType().Name}.");

    /// <summary>A layer norm.</summary>
    public static string Norm(this GraphBuilder graph, ModelTensors weights, string x, string name, double epsilon) =>
        graph.LayerNorm(x, graph.Vector(weights, name + ".weight"), graph.Vector(weights, name + ".bias"), epsilon);

    /// <summary>A vector of weights.</summary>
    public static string Vector(this GraphBuilder graph, ModelTensors weights, string name)
    {
        float[] values = weights.Values(name);
        return graph.Weight(values, values.LongLength);
    }

    /// <summary>A convolution over time: (batch, inputs, positions) to (batch, outputs, positions).</summary>
    public static string Convolve(
        this GraphBuilder graph, ModelTensors weights, string x, string name, long stride, long padding)
    {
        long[] shape = weights.Shape(name + ".weight");
        string kernel = graph.Weight(weights.Values(name + ".weight"), shape);
        string[] inputs = weights.Has(name + ".bias")
            ? [x, kernel, graph.Vector(weights, name + ".bias")] : [x, kernel];
        return graph.Op("Conv", inputs, ("kernel_shape", new[] { shape[2] }), ("strides", new[] { stride }),
            ("pads", new[] { padding, padding }));
    }
}
