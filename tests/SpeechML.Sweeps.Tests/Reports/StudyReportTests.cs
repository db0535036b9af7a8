using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.ML;
using SpeechML.TestSupport;
using static SpeechML.SweepParameter;

namespace SpeechML.Sweeps.Tests.Reports;

[TestClass]
public sealed partial class StudyReportTests
{
    private static readonly string[] s_all =
        ["history", "best", "importance", "parallel", "curves", "rates-encoder", "rates-head", "rates-grid"];

    [TestMethod]
    public void WriteStudy_StudyWithAFailedTrial_ShowsEveryTrialInABrowser()
    {
        using var scratch = new Scratch();
        using SweepResult result = Sweep(scratch.At("study"));
        string page = SpeechReport.WriteStudy(scratch.At("study"));
        Assert.AreEqual(Path.Combine(scratch.At("study"), "report.html"), page);
        string html = File.ReadAllText(page);
        ReportPages.AssertFigures(scratch.At("study"), html, s_all);

        string text = WebUtility.HtmlDecode(html);
        string best = string.Create(
            CultureInfo.InvariantCulture,
            $"<tr><td>{result.BestTrial.Number}</td><td class=\"number\">{result.BestTrial.Value:F4}</td>");
        StringAssert.Contains(text, best);
        StringAssert.Contains(html, "IOException: no &lt;room&gt; &amp; no luck");
        StringAssert.Contains(text, "<h3>The best against the next</h3>");
        string csv = Encoding.UTF8.GetString(Convert.FromBase64String(Csv().Match(html).Groups[1].Value));
        Assert.AreEqual(File.ReadAllText(Path.Combine(scratch.At("study"), "trials.csv")), csv);
        result.SaveCsv(scratch.At("own.csv"));
        Assert.AreEqual(File.ReadAllText(scratch.At("own.csv")), csv);

        if (Chromium.Program is not null)
        {
            StringAssert.Contains(Chromium.Dump(page, scratch.At("profile")), $"data-figures=\"{s_all.Length}\"");
        }
    }

    [TestMethod]
    public void WriteStudy_ResultOfASweepOnNoDisk_HasTheSameFigures()
    {
        using var scratch = new Scratch();
        var space = new SweepSpace<SpeechClassificationOptions>(
            SweepRuns.Defaults, Range("HeadLearningRate", 1e-3, 1e-1, logScale: true));
        using SweepResult result = SweepRuns.Create(new MLContext(seed: 1), space).SetTuner(SweepTuner.Random())
            .SetMetric(SpeechMetrics.Loss) // which differs between trials: so few clips may all be judged alike
            .SetMaxTrials(4).Run();
        string html = File.ReadAllText(SpeechReport.WriteStudy(result, scratch.At("report")));
        ReportPages.AssertFigures(scratch.At("report"), html,
            ["history", "best", "importance", "parallel", "curves", "rates-head"]);
        StringAssert.Contains(html, "one run each, so no intervals");
    }

    [TestMethod]
    public void WriteStudy_NoTrialHasEnded_SaysSo()
    {
        using var scratch = new Scratch();
        var study = new SweepStudy(
            "<s>", SpeechMetrics.Loss, 1,
            [new SweepTrial(1, SweepTrialState.Running, new Dictionary<string, object> { ["Pooling"] = "Mean" },
            [new SweepRun(0, 0, 0, [], null)], null, null, 0, 0, null)], new Dictionary<string, string>());
        string html = File.ReadAllText(SpeechReport.WriteStudy(study, scratch.Folder));
        ReportPages.AssertFigures(scratch.Folder, html, []);
        StringAssert.Contains(html, "No trial has finished.");
        StringAssert.Contains(html, "<h1>&lt;s&gt;</h1>");
    }

    private static SweepResult Sweep(string folder)
    {
        var space = new SweepSpace<SpeechClassificationOptions>(
            SweepRuns.Defaults,
            Choice("Freezing", LayerFreezing.All, LayerFreezing.ExcludeLast),
            Choice("EncoderLearningRate", 1e-5, 1e-3).OnlyWhen("Freezing", LayerFreezing.ExcludeLast),
            Choice("HeadLearningRate", 1e-2, 1e-3));
        int made = 0;
        void Fail(SpeechClassificationOptions options)
        {
            if (made++ == 2)
            {
                throw new IOException("no <room> & no luck");
            }
        }
        return SweepRuns.Create(new MLContext(seed: 1), space, Fail).SetTuner(SweepTuner.Grid()).SetSeedsPerTrial(2)
            .SetStudy(folder).Run();
    }

    [GeneratedRegex("href=\"data:text/csv;base64,([^\"]+)\"")]
    private static partial Regex Csv();
}
