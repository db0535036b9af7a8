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
            "> epoch  1/10  loss 0.5000  rates 1.0e-5 (encoder), 1.0e-3 (head)  1.0 steps/s  10.0 s, 1:30 left\n"
            + "> epoch  2/10  loss 0.2500  validation: loss 0.3000, accuracy 0.8000 (best)  rates 1.0e-5 (encoder), " +
                "1.0e-3 (head)  1.0 steps/s  20.0 s, 1:20 left\n",
            text.ToString());
    }

    [TestMethod]
    public void Report_ManyFiguresAndNoEncoderRate_WritesThreeAndTheHeadsRate()
    {
        using var text = new StringWriter { NewLine = "\n" };
        string[] names = ["rocAuc", "eer", "accuracy", "f1", "mcc"];
        new TextProgress(text).Report(Steps.Epoch(1, 2, 0.5) with
        {
            EncoderLearningRate = 0,
            Validation = new ValidationMetrics(0.3, names.Select((n, i) => (Name: n, Index: i)).ToDictionary(
                n => n.Name, n => n.Index == 1 ? MetricValue.Because("no labels") : 0.1 * n.Index)),
        });
        StringAssert.StartsWith(text.ToString(), "epoch 1/2  loss 0.5000  validation: loss 0.3000, rocAuc 0.0000, " +
            "accuracy 0.2000, f1 0.3000  rate 1.0e-3  ");
    }

    [TestMethod]
    public void Report_InteractiveOnAConsole_DrawsBlocks()
    {
        using var stream = new MemoryStream();
        // As the console's writers, whose encoding is neither of the two classes.
        using var text = new StreamWriter(stream, new ConsoleLike()) { NewLine = "\n" };
        var progress = new TextProgress(text, new TextProgressOptions { Interactive = true });
        progress.Report(Steps.Step(1, 2, 5, 0.9));
        StringAssert.Contains(Encoding.UTF8.GetString(stream.ToArray()), "██████░░");
    }

    private sealed class ConsoleLike : Encoding
    {
        public override int CodePage => UTF8.CodePage;

        public override int GetByteCount(char[] chars, int index, int count) => UTF8.GetByteCount(chars, index, count);

        public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) =>
            UTF8.GetBytes(chars, charIndex, charCount, bytes, byteIndex);

        public override int GetCharCount(byte[] bytes, int index, int count) => UTF8.GetCharCount(bytes, index, count);

        public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex) =>
            UTF8.GetChars(bytes, byteIndex, byteCount, chars, charIndex);

        public override int GetMaxByteCount(int charCount) => UTF8.GetMaxByteCount(charCount);

        public override int GetMaxCharCount(int byteCount) => UTF8.GetMaxCharCount(byteCount);
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
        Assert.AreEqual("epoch 1/2  loss 0.5000  rates 1.0e-5 (encoder), 1.0e-3 (head)  1.7 s/step  10.0 s, 10.0 s " +
            "left\n", written[3]);
    }
}
