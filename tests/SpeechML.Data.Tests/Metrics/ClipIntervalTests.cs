using SpeechML.Audio.Common;
using SpeechML.Data.Evaluation.Resampling;
using SpeechML.TestSupport;

namespace SpeechML.Data.Tests.Metrics;

/// <summary>A metric of clips with weights is that of the clips drawn so often.</summary>
[TestClass]
public sealed class ClipIntervalTests
{
    private const int Clips = 120;
    private readonly SeededRandom _random = new(7);
    private readonly string[] _subjects = [.. Enumerable.Range(0, Clips).Select(i => $"s{i / 6}")];

    [TestMethod]
    [DataRow(SpeechTask.Binary)]
    [DataRow(SpeechTask.Multiclass)]
    [DataRow(SpeechTask.Ordinal)]
    [DataRow(SpeechTask.Regression)]
    public void Weights_EachMetricOnEachResample_IsThatOfTheRowsDrawn(SpeechTask task)
    {
        EvaluatedClips clips = ClipsOf(task);
        int[] some = [.. Enumerable.Range(0, Clips).Where(i => i % 5 != 1)];
        foreach (SpeechMetric metric in SpeechMetrics.For(task))
        {
            WeightedMetric all = metric.Prepare(clips), subset = WeightedMetrics.OfSome(
                metric.Prepare(clips.Take(some)), some);
            // Two to five of the twenty subjects drawn, so that classes go missing now and then.
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
                int[] rows = [.. Enumerable.Range(0, Clips).SelectMany(i => Enumerable.Repeat(i, times[i]))];
                AssertEqual(metric.Compute(clips.Take(rows)), all(times), metric);
                AssertEqual(metric.Compute(clips.Take([.. rows.Where(i => some.Contains(i))])), subset(times), metric);
            }
        }

