using System.Text.RegularExpressions;
using SpeechML.Reports;
using SpeechML.Reports.Figures;
using SpeechML.Reports.Html;

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
        Assert.AreEqual("0.250 – 0.750 (312 of 1000 resamples undefined)", MetricText.Interval(made));
        Assert.AreEqual(" (312 of 1000 resamples undefined)", MetricText.Undefined(made));
        Assert.AreEqual(
            "none: one subject", MetricText.Interval(new RunFigure(0.5) { NoInterval = "one subject" }));
        Assert.AreEqual("", MetricText.Interval(new RunFigure(0.5)));
        Assert.AreEqual("–", MetricText.Number(double.NaN));
        Assert.AreEqual("–", MetricText.Number(double.PositiveInfinity));
    }

    [TestMethod]
    public void Ends_WithUndefinedResamples_SayThem()
    {
        var made = new RunFigure(0.5, null, new RunInterval(0.25, 0.75, 1000, 312));
        Assert.AreEqual(" (0.25–0.75; 312 of 1000 resamples undefined)", MetricText.EndsInBrackets(made, 2));
        Assert.AreEqual(" (0.25–0.75)", MetricText.EndsInBrackets(
            made with { Interval = new RunInterval(0.25, 0.75, 1000, 0) }, 2));
        Assert.AreEqual("", MetricText.EndsInBrackets(new RunFigure(0.5), 2));
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
}
