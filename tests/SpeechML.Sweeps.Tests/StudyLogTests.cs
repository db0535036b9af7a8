using System.Text;
using SpeechML.Sweeps.Studies;
using SpeechML.TestSupport;

namespace SpeechML.Sweeps.Tests;

[TestClass]
public sealed class StudyLogTests
{
    private static readonly EpochEnded s_epoch =
        new(1, 0, 2, 9, 14, 0.1 + 0.2,
            new ValidationMetrics(double.NaN, new Dictionary<string, MetricValue> { ["accuracy"] = 0.5 }), 1, 1.5,
            123456789);

    [TestMethod]
    public void Append_ThenOpen_GivesTheSameEvents()
    {
        using var scratch = new Scratch();
        StudyEvent[] events =
        [
            new StudyBegun(1, new Dictionary<string, string> { ["seed"] = "3" }),
            new TrialBegun(1, new Dictionary<string, System.Text.Json.JsonElement>()),
            s_epoch,
            new RunEnded(1, 0, 0.123456789012345678),
            new TrialEnded(1, SweepTrialState.Failed, 2, "IOException: a line\nand \"another\""),
        ];
        Write(scratch.At("s"), events);
        Assert.HasCount(events.Length, File.ReadAllLines(Path.Combine(scratch.At("s"), StudyLog.FileName)));
        using var log = StudyLog.Open(scratch.At("s"));
        Assert.AreEqual(s_epoch, log.Events[2]);
        Assert.AreEqual(events[3], log.Events[3]);
        Assert.AreEqual(events[4], log.Events[4]);
        Assert.AreEqual("3", ((StudyBegun)log.Events[0]).Identity["seed"]);
        Assert.HasCount(events.Length, StudyLog.Read(scratch.At("s")), "while it is open elsewhere");
    }

    [TestMethod]
    public void Open_CutAtEveryByte_KeepsTheWholeLines()
    {
        using var scratch = new Scratch();
        string file = Path.Combine(scratch.At("s"), StudyLog.FileName);
        Write(scratch.At("s"), new RunEnded(1, 0, 1), s_epoch);
        byte[] whole = File.ReadAllBytes(file);
        int first = Array.IndexOf(whole, (byte)'\n') + 1;
        for (int length = 0; length <= whole.Length; length++)
        {
            File.WriteAllBytes(file, whole[..length]);
            int expected = length < first ? 0 : length < whole.Length ? 1 : 2;
            Write(scratch.At("s"), new RunEnded(9, 9, 9));
            using var log = StudyLog.Open(scratch.At("s"));
            Assert.HasCount(expected + 1, log.Events, $"cut at {length}");
            Assert.AreEqual(9, ((RunEnded)log.Events[^1]).Trial);
        }
    }

    [TestMethod]
    public void Open_LastLineOfZeros_IsCutOff()
    {
        using var scratch = new Scratch();
        Write(scratch.At("s"), new RunEnded(1, 0, 1));
        using (FileStream file = File.Open(Path.Combine(scratch.At("s"), StudyLog.FileName), FileMode.Append))
        {
            file.Write([0, 0, 0, 0, (byte)'\n']);
        }
        using var log = StudyLog.Open(scratch.At("s"));
        Assert.HasCount(1, log.Events);
    }

    [TestMethod]
    public void Open_BrokenInTheMiddle_NamesTheLine()
    {
        using var scratch = new Scratch();
        Write(scratch.At("s"), new RunEnded(1, 0, 1), new RunEnded(1, 1, 1));
        string file = Path.Combine(scratch.At("s"), StudyLog.FileName);
        string[] lines = File.ReadAllLines(file);
        File.WriteAllText(file, $"{lines[0]}\n{{\"event\":\"rum\"}}\n{lines[1]}\n", new UTF8Encoding(false));
        InvalidDataException e = Assert.ThrowsExactly<InvalidDataException>(() => StudyLog.Open(scratch.At("s")));
        Assert.StartsWith(
            $"Study log '{file}', line 2: expected an event of a study as JSON, got '{{\"event\":\"rum\"}}'.",
            e.Message);
    }

    [TestMethod]
    public void Open_Twice_RefusesTheSecond()
    {
        using var scratch = new Scratch();
        using (StudyLog.Open(scratch.At("s")))
        {
            IOException e = Assert.ThrowsExactly<IOException>(() => StudyLog.Open(scratch.At("s")));
            Assert.StartsWith(
                $"Study '{scratch.At("s")}': expected a folder that can be written to and that no other process is " +
                $"running a sweep in, got '{scratch.At("s")}'.", e.Message);
        }
        StudyLog.Open(scratch.At("s")).Dispose();
    }

    private static void Write(string folder, params StudyEvent[] events)
    {
        using var log = StudyLog.Open(folder);
        foreach (StudyEvent entry in events)
        {
            log.Append(entry);
        }
    }
}
