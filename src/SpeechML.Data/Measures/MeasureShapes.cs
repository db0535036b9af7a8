using Microsoft.ML;
using Microsoft.ML.Data;

namespace SpeechML.Data.Measures;

/// <summary>Shapes of columns of measures.</summary>
internal static class MeasureShapes
{
    /// <summary>A vector of numbers whose slots have names.</summary>
    public static SchemaShape.Column Vector(string name) => new(
        name, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, isKey: false,
        new SchemaShape([new SchemaShape.Column(AnnotationUtils.Kinds.SlotNames,
            SchemaShape.Column.VectorKind.Vector, TextDataViewType.Instance, isKey: false)]));
}
