using SpeechML.Data.Evaluation.Metrics;
using SpeechML.Data.Evaluation.Metrics.Definitions;

namespace SpeechML;

/// <summary>
/// The clips whose probability lies in (<paramref name="Low"/>, <paramref name="High"/>]; a probability of 0 is in the
/// first group.
/// </summary>
/// <param name="Low">Lower bound.</param>
/// <param name="High">Upper bound.</param>
/// <param name="Count">Clips in the group.</param>
/// <param name="MeanProbability">Their mean probability; undefined where there is none.</param>
/// <param name="PositiveShare">The share of positives among them.</param>
public sealed record ReliabilityBin(
    double Low, double High, int Count, MetricValue MeanProbability, MetricValue PositiveShare)
{
    /// <summary>
    /// Groups of equal width. A model is calibrated where the share of positives is the mean probability in every
    /// group; the expected calibration error is the mean distance of the
    /// two, weighted by the counts.
    /// </summary>
    /// <param name="positive">The truth of each clip.</param>
    /// <param name="probabilities">Its probability, in [0, 1].</param>
    public static IReadOnlyList<ReliabilityBin> Curve(IReadOnlyList<bool> positive, IReadOnlyList<double> probabilities)
    {
        ArgumentNullException.ThrowIfNull(positive);
        ArgumentNullException.ThrowIfNull(probabilities);
        int[] count = new int[ProbabilityMetrics.Bins];
        double[] sum = new double[ProbabilityMetrics.Bins], positives = new double[ProbabilityMetrics.Bins];
        for (int i = 0; i < positive.Count; i++)
        {
            MetricInput.CheckProbability(probabilities[i], i);
            int b = ProbabilityMetrics.Bin(probabilities[i]);
            count[b]++;
            sum[b] += probabilities[i];
            positives[b] += positive[i] ? 1 : 0;
        }
        return [.. count.Select((n, b) => new ReliabilityBin(
            (double)b / ProbabilityMetrics.Bins,
            (b + 1.0) / ProbabilityMetrics.Bins,
            n,
            n == 0 ? MetricValue.Because("no clips") : sum[b] / n,
            n == 0 ? MetricValue.Because("no clips") : positives[b] / n))];
    }
}
