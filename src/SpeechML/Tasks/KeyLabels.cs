using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Data.DataViews;

namespace SpeechML.Tasks;

/// <summary>What trainers whose label column is a key have in common.</summary>
internal static class KeyLabels
{
    public static SchemaShape.Column Check(SchemaShape schema, string labelColumnName) =>
        SchemaChecks.Find(schema, "label", labelColumnName, "Key<UInt32> (use MapValueToKey)",
            c => c.IsKey && c.Kind == SchemaShape.Column.VectorKind.Scalar
            && c.ItemType.Equals(NumberDataViewType.UInt32));

    /// <summary>The predicted class and the probability of each.</summary>
    public static IEnumerable<SchemaShape.Column> OutputShape(
        SchemaShape.Column label, string predictedLabelColumnName, string scoreColumnName)
    {
        SchemaShape keys = label.Annotations.TryFindColumn(
            AnnotationUtils.Kinds.KeyValues, out SchemaShape.Column values) ? new SchemaShape([values])
            : new SchemaShape([]);
        yield return new SchemaShape.Column(
            predictedLabelColumnName, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.UInt32, true, keys);
        yield return new SchemaShape.Column(
            scoreColumnName, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false,
            new SchemaShape(AnnotationUtils.AnnotationsForMulticlassScoreColumn(label)));
    }

    /// <summary>The classes.</summary>
    /// <exception cref="InvalidOperationException">There are fewer than two.</exception>
    public static LabelValues Read(IHost host, DataViewSchema.Column label)
    {
        int classes = ((KeyDataViewType)label.Type).GetCountAsInt32(host);
        if (classes < 2)
        {
            throw new InvalidOperationException(
                $"Label column '{label.Name}': expected at least two classes, got {classes}.");
        }
        // A key without values is told apart by its number.
        return LabelValues.Read(label, AnnotationUtils.Kinds.KeyValues)
            ?? new LabelValues(nameof(UInt32),
                [.. Enumerable.Range(1, classes).Select(i => FormattableString.Invariant($"{i}"))]);
    }

    /// <summary>Reads a row's class number, from 0; <see langword="null"/> where the key is missing.</summary>
    public static Func<float[]?> Reader(DataViewRow row, DataViewSchema.Column label)
    {
        ValueGetter<uint> getter = row.GetGetter<uint>(label);
        uint key = 0;
        return () =>
        {
            getter(ref key);
            // Keys count from 1; 0 is missing.
            return key == 0 ? null : [key - 1];
        };
    }

    /// <summary>Clips of each class that occurs.</summary>
    public static IReadOnlyDictionary<string, int> Count(IReadOnlyList<float[]> targets, LabelValues labels) =>
        targets.GroupBy(t => (int)t[0]).ToDictionary(g => labels.Values[g.Key], g => g.Count(), StringComparer.Ordinal);

    /// <exception cref="InvalidOperationException">All rows are of one class.</exception>
    public static void CheckTwoClasses(IReadOnlyList<float[]> targets, LabelValues labels, string labelColumnName)
    {
        int[] present = [.. targets.Select(t => (int)t[0]).Distinct().Order()];
        if (present.Length < 2)
        {
            throw new InvalidOperationException(
                $"Label column '{labelColumnName}': expected rows of at least two classes, got {targets.Count} rows, " +
                $"all '{labels.Values[present[0]]}'.");
        }
    }
}
