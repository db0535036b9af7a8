using SpeechML.Audio.Common;
using SpeechML.Data.Evaluation.Metrics;
using SpeechML.Data.Evaluation.Resampling;
using SpeechML.TestSupport;

namespace SpeechML.Data.Tests.Metrics;

[TestClass]
public sealed class SubjectIntervalTests
{
    [TestMethod]
    public void Compute_BySeed_RepeatsAndBracketsTheEstimate()
    {
        (string[] subjects, bool[] positive, double[] scores) = Clips();
        MetricInterval Auc(int seed) =>
            SubjectIntervals.Compute(
            subjects, Metric(positive, scores), new SubjectBootstrapOptions { Resamples = 200, Seed = seed });
        MetricInterval first = Auc(5);
        Assert.AreEqual(first, Auc(5));
        Assert.AreNotEqual(first.Low, Auc(6).Low);
        Assert.AreEqual(PointMetrics.RocAuc(positive, scores), first.Estimate);
        Assert.IsTrue(first.Low.Value < first.Estimate.Value && first.Estimate.Value < first.High.Value);
    }

    [TestMethod]
    public void Run_EachFastMetric_EqualsTheMetricOfTheRowsDrawn()
    {
        (string[] subjects, bool[] positive, double[] scores) = Clips();
        // as if a label were missing in every third clip
        int[] kept = [.. Enumerable.Range(0, subjects.Length).Where(i => i % 3 != 0)];
        double[][] labels = [.. positive.Select((p, i) => new[] { i % 3 == 0 ? double.NaN : p ? 1.0 : 0.0 })];
        var set = new MultiLabelClips(labels, [.. scores.Select(s => new[] { s })]);
        var options = new SubjectBootstrapOptions { Resamples = 20, Method = IntervalMethod.Bca, Seed = 3 };
        IReadOnlyDictionary<SpeechMetric, ResampledStatistic[]> fast =
            LabelStatistics.Run(subjects, [set], null, options)[0];
        foreach (SpeechMetric metric in SpeechMetrics.For(SpeechTask.MultiLabel))
        {
            ResampledStatistic plain =
                SubjectIntervals.Run(subjects, [WeightedMetrics.OfRows(rows => Plain(metric, rows))], null, options)[0];
            AssertEqual(plain.Estimate, fast[metric][0].Estimate);
            plain.Values.Zip(fast[metric][0].Values).ToList().ForEach(p => AssertEqual(p.First, p.Second));
            plain.Jackknife.Zip(fast[metric][0].Jackknife).ToList().ForEach(p => AssertEqual(p.First, p.Second));

            void AssertEqual(MetricValue want, MetricValue got) =>
                Assert.AreEqual(want.Value!.Value, got.Value!.Value, 1e-12, metric.ToString());
        }

        MetricValue Plain(SpeechMetric metric, IReadOnlyList<int> rows)
        {
            int[] present = [.. rows.Where(i => kept.Contains(i))];
            return metric.Compute(EvaluatedClips.Binary(
                [.. present.Select(i => positive[i])], [.. present.Select(i => scores[i])]));
        }
    }

    [TestMethod]
    public void Bca_OfAMean_HasTheKnownAcceleration()
    {
        // For a mean of independent values the acceleration is skewness / (6 sqrt(n)).
        double[] values = [.. Enumerable.Range(1, 40).Select(i => Math.Exp(i / 12.0))];
        string[] subjects = [.. values.Select((_, i) => $"s{i}")];
        var options = new SubjectBootstrapOptions { Resamples = 999, Method = IntervalMethod.Bca };
        ResampledStatistic statistic =
            SubjectIntervals.Run(
                subjects, [WeightedMetrics.OfRows(rows => rows.Average(i => values[i]))], null, options)[0];
        MetricInterval interval = statistic.ToInterval(options);

        double mean = values.Average(), m2 = values.Average(v => Math.Pow(v - mean, 2)),
            m3 = values.Average(v => Math.Pow(v - mean, 3));
        double acceleration = m3 / Math.Pow(m2, 1.5) / (6 * Math.Sqrt(values.Length));
        double bias = NormalDistribution.Quantile(statistic.Values.Count(v => v.Value < mean) / 999.0);
        double z = bias - 1.959963984540054;
        double[] sorted = statistic.Sorted();
        Assert.AreEqual(ResampledStatistic.Percentile(
            sorted, NormalDistribution.Cdf(bias + (z / (1 - (acceleration * z))))).Value!.Value,
            interval.Low.Value!.Value, 1e-9);
        MetricInterval plain = statistic.ToInterval(new SubjectBootstrapOptions { Method = IntervalMethod.Percentile });
        Assert.IsTrue(interval.High.Value > plain.High.Value,
            "values skewed to the right: BCa moves the interval to the right");
    }

