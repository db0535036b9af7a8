using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Data.DataViews;
using SpeechML.Data.Onnx;
using SpeechML.OnnxConverter.Graph;

namespace SpeechML.OnnxConverter.Chains;

/// <summary>MapKeyToValue on columns of a model: keys become the texts that they stand for.</summary>
internal static class KeyTextGraph
{
    /// <param name="graph">The graph.</param>
    /// <param name="before">The schema that the step is given.</param>
    /// <param name="after">The schema that it makes.</param>
    /// <param name="columns">The columns before it, which it changes.</param>
    /// <exception cref="NotSupportedException">A column that is no key with texts, or gets another name.</exception>
    public static void Add(
        GraphBuilder graph, DataViewSchema before, DataViewSchema after, Dictionary<string, ColumnValue> columns)
    {
        using IDisposable scope = graph.Scope(OnnxParts.Output);
        // A column that takes the place of another stands beside it, not at the end.
        foreach (DataViewSchema.Column made in after.Where(c => !c.IsHidden
            && before.GetColumnOrNull(c.Name)?.Type.Equals(c.Type) != true))
        {
            LabelValues? texts = before.GetColumnOrNull(made.Name) is { Type: KeyDataViewType } key
                ? LabelValues.Read(key, AnnotationUtils.Kinds.KeyValues) : null;
            if (texts is not { IsText: true } || !columns.TryGetValue(made.Name, out ColumnValue? value))
            {
                throw new NotSupportedException(
                    $"ONNX converter, MapKeyToValue of column '{made.Name}': expected the model's key with texts, " +
                    "under its own name, got another column.");
            }
            string index = graph.Sub(graph.Cast(value.Value, ElementType.Int64), graph.Constant(1L));
            string names = graph.Constant(ElementType.String, texts.Values, texts.Values.Length);
            columns[made.Name] = new ColumnValue(
                graph.Op("Gather", [names, index], ("axis", 0L)), ElementType.String, 1);
        }
    }
}
