using System.Globalization;

namespace SpeechML.Data.Metadata;

/// <summary>Numbers among ratings that look like codes for "missing": -9, 99, 999 far from all others.</summary>
internal static class RatingCodes
{
    // What SPSS, REDCap and questionnaires use; as negative numbers too.
    private static readonly double[] s_codes = [9, 66, 77, 88, 99, 666, 777, 888, 999, 7777, 8888, 9999];

    /// <summary>
    /// The codes, in order; each lies outside the range of the other ratings by at least half of its width.
    /// </summary>
    public static double[] Find(IEnumerable<double> ratings)
    {
        double[] values = [.. ratings.Where(r => !double.IsNaN(r)).Distinct().Order()];
        double[] others = [.. values.Where(v => !s_codes.Contains(Math.Abs(v)))];
        if (others.Length == 0)
        {
            return [];
        }
        double margin = Math.Max(1, (others[^1] - others[0]) / 2);
        return [.. values.Where(v => s_codes.Contains(Math.Abs(v))
            && (v > others[^1] + margin || v < others[0] - margin))];
    }

    /// <summary>What to say about them, without a full stop.</summary>
    public static string Describe(double[] codes) =>
        $"expected ratings, got {string.Join(", ", codes.Select(c => c.ToString(CultureInfo.InvariantCulture)))} far " +
        $"from all others; where they mean missing, set {nameof(SpeechMetadataColumns)}." +
        $"{nameof(SpeechMetadataColumns.MissingRatings)}";
}
