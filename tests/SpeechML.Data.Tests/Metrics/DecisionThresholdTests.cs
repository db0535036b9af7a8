using SpeechML.Audio.Common;
using SpeechML.Data.Evaluation.Decisions;

namespace SpeechML.Data.Tests.Metrics;

[TestClass]
public sealed class DecisionThresholdTests
{
    // scikit-learn's example of a ROC curve
    private static readonly bool[] s_positive = [false, false, true, true];
    private static readonly double[] s_scores = [0.1, 0.4, 0.35, 0.8];

    [TestMethod]
    [DataRow(ThresholdRule.Half, 0.9, 0.5)]
    [DataRow(ThresholdRule.YoudenJ, 0.9, 0.8)]
    [DataRow(ThresholdRule.BestF1, 0.9, 0.35)]
    [DataRow(ThresholdRule.TargetSensitivity, 0.9, 0.35)]
    [DataRow(ThresholdRule.TargetSensitivity, 0.5, 0.8)]
    public void Choose_KnownCurve_IsTheHighestOfTheBest(ThresholdRule rule, double sensitivity, double expected)
    {
        Assert.AreEqual(expected, DecisionThreshold.Choose(s_positive, s_scores, rule, sensitivity, out string? kept));
        Assert.IsNull(kept);
    }

    [TestMethod]
    [DataRow(ThresholdRule.YoudenJ)]
    [DataRow(ThresholdRule.BestF1)]
    public void Choose_TiedScores_NoOtherThresholdIsBetter(ThresholdRule rule)
    {
        var random = new SeededRandom(1);
        double[] scores = [.. Enumerable.Range(0, 200).Select(_ => Math.Round(random.NextDouble(), 1))];
        bool[] positive = [.. scores.Select(s => random.NextDouble() < s)];
        double Value(double threshold)
        {
            double tp = positive.Zip(scores).Count(p => p.First && p.Second >= threshold),
                fp = positive.Zip(scores).Count(p => !p.First && p.Second >= threshold);
            double positives = positive.Count(p => p), negatives = positive.Length - positives;
            return rule == ThresholdRule.YoudenJ ? (tp / positives) - (fp / negatives) : 2 * tp / (tp + fp + positives);
        }
        double chosen = DecisionThreshold.Choose(positive, scores, rule, 0.9, out _)!.Value;
        Assert.AreEqual(scores.Max(Value), Value(chosen), 1e-12);
    }

    [TestMethod]
    [DataRow(new[] { true, true }, "no negatives")]
    [DataRow(new[] { false, false }, "no positives")]
    [DataRow(new bool[0], "no labels")]
    public void Choose_OneClass_NothingAndWhy(bool[] positive, string why)
    {
        Assert.IsNull(DecisionThreshold.Choose(
            positive, [.. positive.Select(_ => 0.9)], ThresholdRule.BestF1, 0.9, out string? kept));
        Assert.AreEqual(why, kept);
    }
}
