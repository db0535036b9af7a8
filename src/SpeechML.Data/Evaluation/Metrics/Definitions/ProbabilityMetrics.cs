namespace SpeechML.Data.Evaluation.Metrics.Definitions;

/// <summary>How good probabilities are.</summary>
internal static class ProbabilityMetrics
{
    /// <summary>Groups of the calibration errors.</summary>
    public const int Bins = 15;

    // scikit-learn's clip of probabilities in the log loss: the float64 machine epsilon
    private const double Epsilon = 2.220446049250313e-16;
    private static readonly SpeechTask[] s_tasks =
        [SpeechTask.Binary, SpeechTask.MultiLabel, SpeechTask.Multiclass];

    public static SpeechMetric LogLoss { get; } = new(
        "logLoss", "Log loss", MetricDirection.LowerIsBetter, s_tasks, clips => WeightedMean.Of(
            [.. Classes(clips).Select(c => -Math.Log(Math.Clamp(c.P[c.Truth], Epsilon, 1 - Epsilon)))]));

    public static SpeechMetric Brier { get; } = new(
        "brier", "Brier score", MetricDirection.LowerIsBetter, s_tasks, clips => WeightedMean.Of(
            clips.Task == SpeechTask.Binary
                ? [.. clips.Probabilities.Zip(clips.Truth, (p, o) => (p[0] - o) * (p[0] - o))]
                : [.. Classes(clips).Select(
                    c => c.P.Select((v, k) => k == c.Truth ? (v - 1) * (v - 1) : v * v).Sum())]));

    public static SpeechMetric Ece { get; } = new(
        "ece", "Calibration error", MetricDirection.LowerIsBetter, s_tasks, EqualWidth);

    public static SpeechMetric AdaptiveEce { get; } = new(
        "adaptiveEce", "Calibration error, groups of equal size", MetricDirection.LowerIsBetter, s_tasks, EqualSize);

    // scikit-learn ranks ties by the higher class number
    public static SpeechMetric Top2Accuracy { get; } = new(
        "top2Accuracy", "Accuracy of the two most probable", MetricDirection.HigherIsBetter,
        [SpeechTask.Multiclass], clips => WeightedMean.Of([.. Classes(clips).Select(
            c => c.P.Where((v, k) => v > c.P[c.Truth] || (v == c.P[c.Truth] && k > c.Truth)).Count() < 2 ? 1.0
            : 0.0)]));

    /// <summary>The group of equal width that a confidence is in: b = (b/15, (b+1)/15], 0 in the first.</summary>
    public static int Bin(double confidence) => Math.Clamp((int)Math.Ceiling(confidence * Bins) - 1, 0, Bins - 1);

    private static IEnumerable<(int Truth, double[] P)> Classes(EvaluatedClips clips) =>
        clips.Classes.Zip(clips.Probabilities,
            (t, p) => (t, clips.Task == SpeechTask.Binary ? [1 - p[0], p[0]] : p));

    /// <summary>Of one label its probability; of classes the greatest, and whether its class is right.</summary>
    private static (double[] Confidence, double[] Gap) Confidence(EvaluatedClips clips)
    {
        bool binary = clips.Task == SpeechTask.Binary;
        double[] confidence = [.. clips.Probabilities.Select(p => binary ? p[0] : p.Max())];
        return (confidence, [.. confidence.Select((c, i) => (binary ? clips.Truth[i]
            : clips.Classes[i] == Array.IndexOf(clips.Probabilities[i], c) ? 1 : 0) - c)]);
    }

    private static WeightedMetric EqualWidth(EvaluatedClips clips)
    {
        (double[] confidence, double[] gap) = Confidence(clips);
        int[] bin = Array.ConvertAll(confidence, Bin);
        return weights =>
        {
            Span<double> gaps = stackalloc double[Bins];
            gaps.Clear();
            long rows = 0;
            for (int i = 0; i < bin.Length; i++)
            {
                gaps[bin[i]] += weights[i] * gap[i];
                rows += weights[i];
            }
            double sum = 0;
            foreach (double g in gaps)
            {
                sum += Math.Abs(g);
            }
            return rows == 0 ? MetricValue.Because("no labels") : sum / rows;
        };
    }

    // Rows sorted by confidence (stable), larger groups first.
    private static WeightedMetric EqualSize(EvaluatedClips clips)
    {
        (double[] confidence, double[] gap) = Confidence(clips);
        int[] order = [.. Enumerable.Range(0, confidence.Length).OrderBy(i => confidence[i])];
        return weights =>
        {
            long rows = 0;
            foreach (int weight in weights)
            {
                rows += weight;
            }
            double sum = 0;
            long left = order.Length == 0 ? 0 : weights[order[0]];
            for (int b = 0, k = 0; b < Bins; b++)
            {
                double inGroup = 0;
                for (long free = (rows / Bins) + (b < rows % Bins ? 1 : 0); free > 0;)
                {
                    if (left == 0)
                    {
                        left = weights[order[++k]];
                        continue;
                    }
                    long taken = Math.Min(free, left);
                    inGroup += taken * gap[order[k]];
                    (free, left) = (free - taken, left - taken);
                }
                sum += Math.Abs(inGroup);
            }
            return rows == 0 ? MetricValue.Because("no labels") : sum / rows;
        };
    }
}
