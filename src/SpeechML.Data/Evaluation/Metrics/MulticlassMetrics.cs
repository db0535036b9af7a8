using SpeechML.Data.Evaluation.Calibration;

namespace SpeechML.Data.Evaluation.Metrics;

/// <summary>Metrics of one class out of K; predicted is the most probable class, the first on ties.</summary>
internal sealed class MulticlassMetrics : AgreementMetrics
{
    private const double Epsilon = 2.220446049250313e-16; // as in the binary log loss

    private MulticlassMetrics(int[] truth, double[][] scores, int[] predicted, int classes)
        : base(new ConfusionMatrix(truth, predicted, classes))
    {
        double[] confidence = [.. scores.Select(p => p.Max())],
            right = [.. truth.Zip(predicted, (t, p) => t == p ? 1.0 : 0.0)];
        LogLoss = truth.Zip(scores, (t, p) => -Math.Log(Math.Clamp(p[t], Epsilon, 1 - Epsilon))).Average();
        Brier = truth.Zip(scores, (t, p) => p.Select((v, c) => (v - (c == t ? 1 : 0)) * (v - (c == t ? 1 : 0))).Sum())
            .Average();
        Ece = CalibrationError.EqualWidth(confidence, right);
        AdaptiveEce = CalibrationError.EqualSize(confidence, right);
        Top2Accuracy = classes == 2 ? 1 : truth.Zip(scores, (t, p) => InTopTwo(t, p) ? 1.0 : 0.0).Average();

        double[] prevalence = [.. Confusion.Select(r => (double)r.Sum() / truth.Length)];
        RocAucOvrPerClass = [.. Enumerable.Range(0, classes)
            .Select(c => Ranking.RocAuc([.. truth.Select(t => t == c)], [.. scores.Select(p => p[c])]))];
        RocAucOvrMicro = Ranking.RocAuc(
            [.. truth.SelectMany(t => Enumerable.Range(0, classes).Select(c => t == c))],
            [.. scores.SelectMany(p => p)]);
        if (classes == 2)
        {
            RocAucOvrMacro = RocAucOvrWeighted = RocAucOvoMacro = RocAucOvoWeighted = RocAucOvrPerClass[1];
        }
        else if (prevalence.Contains(0))
        {
            RocAucOvrMacro = RocAucOvrWeighted = RocAucOvoMacro = RocAucOvoWeighted =
                MetricValue.Because($"class {Array.IndexOf(prevalence, 0)} does not occur");
        }
        else
        {
            RocAucOvrMacro = RocAucOvrPerClass.Average(v => v.Value!.Value);
            RocAucOvrWeighted = RocAucOvrPerClass.Zip(prevalence, (v, w) => v.Value!.Value * w).Sum();
            (RocAucOvoMacro, RocAucOvoWeighted) = Pairs(truth, scores, prevalence);
        }
    }

    public double LogLoss { get; }

    public double Brier { get; }

    public double Ece { get; }

    public double AdaptiveEce { get; }

    public double Top2Accuracy { get; }

    public MetricValue[] RocAucOvrPerClass { get; }

    public MetricValue RocAucOvrMicro { get; }

    public MetricValue RocAucOvrMacro { get; }

    public MetricValue RocAucOvrWeighted { get; }

    public MetricValue RocAucOvoMacro { get; }

    public MetricValue RocAucOvoWeighted { get; }

    /// <summary>Computes them.</summary>
    /// <param name="truth">Class numbers.</param>
    /// <param name="scores">Probabilities, one row of K per clip.</param>
    /// <exception cref="ArgumentException">No rows, lengths that differ, a label out of range, probabilities that are
    /// none: names the row.</exception>
    public static MulticlassMetrics Evaluate(int[] truth, double[][] scores)
    {
        MetricInput.CheckRows(truth.Length, scores.Length);
        int classes = scores[0].Length;
        int[] predicted = new int[truth.Length];
        for (int i = 0; i < truth.Length; i++)
        {
            MetricInput.CheckClass("Label", truth[i], classes, i);
            MetricInput.CheckProbabilities(scores[i], i);
            predicted[i] = Array.IndexOf(scores[i], scores[i].Max());
        }
        return new MulticlassMetrics(truth, scores, predicted, classes);
    }

    // scikit-learn ranks ties by the higher class number
    private static bool InTopTwo(int truth, double[] p) =>
        p.Where((v, c) => v > p[truth] || (v == p[truth] && c > truth)).Count() < 2;

    // Hand and Till 2001
    private static (double Macro, double Weighted) Pairs(int[] truth, double[][] scores, double[] prevalence)
    {
        double sum = 0, weighted = 0, weights = 0, pairs = 0;
        for (int a = 0; a < prevalence.Length; a++)
        {
            for (int b = a + 1; b < prevalence.Length; b++)
            {
                int[] rows = [.. Enumerable.Range(0, truth.Length).Where(i => truth[i] == a || truth[i] == b)];
                double Auc(int c) => Ranking.RocAuc(
                    [.. rows.Select(i => truth[i] == c)], [.. rows.Select(i => scores[i][c])]).Value!.Value;
                double mean = (Auc(a) + Auc(b)) / 2, weight = prevalence[a] + prevalence[b];
                sum += mean;
                weighted += weight * mean;
                weights += weight;
                pairs++;
            }
        }
        return (sum / pairs, weighted / weights);
    }
}
