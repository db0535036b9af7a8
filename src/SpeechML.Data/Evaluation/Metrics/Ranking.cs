namespace SpeechML.Data.Evaluation.Metrics;

/// <summary>Points of a ROC curve, thresholds falling from infinity; a score ≥ threshold is positive.</summary>
internal sealed record RocCurve(double[] Fpr, double[] Tpr, double[] Thresholds);

/// <summary>
/// Points of a precision-recall curve, thresholds rising over all distinct scores; one point more than thresholds:
/// recall 0, precision 1.
/// </summary>
internal sealed record PrecisionRecallCurve(double[] Precision, double[] Recall, double[] Thresholds);

/// <summary>
/// Metrics of the order that scores give, as scikit-learn defines them; every one sorts once, O(n log n).
/// </summary>
internal static class Ranking
{
    /// <summary>
    /// Area under the ROC curve: the chance that a positive outscores a negative, ties counting half.
    /// </summary>
    public static MetricValue RocAuc(ReadOnlySpan<bool> positive, ReadOnlySpan<double> scores)
    {
        if (OneClass(positive) is string reason)
        {
            return MetricValue.Because(reason);
        }
        (double[] s, bool[] y) = SortAscending(positive, scores);
        double negativesBelow = 0, area = 0, positives = 0;
        for (int i = 0; i < s.Length;)
        {
            int tied = i;
            long p = 0;
            for (; tied < s.Length && s[tied] == s[i]; tied++)
            {
                p += y[tied] ? 1 : 0;
            }
            long n = tied - i - p;
            area += p * (negativesBelow + (n / 2.0));
            negativesBelow += n;
            positives += p;
            i = tied;
        }
        return area / (positives * negativesBelow);
    }

    /// <summary>Sum over thresholds of (R_n - R_(n-1)) P_n.</summary>
    public static MetricValue AveragePrecision(ReadOnlySpan<bool> positive, ReadOnlySpan<double> scores)
    {
        Counts c = Count(positive, scores);
        if (c.Positives == 0)
        {
            return MetricValue.Because(positive.IsEmpty ? "no labels" : "no positives");
        }
        double sum = 0, previous = 0;
        for (int i = 0; i < c.Thresholds.Length; i++)
        {
            sum += (c.TruePositives[i] - previous) / c.Positives * (c.TruePositives[i] / c.Predicted(i));
            previous = c.TruePositives[i];
        }
        return sum;
    }

    /// <summary>All points of the ROC curve; <see langword="null"/> unless both classes occur.</summary>
    public static RocCurve? Roc(ReadOnlySpan<bool> positive, ReadOnlySpan<double> scores)
    {
        if (OneClass(positive) is not null)
        {
            return null;
        }
        Counts c = Count(positive, scores);
        return new RocCurve(
            [0, .. c.FalsePositives.Select(v => v / c.Negatives)], [0, .. c.TruePositives.Select(v => v / c.Positives)],
            [double.PositiveInfinity, .. c.Thresholds]);
    }

    /// <summary>All points of the precision-recall curve; <see langword="null"/> without positives.</summary>
    public static PrecisionRecallCurve? PrecisionRecall(ReadOnlySpan<bool> positive, ReadOnlySpan<double> scores)
    {
        Counts c = Count(positive, scores);
        return c.Positives == 0 ? null : new PrecisionRecallCurve(
            [.. c.TruePositives.Select((v, i) => v / c.Predicted(i)).Reverse(), 1],
            [.. c.TruePositives.Select(v => v / c.Positives).Reverse(), 0], [.. c.Thresholds.Reverse()]);
    }

    /// <summary>Where the false positive rate equals the false negative rate on the ROC polygon.</summary>
    public static MetricValue EqualErrorRate(ReadOnlySpan<bool> positive, ReadOnlySpan<double> scores)
    {
        if (Roc(positive, scores) is not RocCurve roc)
        {
            return MetricValue.Because(OneClass(positive)!);
        }
        double Difference(int i) => roc.Fpr[i] - (1 - roc.Tpr[i]);
        int k = Enumerable.Range(0, roc.Fpr.Length).First(i => Difference(i) >= 0);
        return roc.Fpr[k - 1] +
            ((roc.Fpr[k] - roc.Fpr[k - 1]) * -Difference(k - 1) / (Difference(k) - Difference(k - 1)));
    }

    private static string? OneClass(ReadOnlySpan<bool> positive) =>
        positive.IsEmpty ? "no labels" : !positive.Contains(true) ? "no positives" : !positive.Contains(false)
            ? "no negatives" : null;

    private static (double[] Scores, bool[] Positive) SortAscending(
        ReadOnlySpan<bool> positive, ReadOnlySpan<double> scores)
    {
        double[] s = scores.ToArray();
        bool[] y = positive.ToArray();
        Array.Sort(s, y);
        return (s, y);
    }

    private static Counts Count(ReadOnlySpan<bool> positive, ReadOnlySpan<double> scores)
    {
        (double[] s, bool[] y) = SortAscending(positive, scores);
        List<double> truePositives = [], falsePositives = [], thresholds = [];
        double tp = 0, fp = 0;
        for (int i = s.Length - 1; i >= 0;)
        {
            double threshold = s[i];
            for (; i >= 0 && s[i] == threshold; i--)
            {
                tp += y[i] ? 1 : 0;
                fp += y[i] ? 0 : 1;
            }
            truePositives.Add(tp);
            falsePositives.Add(fp);
            thresholds.Add(threshold);
        }
        return new Counts([.. truePositives], [.. falsePositives], [.. thresholds], tp, fp);
    }

    private sealed record Counts(
        double[] TruePositives, double[] FalsePositives, double[] Thresholds, double Positives, double Negatives)
    {
        public double Predicted(int i) => TruePositives[i] + FalsePositives[i];
    }
}
