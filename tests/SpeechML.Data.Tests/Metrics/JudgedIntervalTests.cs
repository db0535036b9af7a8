using SpeechML.Audio.Common;
using SpeechML.Data.Evaluation;
using SpeechML.Data.Evaluation.Metrics;
using SpeechML.Data.Evaluation.Resampling;

namespace SpeechML.Data.Tests.Metrics;

/// <summary>Metrics that are resampled fast are, on every resample, those of the rows drawn.</summary>
[TestClass]
public sealed class JudgedIntervalTests
{
    private const int Clips = 120;
    private readonly SeededRandom _random = new(7);
    private readonly string[] _subjects = [.. Enumerable.Range(0, Clips).Select(i => $"s{i / 6}")];

    [TestMethod]
    public void RegressionClips_EachMetricOnEachResample_IsThatOfTheRowsDrawn()
    {
        (double[] y, double[] x) = Numbers();
        AssertEqualToPlain(new RegressionClips(y, x), rows =>
        {
            SpeechRegressionMetrics m =
                SpeechRegressionMetrics.Evaluate([.. rows.Select(i => y[i])], [.. rows.Select(i => x[i])]);
            return new()
            {
                [SpeechMetric.Mae] = m.Mae,
                [SpeechMetric.Rmse] = m.Rmse,
                [SpeechMetric.R2] = m.R2,
                [SpeechMetric.Ccc] = m.Ccc,
                [SpeechMetric.Pearson] = m.Pearson,
                [SpeechMetric.Spearman] = m.Spearman,
                [SpeechMetric.Kendall] = m.Kendall
            };
        });
    }

    [TestMethod]
    public void OrdinalClips_EachMetricOnEachResample_IsThatOfTheRowsDrawn()
    {
        (int[] truth, int[] decided, double[][] above) = Levels();
        AssertEqualToPlain(new OrdinalClips(truth, decided, 4, above), rows =>
        {
            OrdinalMetrics m = OrdinalMetrics.Evaluate(
                [.. rows.Select(i => truth[i])], [.. rows.Select(i => decided[i])], 4);
            // Ranks by another way than the counts of the metric itself.
            double[] y = [.. rows.Select(i => (double)truth[i])], x = [.. rows.Select(i => (double)decided[i])];
            MetricValue[] aucs = [.. Enumerable.Range(0, 3)
                .Select(k => Ranking.RocAuc([.. rows.Select(i => truth[i] > k)], [.. rows.Select(i => above[i][k])]))];
            return new()
            {
                [SpeechMetric.Accuracy] = m.Accuracy,
                [SpeechMetric.BalancedAccuracy] = m.BalancedAccuracy,
                [SpeechMetric.Mae] = rows.Average(i => Math.Abs(truth[i] - decided[i])),
                [SpeechMetric.MacroMae] = rows.GroupBy(i => truth[i])
                .Average(g => g.Average(i => Math.Abs(truth[i] - decided[i]))),
                [SpeechMetric.WithinOne] = rows.Average(i => Math.Abs(truth[i] - decided[i]) <= 1 ? 1.0 : 0.0),
                [SpeechMetric.Kappa] = m.Kappa,
                [SpeechMetric.KappaLinear] = m.KappaLinear,
                [SpeechMetric.KappaQuadratic] = m.KappaQuadratic,
                [SpeechMetric.Spearman] = Correlation.Spearman(y, x),
                [SpeechMetric.Kendall] = Correlation.Kendall(y, x),
                [SpeechMetric.RocAuc] = aucs.All(a => a.Value is not null) ? aucs.Average(a => a.Value!.Value)
                : MetricValue.Because("one is undefined"),
            };
        });
    }