    [TestMethod]
    public void Interval_ClipsOfASubjectAlike_AsWideAsSubjectsAndNotClips()
    {
        // 30 subjects, 20 equal clips each: the clips add nothing. Their mean has the standard error of 30 values, not
        // of 600.
        var random = new SeededRandom(9);
        double[] level = [.. Enumerable.Range(0, 30).Select(_ => random.NextDouble())];
        string[] subjects = [.. Enumerable.Range(0, 600).Select(i => $"s{i / 20}")];
        MetricInterval interval =
            SubjectIntervals.Compute(
            subjects, rows => rows.Average(i => level[i / 20]),
            new SubjectBootstrapOptions { Method = IntervalMethod.Percentile });
        double mean = level.Average(), error = Math.Sqrt(level.Average(v => (v - mean) * (v - mean)) / 30);
        Assert.AreEqual(2 * 1.96 * error, interval.High.Value!.Value - interval.Low.Value!.Value,
            0.1 * 2 * 1.96 * error);
    }

    [TestMethod]
    public void Difference_Paired_SmallForABetterModelAndOneForTheSame()
    {
        (string[] subjects, bool[] positive, double[] scores) = Clips();
        double[] better = [.. scores.Select((s, i) => Math.Clamp(s + (positive[i] ? 0.15 : -0.15), 0, 1))];
        var options = new SubjectBootstrapOptions { Resamples = 500 };
        MetricDifference gain =
            SubjectIntervals.Difference(subjects, Metric(positive, better), Metric(positive, scores), options);
        Assert.IsTrue(gain.Low.Value > 0, gain.ToString());
        Assert.AreEqual(2 / 501.0, gain.PValue.Value!.Value, 1e-15);
        MetricDifference none =
            SubjectIntervals.Difference(subjects, Metric(positive, scores), Metric(positive, scores), options);
        Assert.AreEqual(1.0, none.PValue.Value);
        Assert.AreEqual(0.0, none.Estimate.Value);
    }

    [TestMethod]
    public void Interval_ResamplesWithoutAValue_AreCountedAndSaid()
    {
        // one subject has all positives: resamples without it have none
        string[] subjects = ["a", "b", "c", "d"];
        MultiLabelIntervals intervals = MultiLabelIntervals.Evaluate(
            subjects, [[1, 0], [0, 0], [0, 0], [0, 0]], [[0.9, 0.1], [0.1, 0.2], [0.2, 0.3], [0.3, 0.1]],
            ["hoarse", "slow"], metrics: [SpeechMetrics.RocAuc],
            options: new SubjectBootstrapOptions { Resamples = 400 });
        MetricInterval hoarse = intervals.Metrics[SpeechMetrics.RocAuc].PerLabel[0];
        Assert.AreEqual(400 * Math.Pow(0.75, 4), hoarse.UndefinedResamples, 40);
        Assert.AreEqual($"1.0000 [1.0000, 1.0000] ({hoarse.UndefinedResamples} of 400 resamples undefined)",
            hoarse.ToString());
        Assert.AreEqual("undefined: no positives", intervals.Metrics[SpeechMetrics.RocAuc].PerLabel[1].ToString());
        Assert.AreEqual(hoarse, intervals.Metrics[SpeechMetrics.RocAuc].Macro);
        Assert.StartsWith("4 clips of 4 subjects\nROC AUC, 95 % intervals over subjects\n  hoarse  1.0000 [",
            intervals.ToString().ReplaceLineEndings("\n"));
    }

    [TestMethod]
    public void Options_OutOfRange_SayWhat()
    {
        (string[] subjects, bool[] positive, double[] scores) = Clips();
        Check(new SubjectBootstrapOptions { Resamples = 0 }, "Option Resamples: expected 1 or more, got '0'.");
        Check(new SubjectBootstrapOptions { Confidence = 95 },
            "Option Confidence: expected a number between 0 and 1, got '95'.");
        void Check(SubjectBootstrapOptions options, string message) =>
            Assert.AreEqual(message,
                Assert.ThrowsExactly<ArgumentException>(() =>
                SubjectIntervals.Compute(subjects, Metric(positive, scores), options)).Message);
        Assert.AreEqual(
            "Subject in row 1: expected a name, got an empty text.",
            Assert.ThrowsExactly<ArgumentException>(() => SubjectIntervals.Compute(["a", ""], _ => 1.0)).Message);
    }

