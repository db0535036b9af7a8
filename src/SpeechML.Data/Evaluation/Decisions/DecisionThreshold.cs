using SpeechML.Data.Evaluation.Metrics;

namespace SpeechML.Data.Evaluation.Decisions;

/// <summary>
/// Chooses a threshold among the scores that occur, as scikit-learn's curves do; of equal ones the highest.
/// </summary>
internal static class DecisionThreshold
{
    public const double Default = 0.5;

    /// <summary>The threshold; <see langword="null"/> where the labels have one class only, with the reason.</summary>
    public static double? Choose(
        bool[] positive, double[] scores, ThresholdRule rule, double sensitivity, out string? kept)
    {
        double positives = positive.Count(p => p), negatives = positive.Length - positives;
        kept = positive.Length == 0 ? "no labels" : positives == 0 ? "no positives" : negatives == 0 ? "no negatives"
            : null;
        if (kept is not null)
        {
            return null;
        }
        if (rule == ThresholdRule.Half)
        {
            return Default;
        }
        var rows = new RankedRows(positive, scores);
        double tp = 0, fp = 0, best = double.NegativeInfinity, threshold = Default;
        for (int i = rows.Order.Length - 1; i >= 0; i--)
        {
            (tp, fp) = rows.Positive[i] ? (tp + 1, fp) : (tp, fp + 1);
            if (i > 0 && !rows.LastOfTie[i - 1])
            {
                continue; // the same score goes on
            }
            double value = rule switch
            {
                ThresholdRule.YoudenJ => (tp / positives) - (fp / negatives),
                ThresholdRule.BestF1 => 2 * tp / (tp + fp + positives),
                _ => tp / positives >= sensitivity ? 1 : 0,
            };
            if (value > best)
            {
                (best, threshold) = (value, scores[rows.Order[i]]);
            }
        }
        return threshold;
    }
}