    [TestMethod]
    public void MulticlassClips_EachMetricOnEachResample_IsThatOfTheRowsDrawn()
    {
        int[] truth = [.. Enumerable.Range(0, Clips).Select(_ => _random.Next(3))];
        double[][] scores = [.. truth.Select(t =>
        {
            double[] raw = [.. Enumerable.Range(0, 3).Select(c => _random.NextDouble() + (c == t ? 0.4 : 0))];
            return Array.ConvertAll(raw, v => v / raw.Sum());
        })];
        AssertEqualToPlain(new MulticlassClips(truth, scores, null, 3), rows =>
        {
            MulticlassMetrics m = MulticlassMetrics.Evaluate(
                [.. rows.Select(i => truth[i])], [.. rows.Select(i => scores[i])]);
            return new()
            {
                [SpeechMetric.Accuracy] = m.Accuracy,
                [SpeechMetric.BalancedAccuracy] = m.BalancedAccuracy,
                [SpeechMetric.RocAuc] = m.RocAucOvrMacro,
                [SpeechMetric.F1] = m.F1Macro,
                [SpeechMetric.Mcc] = m.Mcc,
                [SpeechMetric.Kappa] = m.Kappa,
                [SpeechMetric.LogLoss] = m.LogLoss,
                [SpeechMetric.Brier] = m.Brier,
                [SpeechMetric.Ece] = m.Ece,
            };
        });
    }

    [TestMethod]
    public void BinaryClips_EachMetricOnEachResample_IsThatOfTheRowsDrawn()
    {
        bool[] positive = [.. Enumerable.Range(0, Clips).Select(_ => _random.NextDouble() < 0.4)];
        double[] scores = [.. positive.Select(p => (_random.NextDouble() + (p ? 0.3 : 0)) / 1.3)];
        AssertEqualToPlain(new BinaryClips(positive, scores, null), rows =>
        {
            BinaryMetrics m = BinaryMetrics.Evaluate(
                [.. rows.Select(i => positive[i] ? 1 : 0)], [.. rows.Select(i => scores[i])]);
            return new()
            {
                [SpeechMetric.RocAuc] = m.RocAuc,
                [SpeechMetric.AveragePrecision] = m.AveragePrecision,
                [SpeechMetric.Accuracy] = m.Accuracy,
                [SpeechMetric.BalancedAccuracy] = m.BalancedAccuracy,
                [SpeechMetric.Precision] = m.Precision,
                [SpeechMetric.Recall] = m.Recall,
                [SpeechMetric.Specificity] = m.Specificity,
                [SpeechMetric.F1] = m.F1,
                [SpeechMetric.Brier] = m.Brier,
                [SpeechMetric.Ece] = m.Ece,
            };
        });
    }

    [TestMethod]
    public void Groups_OneGuessed_GapIsItsMetricLessThatOfTheRest()
    {
        (double[] y, double[] x) = Numbers();
        string[] language = [.. _subjects.Select(
            s => int.Parse(s[1..], System.Globalization.CultureInfo.InvariantCulture) % 2 == 0 ? "en" : "fr")];
        double[] guessed = [.. x.Select((v, i) => language[i] == "fr" ? 3 * _random.NextDouble() : v)];
        SpeechGroups groups = JudgedIntervals.Groups(
            "language", language, _subjects, new RegressionClips(y, guessed), null,
            new SubjectBootstrapOptions { Resamples = 200 });
        SpeechGroup en = groups.Groups[0], fr = groups.Groups[1];
        int[] rows = [.. Enumerable.Range(0, Clips).Where(i => language[i] == "fr")],
            rest = [.. Enumerable.Range(0, Clips).Where(i => language[i] != "fr")];
        SpeechRegressionMetrics Plain(int[] some) =>
            SpeechRegressionMetrics.Evaluate([.. some.Select(i => y[i])], [.. some.Select(i => guessed[i])]);
        Assert.AreEqual(Plain(rows).Ccc.Value!.Value, fr.Intervals[SpeechMetric.Ccc].Estimate.Value!.Value, 1e-12);
        MetricDifference gap = fr.Gaps[SpeechMetric.Ccc];
        Assert.AreEqual(Plain(rows).Ccc.Value!.Value - Plain(rest).Ccc.Value!.Value, gap.Estimate.Value!.Value, 1e-12);
        Assert.IsTrue(gap.High.Value < 0, gap.ToString());
        Assert.AreEqual(-gap.Estimate.Value!.Value, en.Gaps[SpeechMetric.Ccc].Estimate.Value!.Value, 1e-12);
        Assert.AreEqual((60, 10), (fr.Intervals.Clips, fr.Intervals.Subjects));
        Assert.StartsWith("language    clips subjects  Mae; gap to the other groups\nen             60       10  0.",
            groups.ToString().ReplaceLineEndings("\n"));
        SpeechGroups one = JudgedIntervals.Groups(
            "all", [.. y.Select(_ => "a")], _subjects, new RegressionClips(y, x), [SpeechMetric.Mae],
            new SubjectBootstrapOptions { Resamples = 20 });
        Assert.AreEqual("undefined: no other clips", one.Groups.Single().Gaps[SpeechMetric.Mae].ToString());
    }

