namespace SpeechML.Data.Tests.Metrics;

/// <summary>Accuracy against the share of clips answered.</summary>
[TestClass]
public sealed class RiskCoverageTests
{
    [TestMethod]
    public void Of_ByHand_IsTheCurveAndItsArea()
    {
        RiskCoverageCurve curve = RiskCoverageCurve.Of([true, false, true, false], [0.9, 0.6, 0.8, 0.7]);
        CollectionAssert.AreEqual(new[] { 0.25, 0.5, 0.75, 1 }, curve.Coverage);
        CollectionAssert.AreEqual(new[] { 0, 0, 1 / 3.0, 0.5 }, curve.Risk);
        CollectionAssert.AreEqual(new[] { 0.9, 0.8, 0.7, 0.6 }, curve.Threshold);
        Assert.AreEqual((0 + 0 + (1 / 3.0) + 0.5) / 4, curve.Area, 1e-15);
        Assert.AreEqual(0.5, curve.CoverageAt(0.2));
        Assert.AreEqual(1, curve.CoverageAt(0.5));
        Assert.AreEqual(0, RiskCoverageCurve.Of([false, true], [0.9, 0.8]).CoverageAt(0.2));
    }

    [TestMethod]
    public void Of_EqualConfidences_AreAnsweredTogether()
    {
        RiskCoverageCurve curve = RiskCoverageCurve.Of([true, false, false], [0.8, 0.8, 0.6]);
        CollectionAssert.AreEqual(new[] { 2 / 3.0, 1 }, curve.Coverage);
        Assert.AreEqual(((2 * 0.5) + (2 / 3.0)) / 3, curve.Area, 1e-15);
        Assert.AreEqual(curve.Area, RiskCoverageCurve.Of([false, true, false], [0.8, 0.8, 0.6]).Area);
    }

    [TestMethod]
    public void Aurc_Weights_AreRowsThatAreThereSoOften()
    {
        var random = new Random(3);
        for (int n = 1; n < 40; n++)
        {
            bool[] positive = [.. Enumerable.Range(0, n).Select(_ => random.Next(2) == 1)];
            double[] probability = [.. Enumerable.Range(0, n).Select(_ => random.Next(11) / 10.0)];
            int[] weights = [.. Enumerable.Range(0, n).Select(_ => random.Next(3))];
            int[] rows = [.. Enumerable.Range(0, n).SelectMany(i => Enumerable.Repeat(i, weights[i]))];
            EvaluatedClips clips = EvaluatedClips.Binary(positive, probability);
            MetricValue got = SpeechMetrics.Aurc.Prepare(clips)(weights);
            if (rows.Length == 0)
            {
                Assert.AreEqual("no labels", got.Undefined);
                continue;
            }
            double wanted = RiskCoverageCurve.Of(
                [.. rows.Select(i => positive[i] == (probability[i] >= 0.5))],
                [.. rows.Select(i => Math.Max(probability[i], 1 - probability[i]))]).Area;
            Assert.AreEqual(wanted, got.Value!.Value, 1e-12);
        }
    }

    [TestMethod]
    public void Aurc_Classes_GoByTheProbabilityOfTheDecision()
    {
        EvaluatedClips clips = EvaluatedClips.Multiclass([0, 1, 2], [[0.9, 0.1, 0], [0.3, 0.4, 0.3], [0.6, 0.2, 0.2]]);
        Assert.AreEqual((0 + 0.5 + (1 / 3.0)) / 3, SpeechMetrics.Aurc.Compute(clips).Value!.Value, 1e-12);
    }
}
