using SpeechML.Model.Extras;
using SpeechML.OnnxConverter.Graph;

namespace SpeechML.OnnxConverter.Networks;

/// <summary>From the numbers beside the audio to what joins the pooled vector, as <see cref="ExtraInput"/>.</summary>
internal static class ExtraGraph
{
    private const string Prefix = "extra.";

    /// <param name="graph">The graph.</param>
    /// <param name="weights">The network's weights.</param>
    /// <param name="features">(batch, numbers); what is missing is NaN or infinite.</param>
    /// <returns>(batch, twice as many): standardised, then the signs of what is missing.</returns>
    public static string Build(GraphBuilder graph, ModelTensors weights, string features)
    {
        // Never float16: a mean has the unit of its column.
        string Row(string name)
        {
            float[] values = weights.Values(Prefix + name);
            return graph.Constant(ElementType.Float, values, values.Length);
        }
        string missing = graph.Op("Or", graph.Op("IsNaN", features), graph.Op("IsInf", features));
        string known = graph.Mul(graph.Sub(features, Row("mean")), Row("factor"));
        string signs = graph.Mul(graph.Cast(missing, ElementType.Float), Row("signs"));
        return graph.Concat(1, graph.Where(missing, graph.Constant(0f), known), signs);
    }
}
