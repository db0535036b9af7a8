using SpeechML.Data.Evaluation.Metrics;

namespace SpeechML;

/// <summary>
/// How often a model is right on the clips that it answers when the unsure ones are left to a person: selective
/// prediction (Geifman and El-Yaniv, "Selective classification for deep neural networks", 2017). Clips of one
/// confidence are answered together.
/// </summary>
/// <param name="Coverage">Share of the clips that are answered, rising to 1; one entry for each confidence.</param>
/// <param name="Risk">Share of wrong decisions among them.</param>
/// <param name="Threshold">The lowest confidence that is answered.</param>
/// <param name="Area">
/// Area under the curve, AURC (Geifman, Uziel and El-Yaniv, "Bias-reduced uncertainty estimation for deep neural
/// classifiers", 2019): the mean over the clips of the risk when each is the least sure that is answered. Lower is
/// better.
/// </param>
public sealed record RiskCoverageCurve(double[] Coverage, double[] Risk, double[] Threshold, double Area)
{
    /// <summary>Draws the curve.</summary>
    /// <param name="right">Whether the decision on each clip is right.</param>
    /// <param name="confidence">How sure the model is: the probability of what it decided.</param>
    /// <exception cref="ArgumentException">No clips, lengths that differ, a confidence that is no finite number.
    /// </exception>
    public static RiskCoverageCurve Of(IReadOnlyList<bool> right, IReadOnlyList<double> confidence)
    {
        ArgumentNullException.ThrowIfNull(right);
        ArgumentNullException.ThrowIfNull(confidence);
        MetricInput.CheckRows(right.Count, confidence.Count);
        int[] order = [.. Enumerable.Range(0, right.Count).OrderByDescending(i => confidence[i])];
        List<double> coverage = [], risk = [], threshold = [];
        double wrong = 0, area = 0;
        for (int k = 0, begin = 0; k < order.Length; k++)
        {
            int i = order[k];
            MetricInput.CheckFinite(confidence[i], i);
            wrong += right[i] ? 0 : 1;
            if (k + 1 < order.Length && confidence[order[k + 1]] == confidence[i])
            {
                continue;
            }
            coverage.Add((k + 1.0) / order.Length);
            risk.Add(wrong / (k + 1));
            threshold.Add(confidence[i]);
            area += (k + 1 - begin) * wrong / (k + 1);
            begin = k + 1;
        }
        return new RiskCoverageCurve([.. coverage], [.. risk], [.. threshold], area / order.Length);
    }

    /// <summary>
    /// The largest share of the clips that can be answered so that at most a share of the answers is wrong; 0 where
    /// there is none.
    /// </summary>
    /// <param name="risk">The share of wrong answers that is allowed, from 0 to 1.</param>
    public double CoverageAt(double risk)
    {
        int last = Array.FindLastIndex(Risk, r => r <= risk);
        return last < 0 ? 0 : Coverage[last];
    }
}
