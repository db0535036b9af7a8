using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Data.Metadata;

namespace SpeechML.Data.DataViews;

/// <summary>Metadata as a data view.</summary>
internal static class MetadataDataView
{
    /// <summary>Binary labels, one slot per feature: 1, 0, NaN where not rated.</summary>
    public const string Labels = "Labels";

    /// <summary>The ratings themselves, one slot per feature: NaN where missing.</summary>
    public const string Ratings = "Ratings";

    public static IDataView Create(IHostEnvironment env, SpeechMetadata metadata, double ratingThreshold)
    {
        IHost host = env.Register(nameof(MetadataDataView));
        var builder = new ArrayDataViewBuilder(host);
        if (metadata.Rows.Count == 0)
        {
            throw new InvalidOperationException(
                "Metadata: expected at least one row, got none. Do the task and feature filters leave any?");
        }
        string[] features = [.. metadata.Columns.Features];
        foreach (string field in metadata.Rows[0].Fields.Keys)
        {
            if (features.Length > 0 && field is Labels or Ratings)
            {
                throw new InvalidOperationException(
                    $"Metadata column '{field}': expected another name, because '{field}' is the vector made of the " +
                    $"features.");
            }
            if (!features.Contains(field))
            {
                builder.AddColumn(field, [.. metadata.Rows.Select(r => r.Fields[field])]);
            }
        }
        if (features.Length > 0)
        {
            var names = new VBuffer<ReadOnlyMemory<char>>(features.Length, [.. features.Select(f => f.AsMemory())]);
            void GetNames(ref VBuffer<ReadOnlyMemory<char>> value) => names.CopyTo(ref value);
            IReadOnlyList<double[]> labels = metadata.BinaryLabels(ratingThreshold);
            builder.AddColumn(Labels, GetNames, NumberDataViewType.Single, [.. labels.Select(ToSingle)]);
            builder.AddColumn(Ratings, GetNames, NumberDataViewType.Single,
                [.. metadata.Rows.Select(r => ToSingle(r.Ratings))]);
            for (int j = 0; j < features.Length; j++)
            {
                WarnOfCodes(host, features[j], [.. metadata.Rows.Select(r => r.Ratings[j])]);
                builder.AddColumn(features[j], NumberDataViewType.Single,
                    [.. metadata.Rows.Select(r => (float)r.Ratings[j])]);
            }
        }
        return builder.GetDataView();
    }

    private static void WarnOfCodes(IHost host, string feature, double[] ratings)
    {
        double[] codes = RatingCodes.Find(ratings);
        if (codes.Length > 0)
        {
            using IChannel channel = host.Start("LoadMetadata");
            channel.Warning("'{0}': {1}", feature, RatingCodes.Describe(codes));
        }
    }

    private static float[] ToSingle(double[] values) => Array.ConvertAll(values, v => (float)v);
}
