using Microsoft.ML;
using Microsoft.ML.Data;

namespace SpeechML.Data.DataViews;

/// <summary>Getters of vector columns.</summary>
internal static class VectorColumn
{
    /// <summary>Copies the current row's values into the consumer's buffer.</summary>
    public static ValueGetter<VBuffer<T>> Getter<T>(Func<T[]> current) =>
        (ref VBuffer<T> value) =>
        {
            T[] source = current();
            VBufferEditor<T> editor = VBufferEditor.Create(ref value, source.Length);
            source.CopyTo(editor.Values);
            value = editor.Commit();
        };
}
