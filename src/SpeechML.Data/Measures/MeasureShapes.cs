using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Data.DataViews;

namespace SpeechML.Data.Measures;

/// <summary>Shapes of columns of measures.</summary>
internal static class MeasureShapes
{
    /// <summary>A vector of numbers whose slots have names.</summary>
    public static SchemaShape.Column Vector(string name) => new(
        name, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, isKey: false,
        new SchemaShape([new SchemaShape.Column(AnnotationUtils.Kinds.SlotNames,
            SchemaShape.Column.VectorKind.Vector, TextDataViewType.Instance, isKey: false)]));

    /// <summary>
    /// Name and unit of each number of a column; the slot's number and nothing where it does not say.
    /// </summary>
    public static (string Name, string Unit)[] Slots(DataViewSchema.Column column)
    {
        if (column.Type is not VectorDataViewType vector)
        {
            return [(column.Name, "")];
        }
        string[]? names = LabelValues.Read(column, AnnotationUtils.Kinds.SlotNames)?.Values;
        string[]? units = LabelValues.Read(column, AudioMeasuringTransformer.Units)?.Values;
        return [.. Enumerable.Range(0, vector.Size).Select(j =>
            (names?[j] ?? j.ToString(CultureInfo.InvariantCulture), units?[j] ?? ""))];
    }
}
