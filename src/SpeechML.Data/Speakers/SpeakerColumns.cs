using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Data.DataViews;

namespace SpeechML.Data.Speakers;

/// <summary>Columns that comparisons of speakers read, checked.</summary>
internal static class SpeakerColumns
{
    /// <exception cref="ArgumentException">There is no such column of vectors.</exception>
    public static float[][] Vectors(IDataView data, string name)
    {
        SchemaChecks.Find(SchemaShape.Create(data.Schema), "embedding", name, "Vector<Single> of known size",
            c => c.Kind == SchemaShape.Column.VectorKind.Vector && c.ItemType.Equals(NumberDataViewType.Single));
        return [.. data.GetColumn<float[]>(name)];
    }

    /// <exception cref="ArgumentException">There is no such column of text.</exception>
    public static string[] Texts(IDataView data, string role, string name)
    {
        SchemaChecks.Find(SchemaShape.Create(data.Schema), role, name, TextDataViewType.Instance);
        return [.. data.GetColumn<ReadOnlyMemory<char>>(name).Select(v => v.ToString())];
    }

    /// <exception cref="ArgumentException">There is no such column of numbers.</exception>
    public static float[] Numbers(IDataView data, string name)
    {
        SchemaChecks.Find(SchemaShape.Create(data.Schema), "score", name, NumberDataViewType.Single);
        return [.. data.GetColumn<float>(name)];
    }
}
