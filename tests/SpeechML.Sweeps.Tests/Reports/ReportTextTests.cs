using System.Text.RegularExpressions;
using SpeechML.Audio.Common;
using SpeechML.Reports.Figures;
using SpeechML.Reports.Html;
using SpeechML.Reports;

namespace SpeechML.Sweeps.Tests.Reports;

[TestClass]
public sealed class ReportTextTests
{
    [TestMethod]
    [DataRow("a\0b\u0001c\u007f\u0085", "a\uFFFDb\uFFFDc\uFFFD\uFFFD")]
    [DataRow("line\r\n\ttab", "line\r\n\ttab")]
    [DataRow("<b>&\u0002", "&lt;b&gt;&amp;\uFFFD")]
    public void Escape_ControlCharacters_AreReplaced(string text, string shown) =>
        Assert.AreEqual(shown, HtmlWriter.Escape(text));

    [TestMethod]
    public void Escape_HalfPairsAndNonCharacters_AreReplaced() =>
        Assert.AreEqual("\uFFFDx\uFFFD\uFFFD", HtmlWriter.Escape("\uD800x\uFFFE\uFFFF"));

    [TestMethod]
    public void Interval_UndefinedResamplesAndNoInterval_AreSaid()
    {
        var made = new RunFigure(0.5, null, new RunInterval(0.25, 0.75, 1000, 312));
        Assert.AreEqual("0.250 – 0.750", MetricText.Interval(made));
        Assert.AreEqual("; 312 of 1000 resamples undefined: unreliable", MetricText.Undefined(made, "; "));
        Assert.AreEqual("25 of 1000 resamples undefined",
            MetricText.Undefined(new RunFigure(0.5, null, new RunInterval(0.25, 0.75, 1000, 25)), ""));
        Assert.AreEqual(
            "none: one subject", MetricText.Interval(new RunFigure(0.5) { NoInterval = "one subject" }));
        Assert.AreEqual("", MetricText.Interval(new RunFigure(0.5)));
        Assert.AreEqual("–", MetricText.Number(double.NaN));
        Assert.AreEqual("–", MetricText.Number(double.PositiveInfinity));
    }

    /// <summary>Bars and curves have no room for it: their captions say it.</summary>
    [TestMethod]
    public void Figures_WithUndefinedResamples_SayThemInTheCaption()
    {
        const string Left = "Resamples without a value, which the interval leaves out: rare 312 of 1000.";
        RunLabelEvaluation Label(string name, int undefined) => new(name, 8, 2, new Dictionary<string, RunFigure>
        {
            ["rocAuc"] = new(0.5, null, new RunInterval(0.25, 0.75, 1000, undefined)),
            ["averagePrecision"] = new(0.5, null, new RunInterval(0.25, 0.75, 1000, 0)),
        });
        var evaluation = new RunEvaluation
        {
            Split = "test",
            Task = SpeechTask.MultiLabel,
            Labels = [Label("often", 0), Label("rare", 312)],
        };
        // Of two subjects one has the only positive of the rare label: half of the resamples have both classes.
        RunPrediction[] rows = [.. Enumerable.Range(0, 8).SelectMany(i => new[]
        {
            new RunPrediction($"{i}", $"S{i % 2}", "often", 0.1 * i, null, "test", i / 2 % 2, 0),
            new RunPrediction($"{i}", $"S{i % 2}", "rare", 0.1 * i, null, "test", i == 3 ? 1 : 0, 0),
        })];
        ReportFigure bars = EvaluationFigures.Of("s", evaluation, rows).Single(f => f.Id == "s-labels");
        StringAssert.EndsWith(bars.Caption, Left);
        ReportFigure[] curves = [.. RankingFigures.Of("s", evaluation, rows)];
        StringAssert.EndsWith(curves.Single(f => f.Id == "s-roc").Caption, Left);
        StringAssert.Matches(curves.Single(f => f.Id == "s-roc").Caption, new Regex(
            @"resampled subjects lie \(without a curve: rare [1-9][0-9]* of 300\)\."));
        Assert.DoesNotContain("leaves out", curves.Single(f => f.Id == "s-pr").Caption);
    }

    [TestMethod]
    [DataRow(0, null)]
    [DataRow(1, "1 subject is few: these intervals are unreliable, and mostly too narrow.")]
    [DataRow(9, "9 subjects are few: these intervals are unreliable, and mostly too narrow.")]
    [DataRow(10, null)]
    public void FewSubjects_BelowTen_IsSaid(int subjects, string? said) =>
        Assert.AreEqual(said, MetricText.FewSubjects(subjects));

    [TestMethod]
    [DataRow(0.583, 0.11, 0.94, "0.6 (0.1 to 0.9)")]
    [DataRow(0.583, 0.55, 0.61, "0.58 (0.55 to 0.61)")]
    public void ShareText_Spread_LeavesAsManyDigitsAsItAllows(double share, double low, double high, string text) =>
        Assert.AreEqual(text, ParameterFigures.ShareText(share, new SweepImportance(share, low, high)));

    [TestMethod]
    [DataRow("'/data/my files/a.wav': expected audio", "'…/a.wav': expected audio")]
    [DataRow("&#39;/data/my files/a.wav&#39;: expected", "&#39;…/a.wav&#39;: expected")]
    [DataRow(@"C:\Users\me\a.wav is missing", "…/a.wav is missing")]
    [DataRow("/home/me/models/base", "…/base")]
    [DataRow("samples/data/a.wav, 1/2, and/or, gs://bucket/a/b.wav, ≥ 3", null)]
    [DataRow("</section>\n<p>/x</p>", null)]
    public void HideIn_PathsOfAMachine_KeepTheirLastName(string text, string? shown) =>
        Assert.AreEqual(shown ?? text, MachinePaths.HideIn(text));
}
