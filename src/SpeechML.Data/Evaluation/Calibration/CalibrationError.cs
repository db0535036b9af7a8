namespace SpeechML.Data.Evaluation.Calibration;

/// <summary>
/// Expected calibration error: how far confidence and outcome are apart, averaged over groups of rows.
/// </summary>
internal static class CalibrationError
{
    public const int Bins = 15;

    /// <summary>The group of equal width that a confidence is in.</summary>
    public static int Bin(double confidence) => Math.Clamp((int)Math.Ceiling(confidence * Bins) - 1, 0, Bins - 1);

    /// <summary>Groups of equal width, bin b = (b/15, (b+1)/15], 0 in the first.</summary>
    public static double EqualWidth(double[] confidence, double[] outcome)
    {
        double[] gap = new double[Bins];
        for (int i = 0; i < confidence.Length; i++)
        {
            gap[Bin(confidence[i])] += outcome[i] - confidence[i];
        }
        return gap.Sum(Math.Abs) / confidence.Length;
    }

    /// <summary>Groups of equal size: rows sorted by confidence (stable), larger groups first.</summary>
    public static double EqualSize(double[] confidence, double[] outcome)
    {
        int n = confidence.Length;
        int[] order = [.. Enumerable.Range(0, n).OrderBy(i => confidence[i])];
        double sum = 0;
        for (int b = 0, start = 0; b < Bins; b++)
        {
            int end = start + (n / Bins) + (b < n % Bins ? 1 : 0);
            double gap = 0;
            for (; start < end; start++)
            {
                gap += outcome[order[start]] - confidence[order[start]];
            }
            sum += Math.Abs(gap);
        }
        return sum / n;
    }
}
