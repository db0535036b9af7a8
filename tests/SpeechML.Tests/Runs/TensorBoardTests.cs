using SpeechML.Audio.Storage;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Runs;

[TestClass]
public sealed class TensorBoardTests
{
    [TestMethod]
    public void Crc32C_OfTheCheckString_IsTheCheckValue()
    {
        Assert.AreEqual(0xE3069283u, Crc32C.Compute("123456789"u8));
        Assert.AreEqual(0xE3069283u, EventFile.Crc32C("123456789"u8.ToArray()));
    }

    [TestMethod]
    public void Add_EveryKind_IsReadBack()
    {
        using var scratch = new Scratch();
        string path;
        using (var writer = new TensorBoardWriter(scratch.Folder))
        {
            path = writer.FilePath;
            writer.AddScalar("train/loss", 0.25, 3);
            writer.AddText("note", "größer", 300);
            writer.AddPrecisionRecall("a", [true, false, true, false], [0.9, 0.6, 0.5, 0], 1, thresholds: 3);
            writer.AddImage("picture", [1, 2, 3], 20, 10, 2);
        }
        List<EventFile.Message> events = EventFile.Read(path);
        Assert.HasCount(5, events);
        Assert.AreEqual("brain.Event:2", events[0].Text(3));
        Assert.AreEqual(DateTime.UtcNow.Subtract(DateTime.UnixEpoch).TotalSeconds,
            BitConverter.ToDouble(events[0].Bytes(1)), 60);

        (EventFile.Message scalar, long step) = Value(events[1]);
        Assert.AreEqual((3L, "train/loss", 0.25f), (step, scalar.Text(1), BitConverter.ToSingle(scalar.Bytes(2))));

        (EventFile.Message text, step) = Value(events[2]);
        Assert.AreEqual((300L, "note", "größer"), (step, text.Text(1), text.Inner(8).Text(8)));
        Assert.AreEqual(("text", 7L), (text.Inner(9).Inner(1).Text(1), text.Inner(8).Number(1))); // DT_STRING

        (EventFile.Message curve, step) = Value(events[3]);
        Assert.AreEqual((1L, "a", "pr_curves"), (step, curve.Text(1), curve.Inner(9).Inner(1).Text(1)));
        // DT_FLOAT, 6 x 3; version 0 and 3 thresholds; data class tensor.
        Assert.AreEqual((1L, 3L, 2L),
            (curve.Inner(8).Number(1), curve.Inner(9).Inner(1).Inner(2).Number(2), curve.Inner(9).Number(4)));
        CollectionAssert.AreEqual(new byte[] { 0x12, 2, 8, 6, 0x12, 2, 8, 3 }, curve.Inner(8).Bytes(2));
        byte[] content = curve.Inner(8).Bytes(4);
        float[] counts = [.. Enumerable.Range(0, content.Length / 4)
            .Select(i => BitConverter.ToSingle(content, 4 * i))];
        // Thresholds 0, 0.5, 1: true positives, false positives, true negatives, false negatives, precision, recall.
        CollectionAssert.AreEqual(new[] { 2, 2, 0, 2, 1, 0, 0, 1, 2, 0, 0, 2, 0.5f, 2 / 3f, 0, 1, 1, 0 }, counts);

        (EventFile.Message picture, step) = Value(events[4]);
        Assert.AreEqual((2L, 10L, 20L), (step, picture.Inner(4).Number(1), picture.Inner(4).Number(2)));
        CollectionAssert.AreEqual(new byte[] { 1, 2, 3 }, picture.Inner(4).Bytes(4));
    }

    [TestMethod]
    public void Run_TellsTensorBoardLossRatesAndFigures()
    {
        using var scratch = new Scratch();
        var runs = new TinyRuns();
        (SpeechRun run, Microsoft.ML.ITransformer model) = runs.MultiLabelRun(scratch.Folder);
        run.Dispose();
        (model as IDisposable)?.Dispose();
        (string Tag, long Step, EventFile.Message Value)[] values =
            [.. EventFile.Read(Directory.GetFiles(run.TensorBoardFolder).Single()).Skip(1)
            .Select(e => (Value(e).Value.Text(1), Value(e).Step, Value(e).Value))];
        string[] tags = [.. values.Select(v => v.Tag).Distinct()];
        foreach (string tag in new[] { "train/loss", "train/gradient_norm", "rate/encoder", "rate/head", "epoch/loss",
            "validation/loss", "test/rocAuc", "train_config", $"test/{run.Evaluations[0].Labels[0].Label}" })
        {
            CollectionAssert.Contains(tags, tag);
        }
        float[] losses = [.. values.Where(v => v.Tag == "epoch/loss")
            .Select(v => BitConverter.ToSingle(v.Value.Bytes(2)))];
        CollectionAssert.AreEqual(run.Epochs.Select(e => (float)e.Loss).ToArray(), losses);
        CollectionAssert.AreEqual(
            new long[] { 1, 2, 3, 4 }, values.Where(v => v.Tag == "train/loss").Select(v => v.Step).ToArray());
    }

    private static (EventFile.Message Value, long Step) Value(EventFile.Message e) =>
        (e.Inner(5).Inner(1), e.Number(2));
}
