using Microsoft.ML;
using Microsoft.ML.Data;

namespace SpeechML.Data.DataViews;

/// <summary>Schemas while a pipeline with calibrators, thresholds and fusion is put together.</summary>
internal static class ScoreShapes
{
    public static SchemaShape.Column Vector(string name, DataViewType item) => new(
        name, SchemaShape.Column.VectorKind.Vector, item, false,
        new SchemaShape([new SchemaShape.Column(
        AnnotationUtils.Kinds.SlotNames, SchemaShape.Column.VectorKind.Vector, TextDataViewType.Instance, false)]));

    public static SchemaShape With(SchemaShape input, params IEnumerable<SchemaShape.Column> made)
    {
        Dictionary<string, SchemaShape.Column> columns = input.ToDictionary(c => c.Name, StringComparer.Ordinal);
        foreach (SchemaShape.Column column in made)
        {
            columns[column.Name] = column;
        }
        return new SchemaShape(columns.Values);
    }

    public static SchemaShape.Column FindVector(SchemaShape schema, string role, string name) =>
        SchemaChecks.Find(schema, role, name, "Vector<Single>",
            c => c.Kind == SchemaShape.Column.VectorKind.Vector && c.ItemType.Equals(NumberDataViewType.Single));
}
