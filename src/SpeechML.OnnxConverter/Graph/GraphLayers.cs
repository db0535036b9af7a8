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
