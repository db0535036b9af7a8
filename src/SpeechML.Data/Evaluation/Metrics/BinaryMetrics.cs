using SpeechML.Data.Evaluation.Calibration;

namespace SpeechML.Data.Evaluation.Metrics;

/// <summary>Metrics of one binary label; predicted positive from a probability of 0.5 up.</summary>
internal sealed class BinaryMetrics : AgreementMetrics
{
    // scikit-learn's clip of probabilities in the log loss: the float64 machine epsilon
    private const double Epsilon = 2.220446049250313e-16;

    private BinaryMetrics(ConfusionMatrix matrix, bool[] positive, double[] scores)
        : base(matrix)
    {
        double[] outcome = [.. positive.Select(p => p ? 1.0 : 0.0)];
        Specificity = positive.Contains(false) ? RecallPerClass[0] : MetricValue.Because("no negatives");
        RocAuc = Ranking.RocAuc(positive, scores);
        AveragePrecision = Ranking.AveragePrecision(positive, scores);
        Eer = Ranking.EqualErrorRate(positive, scores);
        RocCurve = Ranking.Roc(positive, scores);
        PrCurve = Ranking.PrecisionRecall(positive, scores);
        LogLoss = scores.Zip(positive, (s, p) => -Math.Log(Math.Clamp(p ? s : 1 - s, Epsilon, 1 - Epsilon))).Average();
        Brier = scores.Zip(outcome, (s, o) => (s - o) * (s - o)).Average();
        Ece = CalibrationError.EqualWidth(scores, outcome);
        AdaptiveEce = CalibrationError.EqualSize(scores, outcome);
    }

    public double Precision => PrecisionPerClass[1];

    public double Recall => RecallPerClass[1];

    public double F1 => F1PerClass[1];

    public MetricValue Specificity { get; }

    public MetricValue RocAuc { get; }

    public MetricValue AveragePrecision { get; }

    public double LogLoss { get; }

    public double Brier { get; }

    public MetricValue Eer { get; }

    public double Ece { get; }

    public double AdaptiveEce { get; }

    public RocCurve? RocCurve { get; }

    public PrecisionRecallCurve? PrCurve { get; }

    /// <summary>Computes them.</summary>
    /// <param name="truth">0 or 1.</param>
    /// <param name="scores">Probabilities of 1.</param>
    /// <exception cref="ArgumentException">No rows, lengths that differ, a label or probability out of range: names the
    /// row.</exception>
    public static BinaryMetrics Evaluate(int[] truth, double[] scores)
    {
        MetricInput.CheckRows(truth.Length, scores.Length);
        for (int i = 0; i < truth.Length; i++)
        {
            MetricInput.CheckClass("Label", truth[i], 2, i);
            MetricInput.CheckProbability(scores[i], i);
        }
        int[] predicted = [.. scores.Select(s => s >= 0.5 ? 1 : 0)];
        return new BinaryMetrics(new ConfusionMatrix(truth, predicted, 2), [.. truth.Select(t => t == 1)], scores);
    }
}
