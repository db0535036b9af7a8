namespace SpeechML.Data.Evaluation.Association;

/// <summary>
/// The correction of many p-values by Y. Benjamini and Y. Hochberg 1995, "Controlling the false discovery rate".
/// </summary>
internal static class FalseDiscoveryRate
{
    /// <summary>
    /// The corrected values, in the order given: the smallest of p n / rank over all that are not smaller.
    /// </summary>
    public static double[] Correct(IReadOnlyList<double> pValues)
    {
        int[] falling = [.. Enumerable.Range(0, pValues.Count).OrderByDescending(i => pValues[i])];
        double[] corrected = new double[pValues.Count];
        double least = 1;
        for (int k = 0; k < falling.Length; k++)
        {
            int rank = falling.Length - k;
            least = Math.Min(least, pValues[falling[k]] * falling.Length / rank);
            corrected[falling[k]] = least;
        }
        return corrected;
    }
}
