using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Data.DataViews;

namespace SpeechML.Data.Metadata;

/// <summary>Boolean labels from ratings; a Boolean has no missing value, so rows without a rating are left out.</summary>
internal static class BinaryRatings
{
    public static IDataView Add(
        IHostEnvironment env, IDataView data, string outputColumnName, string ratingColumnName, double threshold)
    {
        IHost host = env.Register(nameof(BinaryRatings));
        host.CheckNonEmpty(outputColumnName, nameof(outputColumnName));
        double[] ratings = ScoreColumns.Numbers(data, "rating", ratingColumnName);
        bool[] rated = Array.ConvertAll(ratings, r => !double.IsNaN(RatingScale.ToBinary(r, threshold)));
        double[] kept = [.. ratings.Where((_, i) => rated[i])];
        int positive = kept.Count(r => r >= threshold);
        if (positive == 0 || positive == kept.Length)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"Column '{ratingColumnName}': expected ratings on both sides of the threshold {threshold}, got " +
                $"{positive} from it up, {kept.Length - positive} below, {ratings.Length - kept.Length} missing."),
                nameof(threshold));
        }
        using IChannel channel = host.Start("BinaryLabel");
        channel.Info("'{0}': {1} rows are 1, {2} are 0, {3} are left out because they are not rated", outputColumnName,
            positive, kept.Length - positive, ratings.Length - kept.Length);
        var subset = new RowSubsetDataView(host, data, rated);
        return new RowStreamDataView<float, object>(
            host,
            subset,
            subset.Schema[ratingColumnName],
            [new DataViewSchema.DetachedColumn(outputColumnName, BooleanDataViewType.Instance)],
            rows => rows.Select(rating => (object)(rating >= threshold)),
            (_, current) => (ValueGetter<bool>)((ref bool value) => value = (bool)current()));
    }
}