    [TestMethod]
    public void Choose_MetricOfAnotherTask_SaysWhichThereAre()
    {
        (double[] y, double[] x) = Numbers();
        var error = Assert.ThrowsExactly<ArgumentException>(() =>
            JudgedIntervals.Intervals(_subjects, new RegressionClips(y, x), 0, [SpeechMetric.F1], null));
        Assert.AreEqual(
            "Metrics: expected some of Mae, Rmse, R2, Ccc, Pearson, Spearman, Kendall, which this task has, got F1. " +
            "(Parameter 'wanted')", error.Message);
    }

    [TestMethod]
    public void ResampledKendall_TenThousandClipsWithTies_EqualsKnightsMethod()
    {
        double[] y = [.. Enumerable.Range(0, 10_000).Select(_ => Math.Round(4 * _random.NextDouble(), 1))],
            x = [.. y.Select(v => v + _random.NextDouble())];
        int[] once = new int[y.Length];
        Array.Fill(once, 1);
        Assert.AreEqual(Correlation.Kendall(y, x).Value!.Value, new ResampledKendall(y, x).Value(once).Value!.Value,
            1e-12);
    }

    private (double[] Truth, double[] Predicted) Numbers()
    {
        double[] y = [.. Enumerable.Range(0, Clips).Select(_ => Math.Round(3 * _random.NextDouble(), 1))];
        return (y, [.. y.Select(v => Math.Round(v + _random.NextDouble(), 1))]);
    }

    private (int[] Truth, int[] Decided, double[][] Above) Levels()
    {
        int[] truth = [.. Enumerable.Range(0, Clips).Select(_ => _random.Next(4))];
        double[][] above = [.. truth.Select(t =>
            (double[])[.. Enumerable.Range(0, 3)
            .Select(k => Math.Round((_random.NextDouble() + (t > k ? 0.5 : 0)) / 1.5, 2)).OrderDescending()])];
        return (truth, [.. above.Select(a => a.Count(p => p > 0.5))], above);
    }

    private void AssertEqualToPlain(
        JudgedClips clips, Func<IReadOnlyList<int>, Dictionary<SpeechMetric, MetricValue>> plain)
    {
        IReadOnlyList<(SpeechMetric Name, IResampledMetric Metric)> metrics = clips.Metrics();
        CollectionAssert.AreEquivalent(
            plain([.. Enumerable.Range(0, Clips)]).Keys, metrics.Select(m => m.Name).ToArray());
        // Two to five of the twenty subjects drawn, so that classes go missing now and then; once some of the clips
        // only.
        int[] some = [.. Enumerable.Range(0, Clips).Where(i => i % 5 != 1)];
        IReadOnlyList<(SpeechMetric Name, IResampledMetric Metric)> subset = clips.Metrics(some);
        for (int resample = 0; resample < 40; resample++)
        {
            int[] times = new int[Clips];
            for (int draw = 0; draw < 2 + (resample % 4); draw++)
            {
                int subject = _random.Next(20);
                for (int k = 0; k < 6; k++)
                {
                    times[(6 * subject) + k]++;
                }
            }
            int[] rows = [.. Enumerable.Range(0, Clips).SelectMany(i => Enumerable.Repeat(i, times[i]))],
                fewer = [.. rows.Where(i => some.Contains(i))];
            Dictionary<SpeechMetric, MetricValue> want = plain(rows), wantFewer = plain(fewer);
            for (int m = 0; m < metrics.Count; m++)
            {
                AssertEqual(want[metrics[m].Name], metrics[m].Metric.Value(times), metrics[m].Name);
                AssertEqual(wantFewer[metrics[m].Name], subset[m].Metric.Value(times), metrics[m].Name);
            }
        }

        static void AssertEqual(MetricValue want, MetricValue got, SpeechMetric name)
        {
            Assert.AreEqual(want.Value is null, got.Value is null, $"{name}: want {want}, got {got}");
            Assert.AreEqual(want.Value ?? 0, got.Value ?? 0, 1e-11, name.ToString());
        }
    }
}
