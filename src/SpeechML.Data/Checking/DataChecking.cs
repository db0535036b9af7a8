using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Data.DataViews;

namespace SpeechML.Data.Checking;

/// <summary>Reads off data views what the check of the data needs.</summary>
internal static class DataChecking
{
    public static SpeechDataReport Check(
        IHostEnvironment env,
        IReadOnlyList<(string Name, IDataView Data)> parts,
        SpeechDataCheckOptions options,
        LengthLimits? limits,
        IProgress<SpeechDataProgress>? progress,
        CancellationToken cancellation)
    {
        IHost host = env.Register(nameof(DataChecking));
        host.CheckValue(options, nameof(options));
        options.Validate();
        // A part that a split left empty has no labels to evaluate.
        options = options with { Resampling = options.Resampling.SeededBy(env, cancellation) };
        DataPart[] read = [.. parts.Select(p => Read(p.Name, p.Data, options)).Where(p => p.Keys.Length > 0)];
        SpeechDataReport report = DataCheck.Run(read, options, limits, progress, cancellation);
        using IChannel channel = host.Start(nameof(Check));
        channel.Info("{0} clips checked, {1} findings", report.Clips, report.Findings.Count);
        return report;
    }

    private static DataPart Read(string part, IDataView data, SpeechDataCheckOptions options)
    {
        data = ReadOnceDataView.Of(
            data, [options.AudioKeyColumnName, options.SubjectColumnName, options.EmbeddingColumnName,
                options.SpeakerColumnName, .. options.GroupColumnNames, .. Names(data, options)]);
        string[] keys = ReadText(data, "audio", options.AudioKeyColumnName);
        string[]? subjects = options.SubjectColumnName.Length == 0 ? null
            : ReadText(data, "subject", options.SubjectColumnName);
        return new DataPart(part, keys, subjects,
            keys.Length == 0 ? [] : [.. Names(data, options).SelectMany(name => Labels(part, data, name))])
        {
            Groups = options.GroupColumnNames.Distinct(StringComparer.Ordinal)
                .ToDictionary(name => name, name => ReadText(data, "group", name), StringComparer.Ordinal),
            Embeddings = options.EmbeddingColumnName.Length == 0 ? null
                : ReadVectors(data, options.EmbeddingColumnName),
            Speakers = options.SpeakerColumnName.Length == 0 ? null : ReadVectors(data, options.SpeakerColumnName),
        };
    }

    private static float[][] ReadVectors(IDataView data, string name)
    {
        SchemaChecks.Find(SchemaShape.Create(data.Schema), "embedding", name, "Vector<Single> of known size",
            c => c.Kind == SchemaShape.Column.VectorKind.Vector && c.ItemType.Equals(NumberDataViewType.Single));
        return [.. data.GetColumn<float[]>(name)];
    }

    // Behind labels made by LoadMetadata stand ratings, in which codes can be seen.
    private static IEnumerable<string> Names(IDataView data, SpeechDataCheckOptions options)
    {
        foreach (string name in options.LabelColumnNames)
        {
            yield return name;
            if (name == MetadataDataView.Labels && !options.LabelColumnNames.Contains(MetadataDataView.Ratings)
                && data.Schema.GetColumnOrNull(MetadataDataView.Ratings)?.Type is VectorDataViewType { Size: > 0 } type
                && type.ItemType.Equals(NumberDataViewType.Single))
            {
                yield return MetadataDataView.Ratings;
            }
        }
    }

    private static string[] ReadText(IDataView data, string role, string name)
    {
        SchemaChecks.Find(SchemaShape.Create(data.Schema), role, name, TextDataViewType.Instance);
        return [.. data.GetColumn<ReadOnlyMemory<char>>(name).Select(v => v.ToString())];
    }

    /// <summary>The label, or the labels of a vector, of one column.</summary>
    public static IEnumerable<CheckedLabel> Labels(string part, IDataView data, string name)
    {
        const string Expected = "text, a key, a Boolean, a Single, or Vector<Single>";
        SchemaChecks.Find(SchemaShape.Create(data.Schema), "label", name, Expected,
            c => c.IsKey || c.ItemType is TextDataViewType or BooleanDataViewType
            || c.ItemType.Equals(NumberDataViewType.Single));
        DataViewSchema.Column column = data.Schema[name];
        switch (column.Type)
        {
            case VectorDataViewType { ItemType: NumberDataViewType, IsKnownSize: true } vector:
                float[][] rows = [.. data.GetColumn<float[]>(name)];
                string[] slots = LabelValues.Read(column, AnnotationUtils.Kinds.SlotNames)?.Values
                    ?? [.. Enumerable.Range(0, vector.Size).Select(j => j.ToString(CultureInfo.InvariantCulture))];
                return Enumerable.Range(0, vector.Size).Select(
                    j => Slot(name, $"{name}.{slots[j]}", part, Array.ConvertAll(rows, r => r[j])));
            case TextDataViewType:
                return [CheckedLabel.Of(name, part, ReadText(data, "label", name).Select(v => v.Length == 0 ? null : v),
                    LabelKind.Texts)];
            case KeyDataViewType:
                LabelValues? values = LabelValues.Read(column, AnnotationUtils.Kinds.KeyValues);
                return [CheckedLabel.Of(name, part,
                    Keys(data, column).Select(
                    k => k == 0 ? null : values?.Values[k - 1] ?? k.ToString(CultureInfo.InvariantCulture)),
                    values is { IsText: true } ? LabelKind.Texts : LabelKind.Classes)];
            case BooleanDataViewType:
                return [CheckedLabel.Of(name, part, data.GetColumn<bool>(name).Select(v => v ? "true" : "false"),
                    LabelKind.Classes)];
            case NumberDataViewType:
                return [CheckedLabel.Of(name, part, data.GetColumn<float>(name).Select(Text), LabelKind.Numbers)];
            default:
                throw new ArgumentOutOfRangeException(nameof(data),
                    $"Schema mismatch for label column '{name}': expected {Expected}, got {column.Type}.");
        }
    }

    // -1 is missing; other negative numbers, missing for trainers too, are listed because they may be codes.
    private static CheckedLabel Slot(string column, string label, string part, float[] values) => CheckedLabel.Of(
        label, part, values.Select(v => v == -1 ? null : Text(v)),
        column == MetadataDataView.Ratings ? LabelKind.Ratings
        : Array.TrueForAll(values, v => v is 0 or 1 or < 0 or float.NaN) ? LabelKind.Classes : LabelKind.Numbers);

    private static IEnumerable<int> Keys(IDataView data, DataViewSchema.Column column) => column.Type.RawType switch
    {
        Type t when t == typeof(uint) => data.GetColumn<uint>(column.Name).Select(k => (int)k),
        Type t when t == typeof(ulong) => data.GetColumn<ulong>(column.Name).Select(k => (int)k),
        Type t when t == typeof(ushort) => data.GetColumn<ushort>(column.Name).Select(k => (int)k),
        _ => data.GetColumn<byte>(column.Name).Select(k => (int)k),
    };

    private static string? Text(float value) =>
        float.IsNaN(value) ? null : value.ToString(CultureInfo.InvariantCulture);
}
