namespace SpeechML;

/// <summary>Something whose share should be the same in every part of a split.</summary>
/// <param name="Name">For reports: <c>hoarse>=2</c>, <c>language=en</c>.</param>
/// <param name="Values">Per clip: 1, 0, or -1 where it is not known.</param>
public sealed record SplitStratum(string Name, IReadOnlyList<sbyte> Values)
{
    /// <summary>The clips rated positive (from <paramref name="threshold"/> up) among the rated ones.</summary>
    /// <param name="name">The feature.</param>
    /// <param name="ratings">Per clip; -1 or NaN is missing.</param>
    /// <param name="threshold">Smallest positive rating.</param>
    public static SplitStratum FromRatings(string name, IEnumerable<double> ratings, double threshold) => new(
        FormattableString.Invariant($"{name}>={threshold}"),
        [.. ratings.Select(r => double.IsNaN(r) || r == -1 ? (sbyte)-1 : r >= threshold ? (sbyte)1 : (sbyte)0)]);

    /// <summary>One stratum for each value of a column.</summary>
    public static IEnumerable<SplitStratum> FromCategories(string name, IReadOnlyList<string> values) =>
        values.Distinct(StringComparer.Ordinal)
        .Order(StringComparer.Ordinal)
        .Select(v => new SplitStratum($"{name}={v}", [.. values.Select(w => w == v ? (sbyte)1 : (sbyte)0)]));
}
