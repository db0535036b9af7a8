using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Data.DataViews;

namespace SpeechML.Data.Onnx;

/// <summary>A column that an ONNX model makes: its type, and what its annotations say.</summary>
internal sealed record OnnxColumn
{
    private static readonly string[] s_names =
    [
        AnnotationUtils.Kinds.KeyValues, AnnotationUtils.Kinds.TrainingLabelValues, AnnotationUtils.Kinds.SlotNames,
    ];

    private static readonly string[] s_texts =
        [AnnotationUtils.Kinds.ScoreColumnKind, AnnotationUtils.Kinds.ScoreValueKind];

    public required string Name { get; init; }

    public required OnnxElement Element { get; init; }

    /// <summary>Slots of a vector, classes of a key; 0 of a scalar, -1 of frames.</summary>
    public required int Size { get; init; }

    /// <summary>Names by the kind of annotation.</summary>
    public Dictionary<string, LabelValues>? Names { get; init; }

    /// <summary>Texts by the kind of annotation.</summary>
    public Dictionary<string, string>? Texts { get; init; }

    /// <summary>Whether it is of a set of score columns, which ML.NET numbers.</summary>
    public bool IsScore { get; init; }

    /// <summary>Describes a column of a schema.</summary>
    /// <exception cref="NotSupportedException">Of another type than the speech transformers make.</exception>
    public static OnnxColumn Of(DataViewSchema.Column column)
    {
        (OnnxElement element, int size) = column.Type switch
        {
            KeyDataViewType key => (OnnxElement.Key, checked((int)key.Count)),
            NumberDataViewType number when number.RawType == typeof(float) => (OnnxElement.Single, 0),
            BooleanDataViewType => (OnnxElement.Boolean, 0),
            TextDataViewType => (OnnxElement.Text, 0),
            VectorDataViewType { ItemType: BooleanDataViewType } vector => (OnnxElement.Boolean, vector.Size),
            VectorDataViewType { ItemType: NumberDataViewType number } vector when number.RawType == typeof(float) =>
                (OnnxElement.Single, vector.Size == 0 ? -1 : vector.Size),
            _ => throw new NotSupportedException(
                $"ONNX converter, column '{column.Name}': expected numbers, Booleans, a key or text, got " +
                $"{column.Type}."),
        };
        var names = new Dictionary<string, LabelValues>(StringComparer.Ordinal);
        foreach (string kind in s_names)
        {
            if (LabelValues.Read(column, kind) is { } values)
            {
                names.Add(kind, values);
            }
        }
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string kind in s_texts.Where(k => column.Annotations.Schema.GetColumnOrNull(k) is not null))
        {
            ReadOnlyMemory<char> text = default;
            column.Annotations.GetValue(kind, ref text);
            texts.Add(kind, text.ToString());
        }
        return new OnnxColumn
        {
            Name = column.Name,
            Element = element,
            Size = size,
            Names = names.Count == 0 ? null : names,
            Texts = texts.Count == 0 ? null : texts,
            IsScore = column.Annotations.Schema.GetColumnOrNull(AnnotationUtils.Kinds.ScoreColumnSetId) is not null,
        };
    }

    /// <summary>The column, with its annotations.</summary>
    /// <param name="inputSchema">What it is added to, whose score columns are counted.</param>
    public DataViewSchema.DetachedColumn Build(DataViewSchema inputSchema)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        if (IsScore)
        {
            uint set = inputSchema.GetMaxAnnotationKind(out _, AnnotationUtils.Kinds.ScoreColumnSetId) + 1;
            annotations.Add(AnnotationUtils.Kinds.ScoreColumnSetId, AnnotationUtils.ScoreColumnSetIdType,
                (ref uint value) => value = set);
        }
        foreach ((string kind, string text) in Texts ?? [])
        {
            annotations.Add(kind, TextDataViewType.Instance,
                (ref ReadOnlyMemory<char> value) => value = text.AsMemory());
        }
        foreach ((string kind, LabelValues values) in Names ?? [])
        {
            values.AddTo(annotations, kind);
        }
        return new DataViewSchema.DetachedColumn(Name, Type(), annotations.ToAnnotations());
    }

    public DataViewType Type()
    {
        PrimitiveDataViewType item = Element switch
        {
            OnnxElement.Boolean => BooleanDataViewType.Instance,
            OnnxElement.Text => TextDataViewType.Instance,
            _ => NumberDataViewType.Single,
        };
        return Element == OnnxElement.Key ? new KeyDataViewType(typeof(uint), Size)
            : Size == 0 ? item : Size < 0 ? new VectorDataViewType(item) : new VectorDataViewType(item, Size);
    }

    public string? Check() =>
        string.IsNullOrEmpty(Name) || Name.StartsWith(OnnxParts.Own, StringComparison.Ordinal) ? $"column '{Name}'"
            : Size < -1 || Size > 1 << 24 || (Element == OnnxElement.Key && Size < 1)
                ? $"size of column '{Name}': {Size}"
            : Element == OnnxElement.Text && Size != 0 ? $"size of column '{Name}': {Size}"
            : (Names ?? []).Any(n => !s_names.Contains(n.Key) || n.Value.Values is null || n.Value.Values.Length != Size
                || n.Value.Values.Contains(null!) || !n.Value.AreReadable()) ? $"names of column '{Name}'"
            : (Texts ?? []).Any(t => !s_texts.Contains(t.Key) || t.Value is null) ? $"texts of column '{Name}'"
            : null;
}

/// <summary>What a column's elements are.</summary>
internal enum OnnxElement
{
    Single,
    Boolean,
    Key,
    Text,
}
