using SpeechML.Reports;
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
}
