using System.Globalization;
using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace SpeechML.Data.DataViews;

/// <summary>Copies a value so that its new owner may keep it.</summary>
internal delegate void CopyValue<T>(in T from, ref T to);

/// <summary>What is made of a column of any type.</summary>
internal interface IColumnVisitor<out TResult>
{
    TResult Visit<T>(ValueGetter<T> source, CopyValue<T> copy);
}

/// <summary>Values of columns whose type is known when they are read.</summary>
internal static class ColumnValues
{
    private static readonly MethodInfo s_scalar = MethodOf(nameof(Scalar));
    private static readonly MethodInfo s_vector = MethodOf(nameof(Vector));

    public static TResult Visit<TResult>(
        DataViewRow row, DataViewSchema.Column column, IColumnVisitor<TResult> visitor)
    {
        Type type = column.Type.RawType;
        MethodInfo method = type.IsGenericType && type.GetGenericTypeDefinition() == typeof(VBuffer<>)
            ? s_vector.MakeGenericMethod(type.GetGenericArguments()[0], typeof(TResult))
            : s_scalar.MakeGenericMethod(type, typeof(TResult));
        return method.CreateDelegate<Func<DataViewRow, DataViewSchema.Column, IColumnVisitor<TResult>, TResult>>()
            (row, column, visitor);
    }

    /// <summary>A value for a message.</summary>
    public static string Text<T>(T value) => value switch
    {
        VBuffer<float> vector => string.Join(' ', vector.DenseValues().Select(v => Text(v))),
        VBuffer<bool> vector => string.Join(' ', vector.DenseValues().Select(v => Text(v))),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    private static MethodInfo MethodOf(string name) =>
        typeof(ColumnValues).GetMethod(name, BindingFlags.Static | BindingFlags.NonPublic)!;

    private static TResult Scalar<T, TResult>(
        DataViewRow row, DataViewSchema.Column column, IColumnVisitor<TResult> visitor) =>
        visitor.Visit(row.GetGetter<T>(column), (in T from, ref T to) => to = from);

    // The values of a buffer are its owner's: everybody gets their own.
    private static TResult Vector<T, TResult>(
        DataViewRow row, DataViewSchema.Column column, IColumnVisitor<TResult> visitor) =>
        visitor.Visit(
            row.GetGetter<VBuffer<T>>(column), (in VBuffer<T> from, ref VBuffer<T> to) => from.CopyTo(ref to));
}
