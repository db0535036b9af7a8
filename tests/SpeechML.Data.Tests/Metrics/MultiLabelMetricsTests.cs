using SpeechML.Audio.Common;
using SpeechML.Data.Evaluation.Metrics;
using SpeechML.TestSupport;

namespace SpeechML.Data.Tests.Metrics;

[TestClass]
public sealed class MultiLabelMetricsTests
{
    [TestMethod]
    public void Evaluate_MissingEntries_EqualEntriesRemoved()
    {
        double[][] scores = [[0.9, 0.2], [0.3, 0.6], [0.6, 0.7], [0.1, 0.4]];
        var metrics = MultiLabelMetrics.Evaluate(
            [[1, 0], [0, double.NaN], [0, 1], [-1, 1]], scores, ["hoarse", "slow"]);
        Assert.AreEqual(1.0, metrics.RocAuc.PerLabel[0].Value);
        Assert.AreEqual(1.0, metrics.RocAuc.PerLabel[1].Value);
        Assert.AreEqual(2 / 3.0, metrics.Accuracy.PerLabel[0].Value);
        CollectionAssert.AreEqual(new[] { 3, 3 }, metrics.Present.ToArray());
        CollectionAssert.AreEqual(new[] { 1, 2 }, metrics.Positives.ToArray());
        Assert.AreEqual(2 / 6.0, metrics.Hamming.Value);
        Assert.AreEqual("some labels are missing", metrics.F1Samples.Undefined);
    }

    [TestMethod]
    public void ToString_LabelWithOneClass_SaysWhatIsLeftOut()
    {
        var metrics = MultiLabelMetrics.Evaluate(
            [[1f, 0f], [0f, 0f], [1f, 0f]], [[0.9f, 0.2f], [0.3f, 0.6f], [0.25f, 0.1f]], ["hoarse", "slow"]);
        Assert.AreEqual(
            """
            label      present positive  roc auc avg prec accuracy balanced       f1    brier      ece
            hoarse           3        2   0.5000   0.8333   0.6667   0.7500   0.6667   0.2208   0.3833
            slow             3        0        -        -   0.6667   0.6667   0.0000   0.1367   0.3000
            macro                         0.5000   0.8333   0.6667   0.7083   0.3333   0.1788   0.3417
            weighted                      0.5000   0.8333   0.6667   0.7500   0.6667   0.2208   0.3833
            micro                         0.7500   0.7500   0.6667   0.6250   0.5000   0.1788   0.2750
            hamming 0.3333, exact match 0.3333
            over the labels of a clip: roc auc undefined: no positives in row 1, f1 0.3333
            roc auc, avg prec undefined and left out of the means for 1 of 2 labels (slow: no positives)

            """.ReplaceLineEndings("\n"),
            metrics.ToString().ReplaceLineEndings("\n"));
        Assert.AreEqual(1, metrics.RocAuc.LabelsUsed);
    }

    [TestMethod]
    public void Evaluate_Thresholds_DecidePerLabel()
    {
        double[][] labels = [[1, 1], [0, 0]], scores = [[0.4, 0.8], [0.2, 0.7]];
        Assert.AreEqual(0.5, MultiLabelMetrics.Evaluate(labels, scores).Hamming.Value);
        Assert.AreEqual(0.0, MultiLabelMetrics.Evaluate(labels, scores, thresholds: [0.3, 0.75]).Hamming.Value);
    }

    [TestMethod]
    public void Evaluate_WrongInput_NamesTheRow()
    {
        Check([[1, 0], [0, 0.5]], [[0.1, 0.2], [0.1, 0.2]], "Label not -1, 0 or 1 in row 1: got 0.5.");
        Check([[1, 0], [0, 1]], [[0.1, 0.2], [0.1, 1.5]], "Probability outside [0, 1] in row 1: got 1.5.");
        Check([[1, 0], [0, 1]], [[0.1, double.NaN], [0.1, 1.5]],
            "Non-finite score in row 0: expected a number, got NaN.");
        Check([[1, 0], [0]], [[0.1, 0.2], [0.1, 0.5]],
            "Row 1: expected 2 labels and scores as in row 0, got 1 labels and 2 scores.");
        Check([[1, 0]], [], "Different numbers of rows: 1 labels, 0 scores.");
        Check([], [], "No rows: a metric needs at least one label and score.");
        static void Check(double[][] labels, double[][] scores, string message) =>
            Assert.AreEqual(message,
                Assert.ThrowsExactly<ArgumentException>(() => MultiLabelMetrics.Evaluate(labels, scores)).Message);
    }

    [TestMethod]
    public void RocAuc_MillionScores_EqualsPairCountOfItsGrid()
    {
        // scores on a grid of 1000 values: the pairs can be counted from the histogram
        var random = new SeededRandom(1);
        const int Rows = 1_000_000, Grid = 1000;
        bool[] positive = new bool[Rows];
        double[] scores = new double[Rows];
        double[] p = new double[Grid], n = new double[Grid];
        for (int i = 0; i < Rows; i++)
        {
            positive[i] = random.NextDouble() < 0.3;
            int cell = Math.Min(Grid - 1, random.Next(Grid) + (positive[i] ? random.Next(200) : 0));
            scores[i] = cell / (double)Grid;
            (positive[i] ? p : n)[cell]++;
        }
        double wins = 0, below = 0;
        for (int c = 0; c < Grid; c++)
        {
            wins += p[c] * (below + (n[c] / 2));
            below += n[c];
        }
        Assert.AreEqual(wins / (p.Sum() * n.Sum()), PointMetrics.RocAuc(positive, scores).Value!.Value, 1e-12);
    }

    [TestMethod]
    public void Spearman_RatingsWithMissing_PerLabelAndPooled()
    {
        LabelAverages rho = RatingCorrelation.Spearman(
            [[1, 4, 2], [1.5, -1, 2], [2, 3, 2], [4, double.NaN, 2]],
            [[0.1, 0.3, 0.4], [0.2, 0.9, 0.5], [0.7, 0.6, 0.1], [0.8, 0.9, 0.9]]);
        Assert.AreEqual(1.0, rho.PerLabel[0].Value!.Value, 1e-15);
        Assert.AreEqual(-1.0, rho.PerLabel[1].Value!.Value, 1e-15);
        Assert.AreEqual("constant truth", rho.PerLabel[2].Undefined);
        Assert.AreEqual(0.0, rho.Macro.Value!.Value, 1e-15);
        Assert.AreEqual(2 / 6.0, rho.Weighted.Value!.Value, 1e-15);
        Assert.AreEqual(
            PointMetrics.Spearman([1, 1.5, 2, 4, 4, 3, 2, 2, 2, 2],
            [0.1, 0.2, 0.7, 0.8, 0.3, 0.6, 0.4, 0.5, 0.1, 0.9]).Value!.Value, rho.Micro.Value!.Value, 1e-15);
    }
}