    [TestMethod]
    public void Groups_OneWorseThanTheRest_GapIsNegativeAndFarFromChance()
    {
        (string[] subjects, bool[] positive, double[] scores) = Clips();
        string[] language = [.. subjects.Select(
            s => int.Parse(s[1..], System.Globalization.CultureInfo.InvariantCulture) % 2 == 0 ? "en" : "fr")];
        double[] shuffled = [.. scores];
        var random = new SeededRandom(4);
        for (int i = 0; i < scores.Length; i++)
        {
            shuffled[i] = language[i] == "fr" ? random.NextDouble() : scores[i]; // French is guessed
        }
        MultiLabelGroups groups = MultiLabelGroups.Evaluate(
            "language", language, subjects, [.. positive.Select(p => new[] { p ? 1.0 : 0.0 })],
            [.. shuffled.Select(s => new[] { s })], options: new SubjectBootstrapOptions { Resamples = 300 });
        CollectionAssert.AreEqual(new[] { "en", "fr" }, groups.Groups.Select(g => g.Name).ToArray());
        MultiLabelGroup fr = groups.Groups[1];
        int[] rows = [.. Enumerable.Range(0, scores.Length).Where(i => language[i] == "fr")];
        MetricValue auc = PointMetrics.RocAuc(
            Array.ConvertAll(rows, i => positive[i]), Array.ConvertAll(rows, i => shuffled[i]));
        Assert.AreEqual(auc.Value!.Value, fr.Metrics.RocAuc.Macro.Value!.Value, 1e-12);
        Assert.AreEqual(auc.Value!.Value, fr.Intervals.Metrics[SpeechMetrics.RocAuc].Macro.Estimate.Value!.Value,
            1e-12);
        MetricDifference gap = fr.Gaps[SpeechMetrics.RocAuc].Macro;
        Assert.AreEqual(auc.Value!.Value - groups.Groups[0].Metrics.RocAuc.Macro.Value!.Value,
            gap.Estimate.Value!.Value, 1e-12);
        Assert.IsTrue(gap.High.Value < 0, gap.ToString());
        Assert.AreEqual(-gap.Estimate.Value!.Value,
            groups.Groups[0].Gaps[SpeechMetrics.RocAuc].Macro.Estimate.Value!.Value, 1e-12);
    }

    [TestMethod]
    [DataRow(IntervalMethod.Percentile)]
    [DataRow(IntervalMethod.Bca)]
    public void Compute_OneSubject_NoIntervalAndTheReason(IntervalMethod method)
    {
        var options = new SubjectBootstrapOptions { Resamples = 50, Method = method };
        MetricInterval interval = SubjectIntervals.Compute(["a", "a"], rows => rows.Average(), options);
        Assert.AreEqual("one subject", interval.Low.Undefined);
        Assert.AreEqual("one subject", interval.High.Undefined);
        Assert.AreEqual("0.5000 [undefined: one subject]", interval.ToString());
        MetricDifference difference =
            SubjectIntervals.Difference(["a", "a"], rows => rows.Average(), rows => 2 * rows.Average(), options);
        Assert.AreEqual("one subject", difference.PValue.Undefined);
        Assert.AreEqual("-0.5000 [undefined: one subject]", difference.ToString());
    }

