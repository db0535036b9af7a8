using System.Text;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Runs;

[TestClass]
public sealed class TextProgressTests
{
    [TestMethod]
    public void Report_Plain_WritesALinePerEpoch()
    {
        using var text = new StringWriter { NewLine = "\n" };
        var progress = new TextProgress(text, new TextProgressOptions { Indent = "> " });
        progress.Report(Steps.Step(1, 10, 1, 0.9));
        progress.Report(Steps.Epoch(1, 10, 0.5));
        progress.Report(Steps.Epoch(2, 10, 0.25) with
        {
            Validation = new ValidationMetrics(0.3, new Dictionary<string, MetricValue> { ["accuracy"] = 0.8 }),
            BestEpoch = 2
        });
        Assert.AreEqual(
            "> epoch  1/10  loss 0.5000  rates 1.0e-5, 1.0e-3  1.0 steps/s  10.0 s, 1:30 left\n"
            + "> epoch  2/10  loss 0.2500  validation: loss 0.3000, accuracy 0.8000 (best)  rates 1.0e-5, 1.0e-3  " +
                "1.0 steps/s  20.0 s, 1:20 left\n",
            text.ToString());
    }

    [TestMethod]
    public void Report_MaxLines_LeavesOutEpochsButNotTheLast()
    {
        using var text = new StringWriter { NewLine = "\n" };
        var progress = new TextProgress(text, new TextProgressOptions { MaxLines = 4 });
        for (int epoch = 1; epoch <= 10; epoch++)
        {
            progress.Report(Steps.Epoch(epoch, 10, 0.5));
        }
        string[] epochs = [.. text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line[..11].Trim())];
        CollectionAssert.AreEqual(new[] { "epoch  3/10", "epoch  6/10", "epoch  9/10", "epoch 10/10" }, epochs);
    }

    [TestMethod]
    public void Report_Interactive_WritesOverOneLineThatFitsTheTerminal()
    {
        using var stream = new MemoryStream();
        using var text = new StreamWriter(stream, Encoding.ASCII) { NewLine = "\n" };
        var progress = new TextProgress(text, new TextProgressOptions { Interactive = true, Width = 60 });
        progress.Report(Steps.Step(1, 2, 5, 0.9));
        progress.Report(Steps.Epoch(1, 2, 0.5));
        string[] written = Encoding.ASCII.GetString(stream.ToArray()).Split('\r');
        Assert.AreEqual("######..................  25%  epoch 1/2  5.0 s/step, 15.0 s left"[..59], written[1]);
        Assert.AreEqual(new string(' ', 59), written[2]);
        Assert.AreEqual("epoch 1/2  loss 0.5000  rates 1.0e-5, 1.0e-3  1.7 s/step  10.0 s, 10.0 s left\n", written[3]);
    }
}
