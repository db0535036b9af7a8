namespace SpeechML.Data.Evaluation;

/// <summary>The median of numbers; NaN of none.</summary>
internal static class Median
{
    /// <summary>Of numbers in any order.</summary>
    public static double Of(IEnumerable<double> values) => OfSorted([.. values.Order()]);

    /// <summary>Of numbers that do not fall.</summary>
    public static double OfSorted(double[] sorted) => sorted.Length == 0 ? double.NaN
        : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
}