    /// <summary>A group, or a label, whose clips are all of one subject: drawn more often, it stays the same.</summary>
    [TestMethod]
    public void Evaluate_GroupAndLabelOfOneSubject_HaveNoIntervals()
    {
        string[] subjects = ["a", "a", "a", "b", "b", "b", "c", "c", "c"],
            groups = ["x", "x", "x", "y", "y", "y", "y", "y", "y"];
        double[][] labels = [[1, 1], [0, 0], [1, 1], [1, -1], [0, -1], [0, -1], [1, -1], [0, -1], [1, -1]];
        double[][] scores = [.. labels.Select((_, i) => new[] { (i * 7 % 9) / 9.0, (i * 5 % 9) / 9.0 })];
        var options = new SubjectBootstrapOptions { Resamples = 40 };
        MultiLabelIntervals intervals = MultiLabelIntervals.Evaluate(
            subjects, labels, scores, metrics: [SpeechMetrics.Accuracy], options: options);
        LabelIntervals accuracy = intervals.Metrics[SpeechMetrics.Accuracy];
        Assert.IsNotNull(accuracy.PerLabel[0].Low.Value);
        Assert.AreEqual("one subject", accuracy.PerLabel[1].Low.Undefined);
        Assert.IsNotNull(accuracy.PerLabel[1].Estimate.Value);
        MultiLabelGroups found = MultiLabelGroups.Evaluate(
            "g", groups, subjects, labels, scores, metrics: [SpeechMetrics.Accuracy], options: options);
        Assert.AreEqual(
            "one subject", found.Groups[0].Intervals.Metrics[SpeechMetrics.Accuracy].PerLabel[0].Low.Undefined);
        Assert.AreEqual("one subject", found.Groups[0].Gaps[SpeechMetrics.Accuracy].PerLabel[0].PValue.Undefined);
        Assert.IsNotNull(found.Groups[1].Intervals.Metrics[SpeechMetrics.Accuracy].PerLabel[0].Low.Value);
    }

    /// <summary>Any metric, also one that is infinite, NaN, huge or tiny in some resamples: an interval, or a reason.
    /// </summary>
    [TestMethod]
    [Timeout(30_000)]
    [DataRow(IntervalMethod.Percentile)]
    [DataRow(IntervalMethod.Bca)]
    public void Compute_MetricsThatAreNoNumbers_EndWithFiniteEndsOrAReason(IntervalMethod method)
    {
        string[] subjects = ["a", "b", "c", "d", "e"];
        double[] values =
            [0, -0.0, 1, -1, double.Epsilon, 1e-200, 1e200, double.MaxValue, double.MinValue,
                double.PositiveInfinity, double.NegativeInfinity, double.NaN];
        var options = new SubjectBootstrapOptions { Resamples = 60, Method = method };
        foreach (double first in values)
        {
            foreach (double second in values)
            {
                MetricInterval interval = SubjectIntervals.Compute(
                    subjects, rows => rows.Contains(0) ? first : second * rows[^1], options);
                Check(interval.Estimate);
                Check(interval.Low);
                Check(interval.High);
                MetricDifference difference = SubjectIntervals.Difference(
                    subjects, rows => rows.Contains(0) ? first : second, rows => rows.Contains(1) ? second : first,
                    options);
                Check(difference.PValue);
                Check(difference.High);
            }
        }
        MetricInterval inverse = SubjectIntervals.Compute(subjects, rows => 1.0 / rows.Min(), options);
        Assert.AreEqual("undefined: infinite", inverse.ToString());

        static void Check(MetricValue value) =>
            Assert.IsTrue(value.Value is { } number ? double.IsFinite(number) : value.Undefined is not null);
    }

    [TestMethod]
    public void Evaluate_NumbersWhoseSquaresAreInfinite_AreRefusedByName()
    {
        ArgumentException error = Assert.ThrowsExactly<ArgumentException>(
            () => SpeechRegressionMetrics.Evaluate([1e200, -1e200, 0], [0, 1, 2.0]));
        StringAssert.Contains(error.Message, "Metric rmse", StringComparison.Ordinal);
    }

    [TestMethod]
    public void Ranking_ScoreNaN_IsRefused()
    {
        bool[] positive = [true, false, true];
        double[] scores = [0.1, double.NaN, 0.3];
        Assert.ThrowsExactly<ArgumentException>(() => Ranking.Roc(positive, scores));
        Assert.ThrowsExactly<ArgumentException>(() => Ranking.PrecisionRecall(positive, scores));
        Assert.ThrowsExactly<ArgumentException>(() => new RankedRows(positive, scores));
    }

    private static Func<IReadOnlyList<int>, MetricValue> Metric(bool[] positive, double[] scores) =>
        rows => PointMetrics.RocAuc([.. rows.Select(i => positive[i])], [.. rows.Select(i => scores[i])]);

    private static (string[] Subjects, bool[] Positive, double[] Scores) Clips()
    {
        var random = new SeededRandom(2);
        string[] subjects = [.. Enumerable.Range(0, 240).Select(i => $"s{i / 8}")];
        bool[] positive = [.. subjects.Select(_ => random.NextDouble() < 0.5)];
        return (subjects, positive,
            [.. positive.Select(p => Math.Round((random.NextDouble() + (p ? 0.3 : 0)) / 1.3, 2))]);
    }
}
