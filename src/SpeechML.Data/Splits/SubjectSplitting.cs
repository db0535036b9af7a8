using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Data.DataViews;
using SpeechML.Data.Evaluation.Resampling;
using SpeechML.Data.Metadata;

namespace SpeechML.Data.Splits;

/// <summary>Divides a data view by subject.</summary>
internal static class SubjectSplitting
{
    public static SpeechDataSplit Split(
        IHostEnvironment env, IDataView data, string subjectColumnName, string audioKeyColumnName,
        SubjectSplitOptions options, IReadOnlyList<string> stratifyColumnNames)
    {
        IHost host = env.Register(nameof(SubjectSplitting));
        IDataView read = ReadOnceDataView.Of(
            data, [audioKeyColumnName, subjectColumnName, .. stratifyColumnNames, options.DateColumnName]);
        string[] keys = ReadText(read, "audio key", audioKeyColumnName);
        string[] subjects = ReadText(read, "subject", subjectColumnName);
        SplitStratum[] strata = [.. stratifyColumnNames.SelectMany(name => ReadStrata(read, name))];
        string[]? dates = options.OnePerSubject && options.DateColumnName.Length > 0
            ? ReadText(read, "date", options.DateColumnName) : null;
        SubjectSplit split = SubjectSplit.Create(keys, subjects, strata, options, dates);
        using IChannel channel = host.Start(nameof(Split));
        SubjectWarnings.Spellings(channel, subjectColumnName, subjects);
        SubjectWarnings.FewSubjects(channel, split, keys, subjects);
        return Apply(host, data, split, (audioKeyColumnName, keys), options.OnePerSubject);
    }

    /// <summary>Training and test data of each fold.</summary>
    public static IReadOnlyList<DataOperationsCatalog.TrainTestData> Folds(
        IHostEnvironment env, IDataView data, string subjectColumnName, int folds, SubjectSplitOptions options,
        IReadOnlyList<string> stratifyColumnNames)
    {
        IHost host = env.Register(nameof(SubjectSplitting));
        (string[] subjects, IReadOnlyList<int> foldOfRow) =
            FoldOfRow(host, data, subjectColumnName, folds, options, stratifyColumnNames);
        var rows = (subjectColumnName, subjects);
        return [.. Enumerable.Range(0, folds).Select(f => new DataOperationsCatalog.TrainTestData(
            new RowSubsetDataView(host, data, [.. foldOfRow.Select(g => g != f)], rows),
            new RowSubsetDataView(host, data, [.. foldOfRow.Select(g => g == f)], rows)))];
    }

    /// <summary>
    /// Adds the fold of each row as a key with as many values as there are folds: ML.NET's cross-validation takes the
    /// k-th value as the test data of its k-th fold.
    /// </summary>
    public static IDataView AddFolds(
        IHostEnvironment env, IDataView data, string outputColumnName, string subjectColumnName, int folds,
        SubjectSplitOptions options, IReadOnlyList<string> stratifyColumnNames)
    {
        IHost host = env.Register(nameof(SubjectSplitting));
        host.CheckNonEmpty(outputColumnName, nameof(outputColumnName));
        (string[] subjects, IReadOnlyList<int> foldOfRow) =
            FoldOfRow(host, data, subjectColumnName, folds, options, stratifyColumnNames);
        var foldOf = new Dictionary<string, object>(StringComparer.Ordinal);
        for (int i = 0; i < subjects.Length; i++)
        {
            foldOf[subjects[i]] = (uint)(foldOfRow[i] + 1); // keys count from 1
        }
        return new RowStreamDataView<ReadOnlyMemory<char>, object>(
            host,
            data,
            data.Schema[subjectColumnName],
            [new DataViewSchema.DetachedColumn(outputColumnName, new KeyDataViewType(typeof(uint), folds), null)],
            rows => rows.Select((subject, row) => foldOf.GetValueOrDefault(subject.ToString())
                ?? throw SourceRows.Differ(
                    subjectColumnName, row, row < subjects.Length ? subjects[row] : "", subject.ToString())),
            (_, current) => (ValueGetter<uint>)((ref uint value) => value = (uint)current()));
    }

