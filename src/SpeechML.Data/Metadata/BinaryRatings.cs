using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Data.DataViews;

namespace SpeechML.Data.Metadata;

/// <summary>
/// Boolean labels from ratings or texts; a Boolean has no missing value, so rows without a value are left out.
/// </summary>
internal static class BinaryRatings
{
    public static IDataView Add(
        IHostEnvironment env, IDataView data, string outputColumnName, string ratingColumnName, double threshold)
    {
        SchemaChecks.Find(SchemaShape.Create(data.Schema), "rating", ratingColumnName,
            "Single (name it in SpeechMetadataColumns.Features: other columns of a table are text)",
            c => c.Kind == SchemaShape.Column.VectorKind.Scalar && c.ItemType.Equals(NumberDataViewType.Single));
        double[] ratings = ScoreColumns.Numbers(data, "rating", ratingColumnName);
        bool?[] labels = Array.ConvertAll(ratings, r => RatingScale.ToBinary(r, threshold) switch
        {
            1 => true,
            0 => false,
            _ => (bool?)null,
        });
        (int positive, int negative) = (labels.Count(l => l == true), labels.Count(l => l == false));
        if (positive == 0 || negative == 0)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"Column '{ratingColumnName}': expected ratings on both sides of the threshold {threshold}, got " +
                $"{positive} from it up, {negative} below, {labels.Length - positive - negative} missing."),
                nameof(threshold));
        }
        return Add<float>(env, data, outputColumnName, ratingColumnName, labels,
            r => RatingScale.ToBinary(r, threshold) switch
            {
                1 => true,
                0 => false,
                _ => null,
            });
    }

    public static IDataView Add(
        IHostEnvironment env, IDataView data, string outputColumnName, string textColumnName, string positiveValue)
    {
        string[] values = ScoreColumns.Texts(data, "label", textColumnName);
        string[] known = [.. values.Where(v => v.Length > 0).Distinct(StringComparer.Ordinal)];
        if (!known.Contains(positiveValue) || known.Length == 1)
        {
            throw new ArgumentException(
                $"Column '{textColumnName}': expected '{positiveValue}' and other values, got " +
                $"'{string.Join("', '", known)}'.", nameof(positiveValue));
        }
        return Add<ReadOnlyMemory<char>>(
            env, data, outputColumnName, textColumnName,
            Array.ConvertAll(values, v => v.Length == 0 ? (bool?)null : v == positiveValue),
            v => v.IsEmpty ? null : v.Span.SequenceEqual(positiveValue));
    }

    private static RowStreamDataView<T, object> Add<T>(
        IHostEnvironment env, IDataView data, string outputColumnName, string inputColumnName, bool?[] labels,
        Func<T, bool?> toLabel)
    {
        IHost host = env.Register(nameof(BinaryRatings));
        host.CheckNonEmpty(outputColumnName, nameof(outputColumnName));
        using IChannel channel = host.Start("BinaryLabel");
        channel.Info("'{0}': {1} rows are true, {2} are false, {3} are left out because they have no value",
            outputColumnName, labels.Count(l => l == true), labels.Count(l => l == false),
            labels.Count(l => l is null));
        var subset = new RowFilterDataView<T>(host, data, inputColumnName, v => toLabel(v) is not null);
        return new RowStreamDataView<T, object>(
            host,
            subset,
            subset.Schema[inputColumnName],
            [new DataViewSchema.DetachedColumn(outputColumnName, BooleanDataViewType.Instance)],
            rows => rows.Select(value => (object)toLabel(value)!.Value),
            (_, current) => (ValueGetter<bool>)((ref bool value) => value = (bool)current()));
    }
}