        static void AssertEqual(MetricValue want, MetricValue got, SpeechMetric metric)
        {
            Assert.AreEqual(want.Value is null, got.Value is null, $"{metric}: want {want}, got {got}");
            Assert.AreEqual(want.Value ?? 0, got.Value ?? 0, 1e-11, metric.ToString());
        }
    }

    [TestMethod]
    public void OrdinalMetrics_ByTheirDefinition_AreTheSame()
    {
        (int[] truth, int[] decided, double[][] above) = Levels();
        EvaluatedClips clips = EvaluatedClips.Ordinal(truth, decided, 4, above);
        int[] rows = [.. Enumerable.Range(0, Clips)];
        double Got(SpeechMetric metric) => metric.Compute(clips).Value!.Value;
        Assert.AreEqual(rows.Average(i => Math.Abs(truth[i] - decided[i])), Got(SpeechMetrics.Mae), 1e-12);
        Assert.AreEqual(
            rows.GroupBy(i => truth[i]).Average(g => g.Average(i => Math.Abs(truth[i] - decided[i]))),
            Got(SpeechMetrics.MacroMae), 1e-12);
        Assert.AreEqual(rows.Average(i => Math.Abs(truth[i] - decided[i]) <= 1 ? 1.0 : 0.0),
            Got(SpeechMetrics.WithinOne), 1e-12);
        Assert.AreEqual(
            Enumerable.Range(0, 3).Average(k => PointMetrics.RocAuc(
                Array.ConvertAll(truth, t => t > k), Array.ConvertAll(above, a => a[k])).Value!.Value),
            Got(SpeechMetrics.RocAuc), 1e-12);
    }

    [TestMethod]
    public void Groups_OneGuessed_GapIsItsMetricLessThatOfTheRest()
    {
        (double[] y, double[] x) = Numbers();
        string[] language = [.. _subjects.Select(
            s => int.Parse(s[1..], System.Globalization.CultureInfo.InvariantCulture) % 2 == 0 ? "en" : "fr")];
        double[] guessed = [.. x.Select((v, i) => language[i] == "fr" ? 3 * _random.NextDouble() : v)];
        SpeechGroups groups = ClipIntervals.Groups(
            "language", language, _subjects, EvaluatedClips.Regression(y, guessed), null,
            new SubjectBootstrapOptions { Resamples = 200 });
        SpeechGroup en = groups.Groups[0], fr = groups.Groups[1];
        int[] rows = [.. Enumerable.Range(0, Clips).Where(i => language[i] == "fr")],
            rest = [.. Enumerable.Range(0, Clips).Where(i => language[i] != "fr")];
        SpeechRegressionMetrics Plain(int[] some) =>
            SpeechRegressionMetrics.Evaluate([.. some.Select(i => y[i])], [.. some.Select(i => guessed[i])]);
        Assert.AreEqual(Plain(rows).Ccc.Value!.Value, fr.Intervals[SpeechMetrics.Ccc].Estimate.Value!.Value, 1e-12);
        MetricDifference gap = fr.Gaps[SpeechMetrics.Ccc];
        Assert.AreEqual(Plain(rows).Ccc.Value!.Value - Plain(rest).Ccc.Value!.Value, gap.Estimate.Value!.Value, 1e-12);
        Assert.IsTrue(gap.High.Value < 0, gap.ToString());
        Assert.AreEqual(-gap.Estimate.Value!.Value, en.Gaps[SpeechMetrics.Ccc].Estimate.Value!.Value, 1e-12);
        Assert.AreEqual((60, 10), (fr.Intervals.Clips, fr.Intervals.Subjects));
        Assert.StartsWith(
            "language    clips subjects  Mean absolute error; gap to the other groups\nen             60       10  0.",
            groups.ToString().ReplaceLineEndings("\n"));
        SpeechGroups one = ClipIntervals.Groups(
            "all", [.. y.Select(_ => "a")], _subjects, EvaluatedClips.Regression(y, x), [SpeechMetrics.Mae],
            new SubjectBootstrapOptions { Resamples = 20 });
        Assert.AreEqual("undefined: no other clips", one.Groups.Single().Gaps[SpeechMetrics.Mae].ToString());
    }

    [TestMethod]
    public void Choose_MetricOfAnotherTask_SaysWhichThereAre()
    {
        (double[] y, double[] x) = Numbers();
        var error = Assert.ThrowsExactly<ArgumentException>(() =>
            ClipIntervals.Intervals(_subjects, EvaluatedClips.Regression(y, x), 0, [SpeechMetrics.F1], null));
        Assert.AreEqual(
            "Metrics: expected some of mae, rmse, r2, ccc, pearson, spearman, kendall, which this task has, got f1. " +
            "(Parameter 'wanted')", error.Message);
    }

    [TestMethod]
    public void Kendall_Ties_EqualsTheCountOfAllPairs()
    {
        double[] y = [.. Enumerable.Range(0, 2000).Select(_ => Math.Round(4 * _random.NextDouble(), 1))],
            x = [.. y.Select(v => Math.Round(v + (2 * _random.NextDouble()), 1))];
        double balance = 0, untiedY = 0, untiedX = 0;
        for (int i = 0; i < y.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                int byY = y[i].CompareTo(y[j]), byX = x[i].CompareTo(x[j]);
                balance += byY * byX;
                untiedY += byY * byY;
                untiedX += byX * byX;
            }
        }
        Assert.AreEqual(balance / Math.Sqrt(untiedY) / Math.Sqrt(untiedX),
            SpeechMetrics.Kendall.Compute(EvaluatedClips.Regression(y, x)).Value!.Value, 1e-12);
    }

    private EvaluatedClips ClipsOf(SpeechTask task)
    {
        if (task == SpeechTask.Binary)
        {
            bool[] positive = [.. Enumerable.Range(0, Clips).Select(_ => _random.NextDouble() < 0.4)];
            return EvaluatedClips.Binary(
                positive, [.. positive.Select(p => Math.Round((_random.NextDouble() + (p ? 0.3 : 0)) / 1.3, 2))]);
        }
        if (task == SpeechTask.Multiclass)
        {
            int[] classes = [.. Enumerable.Range(0, Clips).Select(_ => _random.Next(3))];
            return EvaluatedClips.Multiclass(classes, [.. classes.Select(t =>
            {
                double[] raw = [.. Enumerable.Range(0, 3).Select(c => _random.NextDouble() + (c == t ? 0.4 : 0))];
                return Array.ConvertAll(raw, v => v / raw.Sum());
            })]);
        }
        if (task == SpeechTask.Ordinal)
        {
            (int[] truth, int[] decided, double[][] above) = Levels();
            return EvaluatedClips.Ordinal(truth, decided, 4, above);
        }
        (double[] y, double[] x) = Numbers();
        return EvaluatedClips.Regression(y, x);
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
}
