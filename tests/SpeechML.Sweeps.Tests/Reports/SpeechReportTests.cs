using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.ML;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Sweeps.Tests.Reports;

[TestClass]
public sealed partial class SpeechReportTests
{
    private static readonly string[] s_clips = [.. Enumerable.Range(1, 6).Select(i => $"test-clip-{i}")];
    private static readonly string[] s_training = ["loss", "rates", "gradients"];

    [TestMethod]
    public void Write_MultiLabelRun_HasEveryFigureAndPlayableClips()
    {
        using var scratch = new Scratch();
        var runs = new TinyRuns();
        (SpeechRun run, ITransformer model) = runs.MultiLabelRun(scratch.Folder);
        run.Dispose();
        (model as IDisposable)?.Dispose();
        string page = SpeechReport.Write(run.Folder);
        Assert.AreEqual(Path.Combine(run.Folder, "report.html"), page);
        string html = File.ReadAllText(page);
        foreach (string curves in new[] { "loss", "validation" })
        {
            StringAssert.Contains(File.ReadAllText(Path.Combine(run.Folder, "figures", $"{curves}.svg")),
                FormattableString.Invariant($"best epoch ({run.Epochs[^1].BestEpoch})"));
        }
        string[] clips = [.. Enumerable.Range(1, 6).Select(i => $"test-clip-{i}")];
        ReportPages.AssertFigures(
            run.Folder, html, [.. s_training, "validation", "test-labels", "test-labels-balanced", "test-roc",
            "test-pr", "test-reliability", .. clips]);
        string[] waves = [.. Wave().Matches(html).Select(m => m.Groups[1].Value)];
        Assert.HasCount(6, waves);
        for (int i = 0; i < waves.Length; i++)
        {
            CollectionAssert.AreEqual(
                File.ReadAllBytes(Path.Combine(run.ClipsFolder, run.Clips[i].File)),
                Convert.FromBase64String(waves[i]));
            StringAssert.Contains(html, $"<h3>{run.Clips[i].AudioKey}</h3>");
        }
        Assert.HasCount(6, Regex.Matches(html, "weight of each frame"));
        RunFigure auc = run.Evaluations[0].Figures["rocAuc"];
        string row = string.Create(
            CultureInfo.InvariantCulture,
            $"<tr><td>ROC AUC</td><td class=\"number\">{auc.Value:F3}</td><td " +
            $"class=\"number\">{auc.Interval!.Low.Value:F3} – {auc.Interval.High.Value:F3}");
        StringAssert.Contains(System.Net.WebUtility.HtmlDecode(html), row);
        StringAssert.Contains(html, "<dt>batchSize</dt><dd>4</dd>");
    }

    [TestMethod]
    public void Write_ClassRun_HasTheConfusion()
    {
        using var scratch = new Scratch();
        var runs = new TinyRuns();
        (SpeechRun run, ITransformer model) = runs.ClassRun(scratch.Folder);
        using (run)
        {
            string html = File.ReadAllText(SpeechReport.Write(run));
            ReportPages.AssertFigures(
                run.Folder, html, [.. s_training, "test-confusion", "test-labels", "test-labels-balanced", "test-roc",
                "test-pr", "test-reliability", .. Enumerable.Range(1, 6).Select(i => $"test-clip-{i}")]);
            Assert.DoesNotContain("weight of each frame", html);
        }
        (model as IDisposable)?.Dispose();
    }

    [TestMethod]
    public void Write_BinaryRun_HasCurvesWithIntervals()
    {
        using var scratch = new Scratch();
        (SpeechRun run, ITransformer model) = new TaskRuns().Binary(scratch.Folder);
        using (run)
        {
            string html = File.ReadAllText(SpeechReport.Write(run));
            ReportPages.AssertFigures(
                run.Folder, html, [.. s_training, "validation", "test-roc", "test-pr", "test-reliability", .. s_clips]);
            StringAssert.Contains(html,
                "ROC curves of the label, with the area under them and its 95 % interval. Shaded: where 95 % of the " +
                "curves of resampled subjects lie.");
        }
        (model as IDisposable)?.Dispose();
    }

    [TestMethod]
    public void Write_OrdinalRun_HasConfusionWithKappaAndEachThreshold()
    {
        using var scratch = new Scratch();
        (SpeechRun run, ITransformer model) = new TaskRuns().Ordinal(scratch.Folder);
        using (run)
        {
            string html = File.ReadAllText(SpeechReport.Write(run));
            ReportPages.AssertFigures(
                run.Folder, html, [.. s_training, "test-confusion", "test-labels", "test-labels-balanced", "test-roc",
                "test-pr", "test-reliability", .. s_clips]);
            RunFigure kappa = run.Evaluations[0].Figures["kappaQuadratic"];
            StringAssert.Contains(html,
                string.Create(CultureInfo.InvariantCulture, $"Kappa weighted by squared distance: {kappa.Value:F3}"));
            StringAssert.Contains(html, "<td>≥ 1</td>");
            StringAssert.Contains(html, "expected distance in classes");
        }
        (model as IDisposable)?.Dispose();
    }

