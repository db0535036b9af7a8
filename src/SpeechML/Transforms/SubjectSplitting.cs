using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Metrics;

namespace SpeechML.Transforms;

/// <summary>Divides a data view by subject.</summary>
internal static class SubjectSplitting
{
    public static SpeechDataSplit Split(IHostEnvironment env, IDataView data, string subjectColumnName, string audioKeyColumnName, SubjectSplitOptions options, IReadOnlyList<string> stratifyColumnNames)
    {
        IHost host = env.Register(nameof(SubjectSplitting));
        string[] keys = ReadText(data, "audio key", audioKeyColumnName);
        string[] subjects = ReadText(data, "subject", subjectColumnName);
        SplitStratum[] strata = [.. stratifyColumnNames.SelectMany(name => ReadStrata(data, name))];
        return Apply(host, data, SubjectSplit.Create(keys, subjects, strata, options), keys);
    }

    /// <summary>Applies a split that was made before, perhaps to other columns or another order of the same clips.</summary>
    public static SpeechDataSplit Apply(IHostEnvironment env, IDataView data, SubjectSplit split, string audioKeyColumnName) =>
        Apply(env.Register(nameof(SubjectSplitting)), data, split, ReadText(data, "audio key", audioKeyColumnName));

    /// <summary>One fold per subject.</summary>
    public static IReadOnlyList<SpeechFold> LeaveOneOut(IHostEnvironment env, IDataView data, string subjectColumnName)
    {
        IHost host = env.Register(nameof(SubjectSplitting));
        var subjects = new SubjectIndex(ReadText(data, "subject", subjectColumnName));
        if (subjects.Names.Count < 2)
        {
            throw new ArgumentException($"Column '{subjectColumnName}': expected two subjects or more to leave one out, got {subjects.Names.Count}.", nameof(subjectColumnName));
        }
        return [.. subjects.Names.Select((name, s) => new SpeechFold(
            name, new RowSubsetDataView(host, data, Array.ConvertAll(subjects.OfRow, o => o != s)), new RowSubsetDataView(host, data, Array.ConvertAll(subjects.OfRow, o => o == s))))];
    }

    private static SpeechDataSplit Apply(IHost host, IDataView data, SubjectSplit split, string[] keys)
    {
        Dictionary<string, SplitPart> parts = split.Keys.Zip(split.Parts).ToDictionary(p => p.First, p => p.Second, StringComparer.Ordinal);
        if (Array.Find(keys, k => !parts.ContainsKey(k)) is { } unknown)
        {
            throw new ArgumentException($"Split '{split.Name}': expected every clip of the data, found none named '{unknown}'.", nameof(split));
        }
        return new SpeechDataSplit(Part(SplitPart.Train), Part(SplitPart.Validation), Part(SplitPart.Test), split);

        RowSubsetDataView Part(SplitPart part) => new(host, data, [.. keys.Select(k => parts[k] == part)]);
    }

    private static string[] ReadText(IDataView data, string role, string name)
    {
        SchemaChecks.Find(SchemaShape.Create(data.Schema), role, name, TextDataViewType.Instance);
        return [.. data.GetColumn<ReadOnlyMemory<char>>(name).Select(v => v.ToString())];
    }

    private static IEnumerable<SplitStratum> ReadStrata(IDataView data, string name)
    {
        SchemaShape.Column column = SchemaChecks.Find(
            SchemaShape.Create(data.Schema),
            "stratification",
            name,
            "text, or Vector<Single> of labels",
            c => (c.Kind == SchemaShape.Column.VectorKind.Scalar && c.ItemType is TextDataViewType) || (c.Kind == SchemaShape.Column.VectorKind.Vector && c.ItemType.Equals(NumberDataViewType.Single)));
        if (column.Kind == SchemaShape.Column.VectorKind.Scalar)
        {
            return SplitStratum.FromCategories(name, ReadText(data, "stratification", name));
        }
        float[][] rows = [.. data.GetColumn<float[]>(name)];
        LabelValues? names = LabelValues.Read(data.Schema[name], AnnotationUtils.Kinds.SlotNames);
        int size = ((VectorDataViewType)data.Schema[name].Type).Size;
        return Enumerable.Range(0, size).Select(j =>
            new SplitStratum(names?.Values[j] ?? $"{name}{j}", [.. rows.Select(r => r[j] > 0 ? (sbyte)1 : r[j] == 0 ? (sbyte)0 : (sbyte)-1)]));
    }
}
