using System.Numerics;
using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Data.DataViews;

namespace SpeechML.Data.Extras;

/// <summary>Finds and reads the columns of numbers that a model is given beside the audio.</summary>
internal static class ExtraColumns
{
    private const string Role = "extra feature";
    private const string Expected = "a number, or a Vector of numbers of known size (use Concatenate)";

    /// <summary>Refuses columns that are missing or hold no numbers, while a pipeline is put together.</summary>
    /// <param name="schema">The shape of the data.</param>
    /// <param name="names">The columns.</param>
    /// <param name="label">The label column, which cannot be one of them.</param>
    /// <exception cref="ArgumentOutOfRangeException">Names the column.</exception>
    public static void Check(SchemaShape schema, string[] names, string label)
    {
        foreach (string name in names)
        {
            SchemaChecks.Find(schema, Role, name, Expected, c => !c.IsKey
                && c.Kind != SchemaShape.Column.VectorKind.VariableVector && IsNumber(c.ItemType));
            if (name == label)
            {
                throw new ArgumentOutOfRangeException(nameof(schema),
                    $"Option ExtraFeatures: expected columns other than the label, got '{name}', from which nothing " +
                    "else would be learned.");
            }
        }
    }

    /// <summary>What the columns of the training data are.</summary>
    public static ExtraFeature[] Describe(DataViewSchema schema, string[] names) =>
        [.. names.Select(name => Describe(schema[name]))];

    /// <summary>The columns that a model was trained with, in other data.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is missing, or is not as it was.</exception>
    public static DataViewSchema.Column[] Find(DataViewSchema schema, IReadOnlyList<ExtraFeature> features)
    {
        var found = new DataViewSchema.Column[features.Count];
        foreach ((int i, ExtraFeature feature) in features.Index())
        {
            if (schema.GetColumnOrNull(feature.Column) is not { } column)
            {
                throw new ArgumentOutOfRangeException(nameof(schema),
                    $"Could not find {Role} column '{feature.Column}': expected {Numbers(feature.Size)}, because the " +
                    $"model was trained with it beside the audio, the data has " +
                    $"{string.Join(", ", schema.Select(c => $"'{c.Name}'"))}. Append what made it before the model.");
            }
            ExtraFeature there = IsNumber(column.Type) ? Describe(column) : new ExtraFeature(column.Name, 0);
            if (there.Size != feature.Size)
            {
                throw new ArgumentOutOfRangeException(nameof(schema),
                    $"Schema mismatch for {Role} column '{feature.Column}': expected {Numbers(feature.Size)}, as the " +
                    $"model was trained with, got {column.Type}.");
            }
            if (feature.Slots is { } slots && there.Slots is { } theirs && !slots.SequenceEqual(theirs))
            {
                int at = slots.Zip(theirs).Index().First(p => p.Item.First != p.Item.Second).Index;
                throw new ArgumentOutOfRangeException(nameof(schema),
                    $"Schema mismatch for {Role} column '{feature.Column}', slot {at}: expected '{slots[at]}', as " +
                    $"the model was trained with, got '{theirs[at]}'.");
            }
            found[i] = column;
        }
        return found;
    }

    /// <summary>A function that gives the numbers of the current row, one column behind the other.</summary>
    public static Func<float[]> Reader(DataViewRow row, IReadOnlyList<DataViewSchema.Column> columns)
    {
        Func<IEnumerable<float>>[] readers = [.. columns.Select(c => Reader(row, c))];
        return () => [.. readers.SelectMany(r => r())];
    }

    /// <summary>Reads a clip with the numbers beside it; <see langword="null"/> in place of none.</summary>
    /// <param name="audio">The audio column.</param>
    /// <param name="schema">The data.</param>
    /// <param name="features">The columns that the model was trained with.</param>
    /// <exception cref="ArgumentOutOfRangeException">One is missing, or is not as it was.</exception>
    public static StreamInput<(MLAudio Audio, float[]? Extras)> Input(
        DataViewSchema.Column audio, DataViewSchema schema, IReadOnlyList<ExtraFeature> features)
    {
        DataViewSchema.Column[] extras = Find(schema, features);
        return new([audio, .. extras], row =>
        {
            ValueGetter<MLAudio> clip = row.GetGetter<MLAudio>(audio);
            Func<float[]>? numbers = extras.Length == 0 ? null : Reader(row, extras);
            return (ref (MLAudio Audio, float[]? Extras) value) =>
            {
                MLAudio read = null!;
                clip(ref read);
                value = (read, numbers?.Invoke());
            };
        });
    }

    private static ExtraFeature Describe(DataViewSchema.Column column)
    {
        if (column.Type is not VectorDataViewType vector)
        {
            return new ExtraFeature(column.Name, 1);
        }
        if (vector.Size == 0)
        {
            throw new ArgumentOutOfRangeException(nameof(column),
                $"Schema mismatch for {Role} column '{column.Name}': expected {Expected}, got {column.Type}.");
        }
        if (!column.HasSlotNames(vector.Size))
        {
            return new ExtraFeature(column.Name, vector.Size);
        }
        VBuffer<ReadOnlyMemory<char>> slots = default;
        column.GetSlotNames(ref slots);
        return new ExtraFeature(column.Name, vector.Size, [.. slots.DenseValues().Select(s => s.ToString())]);
    }

    private static bool IsNumber(DataViewType type) => type switch
    {
        VectorDataViewType vector => vector.Size > 0 && IsNumber(vector.ItemType),
        _ => type is NumberDataViewType or BooleanDataViewType,
    };

    private static string Numbers(int size) => size == 1 ? "a number" : $"a Vector of {size} numbers";

    private static Func<IEnumerable<float>> Reader(DataViewRow row, DataViewSchema.Column column)
    {
        Type type = column.Type.GetItemType().RawType;
        return type == typeof(float) ? Numbers<float>(row, column)
            : type == typeof(double) ? Numbers<double>(row, column)
            : type == typeof(sbyte) ? Numbers<sbyte>(row, column)
            : type == typeof(short) ? Numbers<short>(row, column)
            : type == typeof(int) ? Numbers<int>(row, column)
            : type == typeof(long) ? Numbers<long>(row, column)
            : type == typeof(byte) ? Numbers<byte>(row, column)
            : type == typeof(ushort) ? Numbers<ushort>(row, column)
            : type == typeof(uint) ? Numbers<uint>(row, column)
            : type == typeof(ulong) ? Numbers<ulong>(row, column)
            : Values<bool>(row, column, b => b ? 1 : 0);
    }

    private static Func<IEnumerable<float>> Numbers<T>(DataViewRow row, DataViewSchema.Column column)
        where T : INumberBase<T> => Values<T>(row, column, float.CreateTruncating);

    private static Func<IEnumerable<float>> Values<T>(
        DataViewRow row, DataViewSchema.Column column, Func<T, float> convert)
    {
        if (column.Type is VectorDataViewType)
        {
            ValueGetter<VBuffer<T>> vector = row.GetGetter<VBuffer<T>>(column);
            VBuffer<T> buffer = default;
            return () =>
            {
                vector(ref buffer);
                return buffer.DenseValues().Select(convert);
            };
        }
        ValueGetter<T> scalar = row.GetGetter<T>(column);
        return () =>
        {
            T value = default!;
            scalar(ref value);
            return [convert(value)];
        };
    }
}
