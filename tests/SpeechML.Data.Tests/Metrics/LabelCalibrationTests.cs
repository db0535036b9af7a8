using SpeechML.Audio.Common;
using SpeechML.Data.Evaluation.Calibration;
using SpeechML.Data.Evaluation.Decisions;

namespace SpeechML.Data.Tests.Metrics;

[TestClass]
public sealed class LabelCalibrationTests
{
    [TestMethod]
    [DataRow(CalibrationMethod.Platt)]
    [DataRow(CalibrationMethod.Isotonic)]
    public void Fit_OverconfidentScores_LowersTheBrierScoreOnOthers(CalibrationMethod method)
    {
        (bool[] positive, double[] scores) = Overconfident(1);
        LabelCalibration calibration = LabelCalibration.Fit(method, positive, scores, out string? kept);
        Assert.IsNull(kept);
        (bool[] others, double[] othersScores) = Overconfident(2);
        double Brier(Func<double, double> probability) =>
            others.Zip(othersScores, (p, s) => Math.Pow((p ? 1 : 0) - probability(s), 2)).Average();
        double before = Brier(s => 1 / (1 + Math.Exp(-s))), after = Brier(calibration.Apply);
        Assert.IsTrue(after < 0.9 * before, $"Brier score {before} before, {after} after");
    }

    [TestMethod]
    public void Fit_OneClass_KeepsTheSigmoidAndSaysWhy()
    {
        LabelCalibration calibration =
            LabelCalibration.Fit(CalibrationMethod.Isotonic, [true, true], [-1, 2], out string? kept);
        Assert.AreEqual("no negatives", kept);
        Assert.AreEqual(1 / (1 + Math.Exp(-0.7)), calibration.Apply(0.7), 1e-15);
    }

    [TestMethod]
    public void Simplify_Steps_SameFunctionWithFewerKnots()
    {
        (bool[] positive, double[] scores) = Overconfident(3);
        IsotonicCalibration whole = IsotonicCalibration.Fit(scores, Array.ConvertAll(positive, p => p ? 1.0 : 0.0)),
            simple = whole.Simplify();
        Assert.IsLessThan(whole.Scores.Count, simple.Scores.Count);
        foreach (double score in scores.Concat(Enumerable.Range(-100, 200).Select(i => i / 5.0)))
        {
            Assert.AreEqual(whole.Apply(score), simple.Apply(score), 1e-12, $"score {score}");
        }
    }

    [TestMethod]
    public void Weights_OfTwoModels_NoOtherMixtureIsMoreLikely()
    {
        var random = new SeededRandom(4);
        double[][] truth = [[.. Enumerable.Range(0, 100).Select(_ => random.NextDouble())],
            [.. Enumerable.Range(0, 100).Select(_ => random.NextDouble())]];
        double[] weights = FusionWeights.Fit(truth);
        Assert.AreEqual(1, weights.Sum(), 1e-12);
        double Likelihood(double first) =>
            truth[0].Zip(truth[1], (a, b) => Math.Log((first * a) + ((1 - first) * b))).Sum();
        Assert.IsTrue(Likelihood(weights[0]) >= Enumerable.Range(0, 1001).Max(i => Likelihood(i / 1000.0)) - 1e-6);
        CollectionAssert.AreEqual(
            new double[] { 1, 0 }, FusionWeights.Fit([[0.9, 0.8], [0.4, 0.3]]).Select(w => Math.Round(w, 6)).ToArray());
    }

    // the true probability is that of a third of the score
    private static (bool[] Positive, double[] Scores) Overconfident(int seed)
    {
        var random = new SeededRandom((ulong)seed);
        double[] scores = [.. Enumerable.Range(0, 1000).Select(_ => (random.NextDouble() - 0.5) * 12)];
        return ([.. scores.Select(s => random.NextDouble() < 1 / (1 + Math.Exp(-s / 3)))], scores);
    }
}
