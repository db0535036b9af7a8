using Microsoft.ML;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Sweeps.Tests.Reports;

/// <summary>Sections of a report that not every run has.</summary>
[TestClass]
public sealed class ReportSectionTests
{
    [TestMethod]
    public void Write_ChosenLayersAndPlainModels_HaveTheirTables()
    {
        using var scratch = new Scratch();
        SpeechMultiLabelOptions training = TinyRuns.MultiLabel(SpeechPooling.Mean);
        training.Layers = EncoderLayers.Auto;
        (SpeechRun run, ITransformer model) = new TinyRuns().MultiLabelRun(
            scratch.Folder, new SpeechRunOptions { WorstClips = 0 }, training);
        using var fitted = model as IDisposable;
        using (run)
        {
            string[] labels = [.. run.Evaluations[0].Labels.Select(l => l.Label)];
            run.Add("test",
            [
                One("linear", "", 0.1, 0.02), One("linear", labels[0], -0.1, -0.15) with { Features = "Voice" },
                One("tree", "", 0.1, -0.05),
                new RunBaseline("tree", "test", labels[1], "rocAuc", null, null, null, null, null)
                {
                    Note = "too few clips of one side to learn from",
                },
            ]);
            string html = File.ReadAllText(SpeechReport.Write(run));
            ReportPages.AssertPage(html);
            StringAssert.Contains(html, "<h2>How the layers were chosen</h2>");
            StringAssert.Contains(html, " *</td>");
            StringAssert.Contains(html, "layer 1, mean and deviation");
            StringAssert.Contains(html, "<h2>The network and plain models</h2>");
            StringAssert.Contains(html, "<h3>test: linear model on Voice</h3>");
            StringAssert.Contains(html, ">+0.100</td>");
            StringAssert.Contains(html, ">network better</td>");
            StringAssert.Contains(html, ">plain better</td>");
            StringAssert.Contains(html, ">no difference shown</td>");
            StringAssert.Contains(html, ">too few clips of one side to learn from</td>");
        }

        static RunBaseline One(string model, string label, double difference, double low) => new(
            model, "test", label, "rocAuc", 0.8 + difference, 0.8, difference,
            new RunInterval(low, low + 0.1, 1000, 0), 0.04)
        {
            Features = "Voice",
        };
    }

    [TestMethod]
    public void Write_RunWithoutThem_HasNoSection()
    {
        using var scratch = new Scratch();
        (SpeechRun run, ITransformer model) =
            new TinyRuns().MultiLabelRun(scratch.Folder, new SpeechRunOptions { WorstClips = 0 });
        using var fitted = model as IDisposable;
        run.Dispose();
        string html = File.ReadAllText(SpeechReport.Write(run.Folder));
        Assert.DoesNotContain("How the layers were chosen", html);
        Assert.DoesNotContain("plain models", html);
    }
}
