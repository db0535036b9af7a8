using System.Text;
using SpeechML.Sweeps.Running;
using SpeechML.Sweeps.Studies;
using SpeechML.TestSupport;
using SpeechML.Training.Checkpoints;

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

    /// <summary>/dev/full takes no byte, as a full disk.</summary>
    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    [DataRow(false)]
    [DataRow(true)]
    public void Append_DiskFull_PromisedMessageAndTheFolderIsFreeAgain(bool shared)
    {
        using var scratch = new Scratch();
        string folder = scratch.At("s"), file = Path.Combine(folder, StudyLog.FileName);
        Directory.CreateDirectory(folder);
        File.CreateSymbolicLink(file, "/dev/full");
        using (IStudyLog log = shared ? new SharedStudyFile(folder) : StudyLog.Open(folder))
        {
            StudyLogException e = Assert.ThrowsExactly<StudyLogException>(() => log.TryAppend(s_epoch));
            Assert.StartsWith($"Study log '{file}' could not be written. No space left on device", e.Message);
            Assert.EndsWith("Make room and run the sweep again: it goes on from the last whole line.", e.Message);
        }
        File.Delete(file);
        Write(folder, s_epoch);
        Assert.HasCount(1, StudyLog.Read(folder));
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    [DataRow(false)]
    [DataRow(true)]
    public void Append_FolderRemoved_SaysSo(bool shared)
    {
        using var scratch = new Scratch();
        string folder = scratch.At("s");
        using IStudyLog log = shared ? new SharedStudyFile(folder) : StudyLog.Open(folder);
        Assert.IsTrue(log.TryAppend(s_epoch));
        Directory.Delete(folder, recursive: true);
        Assert.AreEqual(
            $"Study log '{Path.Combine(folder, StudyLog.FileName)}': expected the study's folder to stay in place " +
            $"while a sweep runs in it, got one that was removed or renamed. Put it back, or run the sweep again in " +
            $"another.", Assert.ThrowsExactly<StudyLogException>(() => log.TryAppend(s_epoch)).Message);
    }

    /// <summary>Only what another process has open is waited for: other faults last for ever.</summary>
    [TestMethod]
    public void WaitUntilFree_HeldOrBroken_WaitsForTheHeldOneOnly()
    {
        using var scratch = new Scratch();
        string lockFile = scratch.At(CheckpointStorage.LockName);
        TrialFolders.WaitUntilFree(scratch.Folder, CancellationToken.None); // none there
        using (File.Open(lockFile, FileMode.Create, FileAccess.ReadWrite, FileShare.None))
        {
            using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(80));
            Assert.ThrowsExactly<OperationCanceledException>(
                () => TrialFolders.WaitUntilFree(scratch.Folder, soon.Token));
        }
        TrialFolders.WaitUntilFree(scratch.Folder, CancellationToken.None);
        File.Delete(lockFile);
        // A link to itself: an IOException that is no sharing violation, as those of a failing disk are.
        File.CreateSymbolicLink(lockFile, lockFile);
        using var never = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        TrialFolders.WaitUntilFree(scratch.Folder, never.Token);
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
