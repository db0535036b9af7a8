using System.Text.Json;

namespace SpeechML.Data.Tests.Metrics;

/// <summary>What people and programs read: tables say why a value is missing, JSON has null.</summary>
[TestClass]
public sealed class MetricTextTests
{
    [TestMethod]
    public void Ordinal_ToString_TableAndCounts() => Assert.AreEqual(
        """
        clips 4, left out because not rated 1
        accuracy                0.5000
        balanced accuracy       0.5000
        mean absolute error     0.5000
        macro mean error        0.5000
        within one class        1.0000
        kappa                   0.0000
        kappa, linear           0.0000
        kappa, quadratic        0.0000
        spearman             undefined: constant prediction
        kendall              undefined: constant prediction
        truth \ predicted
                     0       1       2
             0       0       2       0
             1       0       2       0
             2       0       0       0

        """.ReplaceLineEndings("\n"),
        OrdinalMetrics.Evaluate([0, 0, 1, 1, -1], [1, 1, 1, 1, 2], 3, skipMissing: true).ToString()
        .ReplaceLineEndings("\n"));

    [TestMethod]
    public void Regression_ToString_SaysWhatIsUndefined()
    {
        string text = SpeechRegressionMetrics.Evaluate([2, 2, double.NaN], [1, 4, 9], skipMissing: true).ToString()
            .ReplaceLineEndings("\n");
        Assert.StartsWith("clips 2, left out because not rated 1\nmean absolute error         1.5000\n", text);
        Assert.Contains("r squared                undefined: constant truth\n", text);
        Assert.Contains("pearson, p               undefined: constant truth\n", text);
        // A probability is never 0.
        double[] many = [.. Enumerable.Range(0, 30).Select(i => (double)i)];
        StringAssert.Matches(SpeechRegressionMetrics.Evaluate(many, many).ToString(), new("spearman, p +< 1e-4"));
    }

    [TestMethod]
    public void Json_UndefinedValues_AreNull()
    {
        var metrics = MultiLabelMetrics.Evaluate(
            [[1.0, 0.0], [0.0, 0.0]], [[0.9, 0.2], [0.3, 0.6]], ratings: [[1, 2], [4, -1]]);
        JsonElement json = JsonSerializer.SerializeToElement(metrics);
        JsonElement auc = json.GetProperty("RocAuc");
        Assert.AreEqual(1.0, auc.GetProperty("PerLabel")[0].GetDouble());
        Assert.AreEqual(JsonValueKind.Null, auc.GetProperty("PerLabel")[1].ValueKind);
        Assert.AreEqual(1, auc.GetProperty("LabelsUsed").GetInt32());
        Assert.AreEqual(-1.0, json.GetProperty("Spearman").GetProperty("PerLabel")[0].GetDouble(), 1e-15);
        Assert.AreEqual(JsonValueKind.Null,
            JsonSerializer.SerializeToElement(SpeechRegressionMetrics.Evaluate([2, 2], [1, 4]))
            .GetProperty("R2").ValueKind);
        Assert.AreEqual(JsonValueKind.Null,
            JsonSerializer.SerializeToElement(OrdinalMetrics.Evaluate([0, 0], [1, 1], 2))
            .GetProperty("Kendall").ValueKind);
    }

    [TestMethod]
    public void Evaluate_AllLabelsMissing_IsRefused()
    {
        Assert.AreEqual(
            "No rows: a metric needs at least one label, all 2 are missing.",
            Assert.ThrowsExactly<ArgumentException>(() =>
            OrdinalMetrics.Evaluate([-1, -1], [0, 1], 2, skipMissing: true)).Message);
        Assert.AreEqual(
            "Class outside 0..1 in row 1: got -1.",
            Assert.ThrowsExactly<ArgumentException>(() => OrdinalMetrics.Evaluate([0, -1], [0, 1], 2)).Message);
    }

    [TestMethod]
    public void Reliability_Groups_CountMeanAndShare()
    {
        IReadOnlyList<ReliabilityBin> curve = ReliabilityBin.Curve([true, false, true, true], [0.0, 0.05, 0.95, 0.99]);
        Assert.HasCount(15, curve);
        Assert.AreEqual(2, curve[0].Count);
        Assert.AreEqual(0.025, curve[0].MeanProbability.Value!.Value, 1e-15);
        Assert.AreEqual(0.5, curve[0].PositiveShare.Value);
        Assert.AreEqual(1.0, curve[14].PositiveShare.Value);
        Assert.AreEqual("undefined: no clips", curve[7].PositiveShare.ToString());
        // the groups reproduce the expected calibration error
        double ece = curve.Where(b => b.Count > 0)
            .Sum(b => b.Count * Math.Abs(b.PositiveShare.Value!.Value - b.MeanProbability.Value!.Value)) / 4;
        Assert.AreEqual(SpeechMetrics.Ece.Compute(
            EvaluatedClips.Binary([true, false, true, true], [0.0, 0.05, 0.95, 0.99])).Value!.Value, ece, 1e-15);
    }
}
