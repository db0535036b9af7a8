using System.Globalization;

namespace SpeechML;

/// <summary>
/// The severity ratings of clinical speech features and what they are used as. Missing ratings (-1 or NaN) stay
/// missing: NaN.
/// </summary>
public static class RatingScale
{
    /// <summary>The usual ratings, from absent to severe.</summary>
    public static IReadOnlyList<double> Levels { get; } = [1, 1.5, 2, 3, 4];

    /// <summary>1 from <paramref name="threshold"/> up, 0 below.</summary>
    public static double ToBinary(double rating, double threshold) =>
        IsMissing(rating) ? double.NaN : rating >= threshold ? 1 : 0;

    /// <summary>
    /// The class number of a rating in <paramref name="levels"/> (<see cref="Levels"/> if <see langword="null"/>), for
    /// ordinal models.
    /// </summary>
    /// <exception cref="ArgumentException">The rating is none of the levels.</exception>
    public static double ToClass(double rating, IReadOnlyList<double>? levels = null)
    {
        if (IsMissing(rating))
        {
            return double.NaN;
        }
        levels ??= Levels;
        for (int k = 0; k < levels.Count; k++)
        {
            if (levels[k] == rating)
            {
                return k;
            }
        }
        throw new ArgumentException(
            string.Create(CultureInfo.InvariantCulture,
            $"Rating: expected one of {string.Join(", ", levels.Select(l => FormattableString.Invariant($"{l}")))} " +
            $"or -1 (missing), got {rating}."), nameof(rating));
    }

    private static bool IsMissing(double rating) => double.IsNaN(rating) || rating == -1;
}
