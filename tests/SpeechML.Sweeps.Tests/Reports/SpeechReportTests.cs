using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.ML;
using SpeechML.Runs.Scoring;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Sweeps.Tests.Reports;

[TestClass]
public sealed partial class SpeechReportTests
{
    private static readonly string[] s_clips =
        [.. Enumerable.Range(1, 6).Select(i => $"test-clip-{i}"), "test-typical-1", "test-typical-2"];
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
        ReportPages.AssertFigures(
            run.Folder, html, [.. s_training, "validation", "test-labels", "test-labels-balanced", "test-roc",
            "test-pr", "test-reliability", "test-selective", .. s_clips]);
        string[] waves = [.. Wave().Matches(html).Select(m => m.Groups[1].Value)];
        Assert.HasCount(8, waves);
        RunClip[] clips = [.. run.Clips, .. run.TypicalClips];
        for (int i = 0; i < waves.Length; i++)
        {
            CollectionAssert.AreEqual(
                File.ReadAllBytes(Path.Combine(run.ClipsFolder, clips[i].File)),
                Convert.FromBase64String(waves[i]));
            StringAssert.Contains(html, $"<h3>{clips[i].AudioKey}</h3>");
        }
        Assert.HasCount(4, Regex.Matches(html, "<figcaption>Waveform, and the weight of each frame"));
        // Two of each kind are explained.
        Assert.HasCount(4, Regex.Matches(
            html, "<figcaption>What the score loses[^<]*Above 0 a part speaks for the target"));
        StringAssert.Contains(html, "Clips with the most usual error");
        RunFigure auc = run.Evaluations[0].Figures["rocAuc"];
        string row = string.Create(
            CultureInfo.InvariantCulture,
            $"<tr><td>ROC AUC</td><td class=\"number\">{auc.Value:F3}</td><td " +
            $"class=\"number\">{auc.Interval!.Low.Value:F3} – {auc.Interval.High.Value:F3}");
        StringAssert.Contains(System.Net.WebUtility.HtmlDecode(html), row);
        string changed = html[..html.IndexOf(" more, at their defaults", StringComparison.Ordinal)];
        StringAssert.Contains(changed, "<dt>batchSize</dt><dd>4</dd>");
        Assert.DoesNotContain("<dt>schedule.", changed);
        StringAssert.Contains(html, "<dt>Encoder</dt>\n<dd>…/hubert-base-like, last layer</dd>");
        StringAssert.Contains(html, "<dt>Trained</dt>\n<dd>the encoder without its front end, and the head</dd>");
        StringAssert.Contains(html, "<tr><td>validation</td><td class=\"number\">not recorded</td>");
        RunLabelEvaluation label = run.Evaluations[0].Labels[0];
        StringAssert.Contains(html, string.Create(CultureInfo.InvariantCulture,
            $"<tr><td>{label.Label}</td><td class=\"number\">{label.Confusion[1][1]}</td><td " +
            $"class=\"number\">{label.Confusion[1][0]}</td><td class=\"number\">{label.Confusion[0][1]}</td>"));
        Assert.AreEqual(label.Present, label.Confusion.Sum(c => c.Sum()));
        Assert.DoesNotContain(scratch.Folder, html);
        Assert.DoesNotContain(RepositoryFiles.Root, html);
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
                "test-pr", "test-reliability", "test-selective", .. s_clips]);
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
                run.Folder, html, [.. s_training, "validation", "test-roc", "test-pr", "test-reliability",
                "test-selective", .. s_clips]);
            StringAssert.Contains(html,
                "ROC curves of the label, with the area under them and its 95 % interval. Shaded: where 95 % of the " +
                "curves of resampled subjects lie (without a curve: IsEnglish ");
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
        ReportPages.AssertFigures(run.Folder, html, ["data-label-1", "data-length", "data-level"]);
        StringAssert.Contains(html, "<a href=\"#data\">Check of the data: 3 findings</a>");
        Assert.DoesNotContain(RepositoryFiles.Prompts, html);
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
        run.Add(RunEvaluator.Evaluate(SpeechTask.MultiLabel, "1 test", rows, 10, 1), rows, [], []);
        string html = File.ReadAllText(SpeechReport.Write(run));
        ReportPages.AssertFigures(run.Folder, html, ["part-1-test-reliability", "part-1-test-selective"]);
        StringAssert.Contains(html, "No ROC curve: none of the labels has both positive and negative clips here.");
        StringAssert.Contains(html, "undefined: no positives");
        StringAssert.Contains(html, "a &amp; b");
    }

    [TestMethod]
    public void Evaluate_Split_LeavesNothingOut()
    {
        using var scratch = new Scratch();
        var runs = new TinyRuns();
        using SpeechRun run = runs.Context.Speech().CreateRun(scratch.Folder, TinyRuns.MultiLabel());
        ITransformer model = runs.Context.Speech().Trainers
            .MultiLabelClassification("Labels", "Audio", TinyRuns.MultiLabel(), run.Progress)
            .Fit(runs.Small.Data, runs.Small.Data);
        var log = new List<string>();
        runs.Context.Log += (_, e) => log.Add(e.Message);
        run.Complete(runs.Context, model, runs.Small.Data.Schema);
        Assert.HasCount(3, log.Where(m => m.Contains("Call run.", StringComparison.Ordinal)).ToArray());
        log.Clear();
        var split = new SpeechDataSplit(runs.Small.Data, runs.Small.Data, runs.Small.Data, null!);
        Assert.HasCount(2, run.Evaluate(model, split, TinyRuns.Columns("Labels")));
        run.Complete(runs.Context, model, runs.Small.Data.Schema);
        Assert.HasCount(0, log.Where(m => m.Contains("Call run.", StringComparison.Ordinal)).ToArray());
        CollectionAssert.AreEquivalent(
            new[] { "train", "validation", "test" }, run.RunEnvironment.Data.Keys.ToArray());
        Assert.DoesNotContain("not recorded", File.ReadAllText(SpeechReport.Write(run)));
        (model as IDisposable)?.Dispose();
    }

    [GeneratedRegex("src=\"data:audio/wav;base64,([^\"]+)\"")]
    private static partial Regex Wave();
}