    private static (string[] Subjects, IReadOnlyList<int> Folds) FoldOfRow(
        IHost host, IDataView data, string subjectColumnName, int folds, SubjectSplitOptions options,
        IReadOnlyList<string> stratifyColumnNames)
    {
        if (options.OnePerSubject)
        {
            throw new ArgumentException(
                $"Cross-validation expected the split option {nameof(SubjectSplitOptions.OnePerSubject)} to be off, " +
                $"because every row is in a fold; leave the other clips out before.");
        }
        data = ReadOnceDataView.Of(data, [subjectColumnName, .. stratifyColumnNames]);
        string[] subjects = ReadSubjects(host, data, subjectColumnName);
        return (subjects, SubjectSplit.KFold(
            subjects, [.. stratifyColumnNames.SelectMany(name => ReadStrata(data, name))], folds, options));
    }

    /// <summary>
    /// Applies a split that was made before, perhaps to other columns or another order of the same clips.
    /// </summary>
    public static SpeechDataSplit Apply(
        IHostEnvironment env, IDataView data, SubjectSplit split, string audioKeyColumnName, bool leaveOutOthers) =>
        Apply(env.Register(nameof(SubjectSplitting)), data, split,
            (audioKeyColumnName, ReadText(data, "audio key", audioKeyColumnName)), leaveOutOthers);

    /// <summary>One fold per subject.</summary>
    public static IReadOnlyList<SpeechFold> LeaveOneOut(IHostEnvironment env, IDataView data, string subjectColumnName)
    {
        IHost host = env.Register(nameof(SubjectSplitting));
        var rows = (subjectColumnName, ReadSubjects(host, data, subjectColumnName));
        var subjects = new SubjectIndex(Spelling.Unify(rows.Item2));
        if (subjects.Names.Count < 2)
        {
            throw new ArgumentException(
                $"Column '{subjectColumnName}': expected two subjects or more to leave one out, got " +
                $"{subjects.Names.Count}.", nameof(subjectColumnName));
        }
        return [.. subjects.Names.Select((name, s) => new SpeechFold(
            name, new RowSubsetDataView(host, data, Array.ConvertAll(subjects.OfRow, o => o != s), rows),
            new RowSubsetDataView(host, data, Array.ConvertAll(subjects.OfRow, o => o == s), rows)))];
    }

    private static SpeechDataSplit Apply(
        IHost host, IDataView data, SubjectSplit split, (string Column, string[] Values) keys, bool leaveOutOthers)
    {
        Dictionary<string, SplitPart> parts = split.Keys.Zip(split.Parts)
            .ToDictionary(p => p.First, p => p.Second, StringComparer.Ordinal);
        if (!leaveOutOthers && Array.Find(keys.Values, k => !parts.ContainsKey(k)) is { } unknown)
        {
            throw new ArgumentException(
                $"Split '{split.Name}': expected every clip of the data, found none named '{unknown}'.", nameof(split));
        }
        return new SpeechDataSplit(Part(SplitPart.Train), Part(SplitPart.Validation), Part(SplitPart.Test), split);

        RowSubsetDataView Part(SplitPart part) =>
            new(host, data, [.. keys.Values.Select(k => parts.TryGetValue(k, out SplitPart its) && its == part)], keys);
    }

    private static string[] ReadSubjects(IHost host, IDataView data, string name)
    {
        string[] subjects = ReadText(data, "subject", name);
        using IChannel channel = host.Start("Folds");
        SubjectWarnings.Spellings(channel, name, subjects);
        return subjects;
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
            "text, Boolean, or Vector<Single> of labels",
            c => (c.Kind == SchemaShape.Column.VectorKind.Scalar
                && c.ItemType is TextDataViewType or BooleanDataViewType)
            || (c.Kind == SchemaShape.Column.VectorKind.Vector && c.ItemType.Equals(NumberDataViewType.Single)));
        if (column.ItemType is BooleanDataViewType)
        {
            return [new SplitStratum(name, [.. data.GetColumn<bool>(name).Select(v => v ? (sbyte)1 : (sbyte)0)])];
        }
        if (column.Kind == SchemaShape.Column.VectorKind.Scalar)
        {
            return SplitStratum.FromCategories(name, ReadText(data, "stratification", name));
        }
        float[][] rows = [.. data.GetColumn<float[]>(name)];
        LabelValues? names = LabelValues.Read(data.Schema[name], AnnotationUtils.Kinds.SlotNames);
        int size = ((VectorDataViewType)data.Schema[name].Type).Size;
        return Enumerable.Range(0, size).Select(j =>
            new SplitStratum(names?.Values[j] ?? $"{name}{j}",
                [.. rows.Select(r => r[j] > 0 ? (sbyte)1 : r[j] == 0 ? (sbyte)0 : (sbyte)-1)]));
    }
}
