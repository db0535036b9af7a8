using System.Globalization;

namespace SpeechML.Data.DataViews;

/// <summary>
/// The order of a key's values. MapValueToKey numbers values as they come unless told otherwise: then distances between
/// classes mean nothing.
/// </summary>
internal static class OrdinalKeys
{
    /// <summary>Whether the values are numbers, in text or not.</summary>
    public static bool AreNumbers(LabelValues keys) => Array.TrueForAll(keys.Values,
        v => double.TryParse(v, NumberStyles.Float, CultureInfo.InvariantCulture, out _));

    /// <summary>What is wrong where the values are numbers and do not rise; else <see langword="null"/>.</summary>
    public static string? Disorder(string column, LabelValues keys)
    {
        if (!AreNumbers(keys))
        {
            return null;
        }
        double[] values = Array.ConvertAll(keys.Values, v => double.Parse(v, CultureInfo.InvariantCulture));
        return values.SequenceEqual(values.Order()) ? null
            : $"Column '{column}': expected keys whose values rise (keyOrdinality: ByValue), got " +
            $"{string.Join(", ", keys.Values)}.";
    }
}
