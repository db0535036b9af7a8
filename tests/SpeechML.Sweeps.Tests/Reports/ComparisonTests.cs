using System.Net;
using Microsoft.ML;
using SpeechML.Runs.Scoring;
using SpeechML.TestSupport;

namespace SpeechML.Sweeps.Tests.Reports;

/// <summary>Runs beside one another.</summary>
[TestClass]
public sealed class ComparisonTests
{
    private const int Clips = 60;
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void CompareRuns_ThreeRuns_HasPairedDifferencesAndOnePage()
    {
        using var scratch = new Scratch();
        string[] folders = [Run(scratch, "first", 0.35), Run(scratch, "better", 0.1, o => o.Epochs = 7),
            Run(scratch, "same", 0.35)];
        SpeechRunComparison compared = _mlContext.Speech().CompareRuns(folders);
        Assert.AreEqual("test", compared.Split);
        Assert.IsNull(compared.Untested);
        SpeechRunDifference better = compared.Differences.Single(
            d => d.Run == "better" && d.Metric == SpeechMetrics.Accuracy);
        double[] accuracy = [.. compared.Runs.Select(r => r.Evaluation.Figures["accuracy"].Value!.Value)];
        Assert.AreEqual(accuracy[1] - accuracy[0], better.Difference.Estimate.Value!.Value, 1e-12);
        Assert.IsGreaterThan(0, better.Difference.Low.Value!.Value);
        Assert.IsLessThan(0.05, better.Difference.PValue.Value!.Value);
        // Holm over two runs: the smaller p counts twice.
        Assert.AreEqual(
            2 * better.Difference.PValue.Value!.Value, better.AdjustedPValue!.Value, 1e-12);
        SpeechRunDifference same = compared.Differences.Single(
            d => d.Run == "same" && d.Metric == SpeechMetrics.Accuracy);
        Assert.AreEqual((0.0, 1.0), (same.Difference.Estimate.Value!.Value, same.AdjustedPValue!.Value));
        Assert.AreEqual("epochs", compared.Settings.Single().Name);
        CollectionAssert.AreEqual(new[] { "10", "7", "10" }, compared.Settings.Single().Values.ToArray());
        StringAssert.Contains(compared.ToString(), "better minus first, on 60 clips");

        string path = scratch.At("compare.html");
        SpeechReport.Write(compared, path);
        string html = File.ReadAllText(path);
        StringAssert.Contains(WebUtility.HtmlDecode(html), "<h3>better, 60 clips in common</h3>");
        StringAssert.Contains(html, "p, adjusted");
        ReportPages.AssertPage(html);
        CollectionAssert.IsSubsetOf(
            new[] { "compare-accuracy", "difference-accuracy" }, ReportPages.FigureIds(html));
    }

    [TestMethod]
    public void CompareRuns_NoSubjects_HasDifferencesWithoutATest()
    {
        using var scratch = new Scratch();
        SpeechRunComparison compared = _mlContext.Speech().CompareRuns(
            [Run(scratch, "a", 0.3, subjects: false), Run(scratch, "b", 0.1, subjects: false)]);
        Assert.AreEqual("subjects are not known", compared.Untested);
        SpeechRunDifference difference = compared.Differences.First(d => d.Metric == SpeechMetrics.Accuracy);
        Assert.IsNotNull(difference.Difference.Estimate.Value);
        Assert.IsNull(difference.Difference.PValue.Value);
        Assert.IsNull(difference.AdjustedPValue);
    }

    [TestMethod]
    public void CompareRuns_RunsThatCannotBePaired_SayWhy()
    {
        using var scratch = new Scratch();
        string first = Run(scratch, "first", 0.3);
        Assert.Contains("expected two folders or more, got 1", Message(first));
        Assert.Contains("expected all to be evaluated on part 'validation', got 'first': test; 'second': test",
            Assert.ThrowsExactly<ArgumentException>(() => _mlContext.Speech().CompareRuns(
                [first, Run(scratch, "second", 0.3)], "validation")).Message);
        Assert.Contains("expected clips of part 'test' of 'first', got none",
            Message(first, Run(scratch, "others", 0.3, prefix: "other")));
        Assert.Contains(
            "expected clip 'c0' to have subject 's0' and truth 0 for 'hoarse' as in 'first', got 's0' and 1",
            Message(first, Run(scratch, "turned", 0.3, turned: true)));
    }

    private string Message(params string[] folders) =>
        Assert.ThrowsExactly<ArgumentException>(() => _mlContext.Speech().CompareRuns(folders)).Message;

    /// <summary>A run that is wrong about a share of the clips.</summary>
    private string Run(
        Scratch scratch, string name, double wrong, Action<SpeechBinaryOptions>? change = null, bool subjects = true,
        string prefix = "c", bool turned = false)
    {
        var options = new SpeechBinaryOptions
        {
            Layers = EncoderLayers.Last,
            Encoder = RepositoryFiles.TinyEncoder("hubert-base-like"),
        };
        change?.Invoke(options);
        using SpeechRun run = _mlContext.Speech().CreateRun(
            scratch.Folder, options, new SpeechRunOptions { Name = name, TensorBoard = false });
        int every = (int)Math.Round(1 / wrong);
        RunPrediction[] rows = [.. Enumerable.Range(0, Clips).Select(i =>
        {
            bool truth = (i % 2 == 1) != turned, said = (i / 2 % every == 0) != truth;
            double probability = said ? 0.6 + (0.005 * (i % 20)) : 0.4 - (0.005 * (i % 20));
            return new RunPrediction($"{prefix}{i}", subjects ? $"s{i / 4}" : "", "hoarse", probability, null, "test",
                truth ? 1 : 0, said ? 1 : 0);
        })];
        run.Add(RunEvaluator.Evaluate(SpeechTask.Binary, "test", rows, 100, 1), rows, []);
        return run.Folder;
    }
}
