using System.Text.RegularExpressions;
using System.Xml.Linq;
using SpeechML.Reports.Figures;
using SpeechML.TestSupport;

namespace SpeechML.Sweeps.Tests.Reports;

[TestClass]
public sealed class ExplanationFigureTests
{
    [TestMethod]
    public void Write_EveryKindOfFile_ShowsEveryMethod()
    {
        using var scratch = new Scratch();
        SpeechExplanation explanation = Explanation();
        SpeechReport.Write(explanation, scratch.At("x.svg"));
        string svg = File.ReadAllText(scratch.At("x.svg"));
        string text = Text(XDocument.Parse(svg));
        foreach (string expected in new[] { "Time (s)", "Change of log odds", "hoarse", "slow" })
        {
            StringAssert.Contains(text, expected);
        }
        Assert.DoesNotContain("breathy", text, "The two with the largest effect.");
        SpeechReport.Write(explanation, scratch.At("one.svg"), "breathy");
        string one = Text(XDocument.Load(scratch.At("one.svg")));
        StringAssert.Contains(one, "breathy");
        Assert.DoesNotContain("hoarse", one);
        SpeechReport.Write(explanation, scratch.At("x.png"));
        CollectionAssert.AreEqual(
            new byte[] { 0x89, (byte)'P', (byte)'N', (byte)'G' }, File.ReadAllBytes(scratch.At("x.png"))[..4]);
        SpeechReport.Write(explanation, scratch.At("x.html"));
        string html = File.ReadAllText(scratch.At("x.html"));
        CollectionAssert.AreEqual(
            new[] { "occlusion", "gradients", "attention", "bands" }, ReportPages.FigureIds(html));
        StringAssert.Contains(html, "<h1>a.wav</h1>");
        Assert.DoesNotContain("/data/", html, "A path of this machine.");
        Assert.HasCount(3, Regex.Matches(
            html, "<figcaption>[^<]*Above 0 a part speaks for the target, below 0 against it"));
    }

    [TestMethod]
    public void Of_MethodsWithOtherLargestTargets_ShowTheSameOnes()
    {
        SpeechExplanation explanation = Explanation(gradients: [0.1, 0.2, 9]);
        foreach (ReportFigure figure in ExplanationFigures.Of(explanation, explanation.Audio, null)
            .Where(f => f.Id is "occlusion" or "gradients"))
        {
            string text = Text(XDocument.Parse(figure.Svg));
            StringAssert.Contains(text, "slow");
            StringAssert.Contains(text, "hoarse");
            Assert.DoesNotContain("breathy", text, figure.Id);
        }
    }

    [TestMethod]
    public void Write_WhatCannotBeDrawn_SaysSo()
    {
        using var scratch = new Scratch();
        string Message(Action call) => Assert.ThrowsExactly<ArgumentException>(call).Message;
        StringAssert.Contains(Message(() => SpeechReport.Write(Explanation(), scratch.At("x.pdf"))),
            "expected a path that ends in .svg, .png or .html");
        StringAssert.Contains(Message(() => SpeechReport.Write(Explanation(), scratch.At("x.svg"), "other")),
            "expected one of the targets 'hoarse', 'slow', 'breathy', got 'other'");
    }

    private static string Text(XDocument svg) =>
        string.Join("|", svg.Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value.Trim()));

    internal static SpeechExplanation Explanation(double[]? gradients = null)
    {
        string[] names = ["hoarse", "slow", "breathy"];
        double[] sizes = [1, -2, 0.5];
        return new SpeechExplanation
        {
            Source = "/data/clips/a.wav",
            Seconds = 1,
            WindowSeconds = 0.4,
            HopSeconds = 0.2,
            Audio = MLAudio.FromSamples([.. Enumerable.Range(0, 1000).Select(i => MathF.Sin(i))], 1000),
            Targets = [.. names.Select((n, k) => new ExplainedTarget(n, 1, 0.73, -1))],
            Attributions =
            [
                .. names.SelectMany((n, k) => Enumerable.Range(0, 4).Select(i => new ClipAttribution(
                    ExplanationMethod.TimeOcclusion, n, 0.2 * i, (0.2 * i) + 0.4, null, null, sizes[k] * (i - 1)))),
                .. names.SelectMany((n, k) => Enumerable.Range(0, 10).Select(i => new ClipAttribution(
                    ExplanationMethod.IntegratedGradients, n, 0.1 * i, 0.1 * (i + 1), null, null,
                    (gradients ?? sizes)[k]))),
                .. Enumerable.Range(0, 10).Select(i => new ClipAttribution(
                    ExplanationMethod.Attention, "", 0.1 * i, 0.1 * (i + 1), null, null, 0.1)),
                .. names.SelectMany((n, k) => Enumerable.Range(0, 3).Select(i => new ClipAttribution(
                    ExplanationMethod.BandOcclusion, n, 0, 1, 100 * i, 100 * (i + 1), sizes[k] * i))),
            ],
        };
    }
}
