namespace SpeechML.Data.Evaluation.Metrics.Definitions;

/// <summary>Metrics of the order that scores give, as scikit-learn defines them: each is one pass.</summary>
internal static class RankingMetrics
{
    public static SpeechMetric RocAuc { get; } = new(
        "rocAuc", "ROC AUC", MetricDirection.HigherIsBetter,
        [SpeechTask.Binary, SpeechTask.MultiLabel, SpeechTask.Multiclass, SpeechTask.Ordinal],
        clips => Mean(clips.Rankings, Area));

    public static SpeechMetric AveragePrecision { get; } = new(
        "averagePrecision", "Average precision", MetricDirection.HigherIsBetter,
        [SpeechTask.Binary, SpeechTask.MultiLabel], clips => Mean(clips.Rankings, Precision));

    public static SpeechMetric EqualErrorRate { get; } = new(
        "eer", "Equal error rate", MetricDirection.LowerIsBetter, [SpeechTask.Binary, SpeechTask.MultiLabel],
        clips => Mean(clips.Rankings, EqualErrors));

    private delegate MetricValue Ranked(RankedRows rows, ReadOnlySpan<int> weights);

    /// <summary>Where one ranking has no value, there is none: a mean over fewer would be another metric.</summary>
    private static WeightedMetric Mean(IReadOnlyList<RankedRows> rankings, Ranked metric) => weights =>
    {
        double sum = 0;
        foreach (RankedRows rows in rankings)
        {
            MetricValue part = metric(rows, weights);
            if (part.Value is not { } value)
            {
                return rows.Name is null ? part : MetricValue.Because($"{part.Undefined}, {rows.Name}");
            }
            sum += value;
        }
        return rankings.Count == 0 ? MetricValue.Because("no probabilities") : sum / rankings.Count;
    };

    /// <summary>The chance that a positive outscores a negative, ties counting half.</summary>
    private static MetricValue Area(RankedRows rows, ReadOnlySpan<int> weights)
    {
        int[] order = rows.Order;
        bool[] positive = rows.Positive, last = rows.LastOfTie;
        long p = 0, n = 0, positives = 0, below = 0, twiceArea = 0;
        for (int i = 0; i < order.Length; i++)
        {
            int weight = weights[order[i]], hit = positive[i] ? weight : 0;
            p += hit;
            n += weight - hit;
            if (last[i])
            {
                twiceArea += p * ((2 * below) + n);
                positives += p;
                below += n;
                (p, n) = (0, 0);
            }
        }
        return OneClass(positives, below) ?? twiceArea / (2.0 * positives * below);
    }

    /// <summary>The sum over thresholds of (R_n - R_(n-1)) P_n.</summary>
    private static MetricValue Precision(RankedRows rows, ReadOnlySpan<int> weights)
    {
        int[] order = rows.Order;
        bool[] positive = rows.Positive, last = rows.LastOfTie;
        long predicted = 0, truePositives = 0, before = 0;
        double sum = 0;
        for (int i = order.Length - 1; i >= 0; i--)
        {
            int weight = weights[order[i]];
            predicted += weight;
            truePositives += positive[i] ? weight : 0;
            if ((i == 0 || last[i - 1]) && truePositives > before)
            {
                sum += (truePositives - before) * ((double)truePositives / predicted);
                before = truePositives;
            }
        }
        return truePositives == 0 ? MetricValue.Because(predicted == 0 ? "no labels" : "no positives")
            : sum / truePositives;
    }

    /// <summary>Where the ROC polygon crosses the line of equal error rates.</summary>
    private static MetricValue EqualErrors(RankedRows rows, ReadOnlySpan<int> weights)
    {
        long positives = 0, negatives = 0;
        for (int i = 0; i < rows.Order.Length; i++)
        {
            int weight = weights[rows.Order[i]];
            positives += rows.Positive[i] ? weight : 0;
            negatives += rows.Positive[i] ? 0 : weight;
        }
        if (OneClass(positives, negatives) is { } undefined)
        {
            return undefined;
        }
        double before = 0, difference = -1, tp = 0, fp = 0;
        for (int i = rows.Order.Length - 1; i >= 0; i--)
        {
            int weight = weights[rows.Order[i]];
            (tp, fp) = rows.Positive[i] ? (tp + weight, fp) : (tp, fp + weight);
            if (i > 0 && !rows.LastOfTie[i - 1])
            {
                continue;
            }
            double rate = fp / negatives, now = rate - (1 - (tp / positives));
            if (now >= 0)
            {
                return before + ((rate - before) * -difference / (now - difference));
            }
            (before, difference) = (rate, now);
        }
        return 1;
    }

    private static MetricValue? OneClass(long positives, long negatives) =>
        positives > 0 && negatives > 0 ? null
            : MetricValue.Because(positives + negatives == 0 ? "no labels" : positives == 0 ? "no positives"
                : "no negatives");
}
