namespace SpeechML.Data.Evaluation.Metrics;

/// <summary>
/// Correlation coefficients with two-sided p-values, as SciPy defines them; undefined for constants and fewer than two
/// rows.
/// </summary>
internal static class Correlation
{
    /// <summary>Pearson's r.</summary>
    public static MetricValue Pearson(double[] y, double[] x) =>
        Undefined(y, x) is string reason ? MetricValue.Because(reason) : Product(y, x);

    /// <summary>Spearman's rank correlation, ties sharing their mean rank.</summary>
    public static MetricValue Spearman(double[] y, double[] x) =>
        Undefined(y, x) is string reason ? MetricValue.Because(reason) : Product(Ranks(y), Ranks(x));

    /// <summary>
    /// The p-value of a Pearson or Spearman coefficient, from Student's t with n - 2 degrees of freedom.
    /// </summary>
    public static MetricValue PValue(MetricValue r, int rows) =>
        r.Value is not double value ? r : rows == 2 ? MetricValue.Because("two rows")
            : IncompleteBeta.Regularized((rows - 2) / 2.0, 0.5, (1 - value) * (1 + value));

    /// <summary>Kendall's tau-b, by Knight's O(n log n) method.</summary>
    public static MetricValue Kendall(double[] y, double[] x)
    {
        if (Undefined(y, x) is string reason)
        {
            return MetricValue.Because(reason);
        }
        int n = y.Length;
        int[] order = [.. Enumerable.Range(0, n).OrderBy(i => y[i]).ThenBy(i => x[i])];
        double[] ys = [.. order.Select(i => y[i])], xs = [.. order.Select(i => x[i])];
        double pairs = n * (n - 1.0) / 2, both = 0, run = 1;
        for (int i = 1; i < n; i++)
        {
            run = ys[i] == ys[i - 1] && xs[i] == xs[i - 1] ? run + 1 : 1;
            both += run - 1;
        }
        double tiesY = TiedPairs(ys), swaps = MergeSort(xs, new double[n], 0, n), tiesX = TiedPairs(xs);
        double concordantMinusDiscordant = pairs - tiesY - tiesX + both - (2 * swaps);
        return Math.Clamp(concordantMinusDiscordant / Math.Sqrt(pairs - tiesY) / Math.Sqrt(pairs - tiesX), -1, 1);
    }

    /// <summary>Ranks from 1, ties sharing their mean.</summary>
    public static double[] Ranks(double[] values)
    {
        double[] sorted = [.. values];
        int[] order = [.. Enumerable.Range(0, values.Length)];
        Array.Sort(sorted, order);
        double[] ranks = new double[values.Length];
        for (int i = 0, end; i < sorted.Length; i = end)
        {
            for (end = i; end < sorted.Length && sorted[end] == sorted[i];)
            {
                end++;
            }
            for (int k = i; k < end; k++)
            {
                ranks[order[k]] = (i + 1 + end) / 2.0;
            }
        }
        return ranks;
    }

    private static string? Undefined(double[] y, double[] x) =>
        y.Length < 2 ? "fewer than two rows" : Constant(y) ? "constant truth" : Constant(x) ? "constant prediction"
            : null;

    private static bool Constant(double[] values) => values.All(v => v == values[0]);

    private static double Product(double[] y, double[] x)
    {
        double meanY = y.Average(), meanX = x.Average(), yy = 0, xx = 0, yx = 0;
        for (int i = 0; i < y.Length; i++)
        {
            double dy = y[i] - meanY, dx = x[i] - meanX;
            yy += dy * dy;
            xx += dx * dx;
            yx += dy * dx;
        }
        return Math.Clamp(yx / Math.Sqrt(yy) / Math.Sqrt(xx), -1, 1);
    }

    private static double TiedPairs(double[] sorted)
    {
        double ties = 0, run = 1;
        for (int i = 1; i < sorted.Length; i++)
        {
            run = sorted[i] == sorted[i - 1] ? run + 1 : 1;
            ties += run - 1;
        }
        return ties;
    }

    // sorts and counts the pairs that stood in the wrong order
    private static double MergeSort(double[] values, double[] buffer, int start, int end)
    {
        if (end - start < 2)
        {
            return 0;
        }
        int middle = (start + end) / 2;
        double swaps = MergeSort(values, buffer, start, middle) + MergeSort(values, buffer, middle, end);
        for (int i = start, j = middle, k = start; k < end; k++)
        {
            if (j >= end || (i < middle && values[i] <= values[j]))
            {
                buffer[k] = values[i++];
            }
            else
            {
                swaps += middle - i;
                buffer[k] = values[j++];
            }
        }
        Array.Copy(buffer, start, values, start, end - start);
        return swaps;
    }
}