    [TestMethod]
    public void Write_RegressionRun_HasScatterAndErrors()
    {
        using var scratch = new Scratch();
        (SpeechRun run, ITransformer model) = new TaskRuns().Regression(scratch.Folder);
        using (run)
        {
            string html = File.ReadAllText(SpeechReport.Write(run));
            ReportPages.AssertFigures(run.Folder, html, [.. s_training, "test-scatter", "test-errors", .. s_clips]);
            StringAssert.Contains(html, "absolute error");
        }
        (model as IDisposable)?.Dispose();
    }

    [TestMethod]
    public void Write_CheckOfTheData_InTheRunAndAsAPageOfItsOwn()
    {
        using var scratch = new Scratch();
        var runs = new TinyRuns();
        SpeechDataReport check = TaskRuns.Check(runs.Context);
        using SpeechRun run = runs.Context.Speech()
            .CreateRun(scratch.Folder, TinyRuns.MultiLabel(), new SpeechRunOptions { TensorBoard = false });
        run.RecordCheck(check);
        string html = File.ReadAllText(SpeechReport.Write(run));
        ReportPages.AssertFigures(run.Folder, html, []);
        StringAssert.Contains(html, "<a href=\"#data\">Check of the data: 3 findings</a>");
        SpeechReport.Write(check, scratch.At("check.html"));
        string page = File.ReadAllText(scratch.At("check.html"));
        foreach (string text in new[] { html, page })
        {
            StringAssert.Contains(text, "<summary>MissingFile: 1</summary>");
            StringAssert.Contains(text, "&lt;gone&gt;.wav");
            StringAssert.Contains(text, "<summary>Duplicate: 1</summary>");
        }
        Assert.DoesNotContain("<gone>", page);
    }

    [TestMethod]
    public void Write_RunThatHasOnlyBegun_SaysSo()
    {
        using var scratch = new Scratch();
        using SpeechRun run = new TinyRuns().Context.Speech()
            .CreateRun(scratch.Folder, TinyRuns.MultiLabel(),
            new SpeechRunOptions { Name = "<b>&\"x\"", TensorBoard = false });
        string html = File.ReadAllText(SpeechReport.Write(run));
        ReportPages.AssertFigures(run.Folder, html, []);
        StringAssert.Contains(html, "No epoch has ended.");
        StringAssert.Contains(html, "<h1>&lt;b&gt;&amp;&quot;x&quot;</h1>");
    }

    [TestMethod]
    public void Write_OneClassOnly_LeavesOutWhatIsUndefinedAndSaysSo()
    {
        using var scratch = new Scratch();
        using SpeechRun run = new TinyRuns().Context.Speech()
            .CreateRun(scratch.Folder, TinyRuns.MultiLabel(), new SpeechRunOptions { TensorBoard = false });
        RunPrediction[] rows = [.. Enumerable.Range(0, 4)
            .Select(i => new RunPrediction($"c{i}", "", "a & b", 0.25 * i, null, "1 test", 0, i > 1 ? 1 : 0))];
        run.Add(SpeechML.Runs.RunEvaluator.Evaluate(SpeechTask.MultiLabel, "1 test", rows, 10, 1), rows, []);
        string html = File.ReadAllText(SpeechReport.Write(run));
        ReportPages.AssertFigures(run.Folder, html, ["part-1-test-reliability"]);
        StringAssert.Contains(html, "No ROC curve: none of the labels has both positive and negative clips here.");
        StringAssert.Contains(html, "undefined: no positives");
        StringAssert.Contains(html, "a &amp; b");
    }

    [TestMethod]
    public void Write_InABrowser_ScriptRunsAndEveryFigureIsDrawn()
    {
        if (Chromium.Program is null)
        {
            Assert.Inconclusive("No Chromium is installed.");
        }
        using var scratch = new Scratch();
        var runs = new TinyRuns();
        (SpeechRun run, ITransformer model) = runs.MultiLabelRun(scratch.At("runs"));
        run.Dispose();
        (model as IDisposable)?.Dispose();
        string page = SpeechReport.Write(run.Folder);
        string seen = Chromium.Dump(page, scratch.At("profile"));
        StringAssert.Contains(seen, $"data-figures=\"{ReportPages.FigureIds(File.ReadAllText(page)).Length}\"");
    }

    [GeneratedRegex("src=\"data:audio/wav;base64,([^\"]+)\"")]
    private static partial Regex Wave();
}
