namespace SpeechML.Data.Evaluation.Metrics;

/// <summary>Points of a ROC curve, thresholds falling from infinity; a score ≥ threshold is positive.</summary>
internal sealed record RocCurve(double[] Fpr, double[] Tpr, double[] Thresholds);

/// <summary>
/// Points of a precision-recall curve, thresholds rising over all distinct scores; one point more than thresholds:
/// recall 0, precision 1.
/// </summary>
internal sealed record PrecisionRecallCurve(double[] Precision, double[] Recall, double[] Thresholds);

/// <summary>
/// Curves over thresholds, as scikit-learn defines them.
/// </summary>
internal static class Ranking
{
    /// <summary>All points of the ROC curve; <see langword="null"/> unless both classes occur.</summary>
    public static RocCurve? Roc(ReadOnlySpan<bool> positive, ReadOnlySpan<double> scores)
    {
        Counts c = Count(positive, scores);
        return c.Positives == 0 || c.Negatives == 0 ? null : new RocCurve(
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

    private static Counts Count(ReadOnlySpan<bool> positive, ReadOnlySpan<double> scores)
    {
        double[] s = scores.ToArray();
        bool[] y = positive.ToArray();
        for (int i = 0; i < s.Length; i++)
        {
            if (double.IsNaN(s[i])) // has no place in an order
            {
                MetricInput.CheckFinite(s[i], i);
            }
        }
        Array.Sort(s, y);
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
