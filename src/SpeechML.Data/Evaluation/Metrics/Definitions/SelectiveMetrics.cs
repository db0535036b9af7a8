namespace SpeechML.Data.Evaluation.Metrics.Definitions;

/// <summary>How good decisions are when those that the model is unsure of are left to a person.</summary>
internal static class SelectiveMetrics
{
    /// <summary>The weighted <see cref="RiskCoverageCurve.Area"/>.</summary>
    public static SpeechMetric Aurc { get; } = new(
        "aurc", "Area under risk and coverage", MetricDirection.LowerIsBetter,
        [SpeechTask.Binary, SpeechTask.MultiLabel, SpeechTask.Multiclass], clips =>
        {
            double[] confidence = [.. clips.Probabilities.Select((p, i) => Confidence(p, clips.Decisions[i]))];
            int[] order = [.. Enumerable.Range(0, confidence.Length).OrderByDescending(i => confidence[i])];
            bool[] lastOfTie = [.. order.Select((i, k) =>
                k + 1 == order.Length || confidence[order[k + 1]] != confidence[i])];
            return weights =>
            {
                double rows = 0, wrong = 0, area = 0, tie = 0;
                for (int k = 0; k < order.Length; k++)
                {
                    int i = order[k], weight = weights[i];
                    rows += weight;
                    tie += weight;
                    wrong += clips.Classes[i] == clips.Decisions[i] ? 0 : weight;
                    if (lastOfTie[k])
                    {
                        area += rows == 0 ? 0 : tie * wrong / rows;
                        tie = 0;
                    }
                }
                return rows == 0 ? MetricValue.Because("no labels") : area / rows;
            };
        });

    /// <summary>The probability of what was decided.</summary>
    /// <param name="probabilities">Of the positive class alone, or of every class.</param>
    /// <param name="decision">The class decided.</param>
    public static double Confidence(double[] probabilities, int decision) =>
        probabilities.Length > 1 ? probabilities[decision]
            : decision == 1 ? probabilities[0] : 1 - probabilities[0];
}
