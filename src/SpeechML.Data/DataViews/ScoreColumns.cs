using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace SpeechML.Data.DataViews;

/// <summary>
/// Reads what evaluation needs from scored data; missing values in one form, wrong columns named with what was expected
/// and what is there.
/// </summary>
internal static class ScoreColumns
{
    private const string PredictedLabel = "predicted label";

    /// <summary>A vector of numbers per clip.</summary>
    public static float[][] Vectors(IDataView data, string role, string name)
    {
        SchemaChecks.Find(
            SchemaShape.Create(data.Schema), role, name, "Vector<Single>", c =>
            c.Kind == SchemaShape.Column.VectorKind.Vector && c.ItemType.Equals(NumberDataViewType.Single));
        return [.. data.GetColumn<float[]>(name)];
    }

    /// <summary>Labels per clip: 1, 0, NaN where missing (negative or NaN).</summary>
    public static double[][] Labels(IDataView data, string name) =>
        [.. Vectors(data, "label", name).Select(r => Array.ConvertAll(r, v => v < 0 ? double.NaN : v))];

    /// <summary>Probabilities per clip.</summary>
    public static double[][] Probabilities(IDataView data, string name) =>
        [.. Vectors(data, "probability", name).Select(r => Array.ConvertAll(r, v => (double)v))];

    /// <summary>Decisions per clip; <see langword="null"/> where the data has no such column.</summary>
    public static bool[][]? Decisions(IDataView data, string? name)
    {
        if (name is null || data.Schema.GetColumnOrNull(name) is null)
        {
            return null;
        }
        SchemaChecks.Find(
            SchemaShape.Create(data.Schema), PredictedLabel, name, "Vector<Boolean>", c =>
            c.Kind == SchemaShape.Column.VectorKind.Vector && c.ItemType is BooleanDataViewType);
        return [.. data.GetColumn<VBuffer<bool>>(name).Select(v => v.DenseValues().ToArray())];
    }

    /// <summary>A number per clip.</summary>
    public static double[] Numbers(IDataView data, string role, string name)
    {
        SchemaChecks.Find(SchemaShape.Create(data.Schema), role, name, NumberDataViewType.Single);
        return [.. data.GetColumn<float>(name).Select(v => (double)v)];
    }

    /// <summary>A text per clip.</summary>
    public static string[] Texts(IDataView data, string role, string name)
    {
        SchemaChecks.Find(SchemaShape.Create(data.Schema), role, name, TextDataViewType.Instance);
        return [.. data.GetColumn<ReadOnlyMemory<char>>(name).Select(v => v.ToString())];
    }

    /// <summary>A class number from 0 per clip, from a key or from a number; -1 where missing.</summary>
    /// <param name="data">The data.</param>
    /// <param name="role">What the column is, for messages.</param>
    /// <param name="name">The column.</param>
    /// <param name="classes">How many classes a key has; <see langword="null"/> of numbers.</param>
    public static int[] Classes(IDataView data, string role, string name, out int? classes)
    {
        classes = ClassCount(data, role, name);
        return classes is not null
            ? [.. data.GetColumn<uint>(name).Select(k => (int)k - 1)]
            : [.. data.GetColumn<float>(name).Select((v, i) => float.IsNaN(v) || v < 0 ? -1 : v == Math.Floor(v)
                ? (int)v
                : throw new ArgumentException(
                    string.Create(CultureInfo.InvariantCulture,
                    $"Column '{name}', row {i}: expected a class number from 0, or a negative number or NaN " +
                    $"(missing), got {v}.")))];
    }

    /// <summary>How many classes a key has; <see langword="null"/> of numbers.</summary>
    public static int? ClassCount(IDataView data, string role, string name)
    {
        SchemaChecks.Find(
            SchemaShape.Create(data.Schema),
            role,
            name,
            "Key<UInt32>, or Single with class numbers from 0",
            c => c.Kind == SchemaShape.Column.VectorKind.Scalar
            && (c.IsKey ? c.ItemType.Equals(NumberDataViewType.UInt32) : c.ItemType.Equals(NumberDataViewType.Single)));
        return data.Schema[name].Type is KeyDataViewType key ? checked((int)key.Count) : null;
    }

    /// <summary>
    /// The class number from 0 that each clip was decided to be, from a column in the form of the label or, behind
    /// <c>MapKeyToValue</c>, of the values of the label's key; -1 where missing.
    /// </summary>
    public static int[] DecidedClasses(IDataView data, string label, string name)
    {
        if (ValuesOf(data, label, name) is not { } values)
        {
            return Classes(data, PredictedLabel, name, out _);
        }
        return [.. values.RowsOf(data, name).Select((v, i) => Array.IndexOf(values.Values, v) is >= 0 and int at ? at
            : v is "" or "NaN" ? -1
            : throw new ArgumentException(
                $"Column '{name}', row {i}: expected a value of the key '{label}', got '{v}'."))];
    }

    /// <summary>How many classes the key of decisions has; <see langword="null"/> of numbers and of values.</summary>
    public static int? DecidedClassCount(IDataView data, string label, string name) =>
        ValuesOf(data, label, name) is null ? ClassCount(data, PredictedLabel, name) : null;

    private static LabelValues? ValuesOf(IDataView data, string label, string name) =>
        data.Schema.GetColumnOrNull(label) is { Type: KeyDataViewType } key
        && LabelValues.Read(key, AnnotationUtils.Kinds.KeyValues) is { } values
        && data.Schema.GetColumnOrNull(name) is { } column && values.AreIn(column) ? values : null;

    /// <summary>Names of the slots of a vector; <see langword="null"/> where it has none.</summary>
    public static string[]? Names(IDataView data, string name) =>
        LabelValues.Read(data.Schema[name], AnnotationUtils.Kinds.SlotNames)?.Values;
}
