using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace SpeechML.Data.DataViews;

/// <summary>
/// Names of classes or labels with the type that they have in the data, so that <c>MapKeyToValue</c> gives back what
/// went in.
/// </summary>
/// <param name="Type">The .NET name of the values' type: <c>Text</c>, <c>Single</c>, <c>Int32</c>, ...</param>
/// <param name="Values">The values, as text.</param>
internal sealed record LabelValues(string Type, string[] Values)
{
    private const string Text = "Text";

    /// <summary>Reads a vector annotation; <see langword="null"/> where the column has none of that kind.</summary>
    public static LabelValues? Read(DataViewSchema.Column column, string kind)
    {
        DataViewSchema.Column? annotation = column.Annotations.Schema.GetColumnOrNull(kind);
        if (annotation?.Type is not VectorDataViewType vector)
        {
            return null;
        }
        return vector.ItemType is TextDataViewType
            ? new LabelValues(Text, [.. Get<ReadOnlyMemory<char>>(column, kind).Select(v => v.ToString())])
            : Pick<LabelValues?>(vector.ItemType.RawType.Name, new Reader(column, kind));
    }

    /// <summary>The slot names of a vector; the column's name with numbers where it has none.</summary>
    public static LabelValues OfSlots(DataViewSchema.Column column)
    {
        int size = ((VectorDataViewType)column.Type).Size;
        return column.HasSlotNames(size)
            ? Read(column, AnnotationUtils.Kinds.SlotNames)!
            : new LabelValues(Text,
                [.. Enumerable.Range(0, size).Select(i => FormattableString.Invariant($"{column.Name}{i}"))]);
    }

    /// <summary>Adds the values as an annotation.</summary>
    public void AddTo(DataViewSchema.Annotations.Builder builder, string kind)
    {
        if (Type == Text)
        {
            var text = new VBuffer<ReadOnlyMemory<char>>(Values.Length, [.. Values.Select(v => v.AsMemory())]);
            builder.Add(kind, new VectorDataViewType(TextDataViewType.Instance, Values.Length),
                (ref VBuffer<ReadOnlyMemory<char>> value) => text.CopyTo(ref value));
        }
        else
        {
            Pick<object?>(Type, new Writer(this, builder, kind));
        }
    }

    public bool IsText => Type == Text;

    /// <summary>
    /// Whether a column holds such values themselves, as <c>MapKeyToValue</c> makes it, and no keys of them.
    /// </summary>
    public bool AreIn(DataViewSchema.Column column) => column.Type is not KeyDataViewType
        && (IsText ? column.Type is TextDataViewType : column.Type.RawType.Name == Type);

    /// <summary>The rows of a column that holds such values, as text.</summary>
    public string[] RowsOf(IDataView data, string name) => IsText
        ? [.. data.GetColumn<ReadOnlyMemory<char>>(name).Select(v => v.ToString())] : Pick(Type, new Rows(data, name));

    /// <summary>Whether the type is known and every value is one of it.</summary>
    public bool AreReadable()
    {
        try
        {
            return IsText || Pick(Type, new Checker(Values));
        }
        catch (NotSupportedException)
        {
            return false;
        }
    }

    private static T[] Get<T>(DataViewSchema.Column column, string kind)
    {
        VBuffer<T> buffer = default;
        column.Annotations.GetValue(kind, ref buffer);
        return [.. buffer.DenseValues()];
    }

    private interface IVisitor<out TResult>
    {
        TResult Visit<T>(PrimitiveDataViewType type)
            where T : IParsable<T>;
    }

    private static TResult Pick<TResult>(string name, IVisitor<TResult> visitor) => name switch
    {
        nameof(Single) => visitor.Visit<float>(NumberDataViewType.Single),
        nameof(Double) => visitor.Visit<double>(NumberDataViewType.Double),
        nameof(SByte) => visitor.Visit<sbyte>(NumberDataViewType.SByte),
        nameof(Byte) => visitor.Visit<byte>(NumberDataViewType.Byte),
        nameof(Int16) => visitor.Visit<short>(NumberDataViewType.Int16),
        nameof(UInt16) => visitor.Visit<ushort>(NumberDataViewType.UInt16),
        nameof(Int32) => visitor.Visit<int>(NumberDataViewType.Int32),
        nameof(UInt32) => visitor.Visit<uint>(NumberDataViewType.UInt32),
        nameof(Int64) => visitor.Visit<long>(NumberDataViewType.Int64),
        nameof(UInt64) => visitor.Visit<ulong>(NumberDataViewType.UInt64),
        nameof(Boolean) => visitor.Visit<bool>(BooleanDataViewType.Instance),
        _ => throw new NotSupportedException($"Label values: expected text, a number or a Boolean, got {name}."),
    };

    private sealed class Reader(DataViewSchema.Column column, string kind) : IVisitor<LabelValues?>
    {
        public LabelValues? Visit<T>(PrimitiveDataViewType type)
            where T : IParsable<T> =>
            new(typeof(T).Name, [.. Get<T>(column, kind)
                .Select(v => Convert.ToString(v, CultureInfo.InvariantCulture)!)]);
    }

    private sealed class Rows(IDataView data, string name) : IVisitor<string[]>
    {
        public string[] Visit<T>(PrimitiveDataViewType type)
            where T : IParsable<T> =>
            [.. data.GetColumn<T>(name).Select(v => Convert.ToString(v, CultureInfo.InvariantCulture)!)];
    }

    private sealed class Checker(string[] values) : IVisitor<bool>
    {
        public bool Visit<T>(PrimitiveDataViewType type)
            where T : IParsable<T> =>
            Array.TrueForAll(values, v => T.TryParse(v, CultureInfo.InvariantCulture, out _));
    }

    private sealed class Writer(LabelValues labels, DataViewSchema.Annotations.Builder builder, string kind)
        : IVisitor<object?>
    {
        public object? Visit<T>(PrimitiveDataViewType type)
            where T : IParsable<T>
        {
            var values = new VBuffer<T>(
                labels.Values.Length, [.. labels.Values.Select(v => T.Parse(v, CultureInfo.InvariantCulture))]);
            builder.Add(kind, new VectorDataViewType(type, labels.Values.Length),
                (ref VBuffer<T> value) => values.CopyTo(ref value));
            return null;
        }
    }
}
