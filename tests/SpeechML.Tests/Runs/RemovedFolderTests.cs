using Microsoft.ML;
using SpeechML.Runs;
using SpeechML.Runs.Appending;
using SpeechML.TestSupport;
using SpeechML.Training;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Runs;

/// <summary>What is written while a folder is taken away, or its disk is full.</summary>
[TestClass]
public sealed class RemovedFolderTests
{
    [TestMethod]
    public void Fit_RunFolderRemoved_IsSaidAtTheEndOfTheEpoch()
    {
        using var scratch = new Scratch();
        var small = new SmallRuns();
        SpeechClassificationOptions options = SmallRuns.Options();
        using SpeechRun run = small.Context.Speech().CreateRun(scratch.At("runs"), options);
        var progress = new StepObserver(step =>
        {
            if (step.Epoch == 1 && Directory.Exists(run.Folder))
            {
                Directory.Delete(run.Folder, recursive: true);
            }
            run.Progress.Report(step);
        });
        DirectoryNotFoundException e = Assert.ThrowsExactly<DirectoryNotFoundException>(() =>
            small.Context.MulticlassClassification.Trainers.SpeechClassification("Key", "Audio", options, progress)
                .Fit(small.Data));
        Assert.StartsWith(
            $"Run folder '{run.Folder}': expected it to stay in place while the run lasts, but 'train_log.jsonl' in " +
            $"it was removed or renamed.",
            e.Message);
    }

    [TestMethod]
    public void Run_FolderRemoved_NoPartOfItIsMadeAnew()
    {
        using var scratch = new Scratch();
        var small = new SmallRuns();
        SpeechClassificationOptions options = SmallRuns.Options();
        using SpeechRun run = small.Context.Speech().CreateRun(
            scratch.At("runs"), options, new SpeechRunOptions { TensorBoard = false });
        using SpeechClassificationTransformer model = small.Fit(SmallRuns.Still(options));
        Directory.Delete(run.Folder, recursive: true);
        string message =
            $"Run folder '{run.Folder}': expected the run to stay in place, got no such folder: it was removed or " +
            $"renamed since the run was opened.";
        SpeechRunColumns columns = TinyRuns.Columns("Key");
        foreach (Action write in new Action[]
        {
            () => run.Evaluate(model, small.Data, columns),
            () => run.RecordData(small.Data, columns),
            () => run.Complete(small.Context, model, small.Data.Schema),
        })
        {
            Assert.AreEqual(message, Assert.ThrowsExactly<DirectoryNotFoundException>(write).Message);
            Assert.IsFalse(Directory.Exists(run.Folder));
        }
    }

    [TestMethod]
    public void Fit_CheckpointFolderRemoved_IsSaidAtTheNextStep()
    {
        using var scratch = new Scratch();
        var small = new SmallRuns();
        SpeechClassificationOptions options = SmallRuns.Options();
        options.Checkpoints.Folder = scratch.At("checkpoints");
        options.Checkpoints.EveryEpochs = 2;
        var steps = new List<long>();
        var progress = new StepObserver(step =>
        {
            steps.Add(step.Step);
            if (step.Step == 1)
            {
                Directory.Delete(options.Checkpoints.Folder, recursive: true);
            }
        });
        DirectoryNotFoundException e = Assert.ThrowsExactly<DirectoryNotFoundException>(() =>
            small.Context.MulticlassClassification.Trainers.SpeechClassification("Key", "Audio", options, progress)
                .Fit(small.Data));
        Assert.AreEqual(
            $"Checkpoints.Folder '{scratch.At("checkpoints")}': expected the folder to stay in place while the run " +
            $"lasts, but 'run.lock' in it was removed or the folder renamed. Checkpoints would be lost: run again.",
            e.Message);
        CollectionAssert.AreEqual(new long[] { 1 }, steps);
    }

    [TestMethod]
    public void Append_DiskFullHalfway_LeavesWholePiecesAndGivesTheRestUp()
    {
        using var disk = new FullDisk(room: 10);
        var file = new WholeAppends(disk);
        file.Append("12345\n"u8, toDisk: true);
        Assert.ThrowsExactly<IOException>(() => file.Append("abcdefgh\n"u8, toDisk: true));
        Assert.AreEqual("12345\n", disk.Text, "cut at once");
        disk.CanCut = false;
        Assert.ThrowsExactly<IOException>(() => file.Append("abcdefgh\n"u8, toDisk: true));
        Assert.AreEqual("12345\nabcd", disk.Text);
        (disk.Room, disk.CanCut) = (100, true);
        file.Append("67\n"u8, toDisk: true);
        Assert.AreEqual("12345\n67\n", disk.Text, "cut before the next");
        Assert.AreEqual(9, file.Length);
    }

    /// <summary>/dev/full takes no byte, as a full disk.</summary>
    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void RunLog_DiskFull_SaysSoOnceAndIsDisposedWithoutAnError()
    {
        using var scratch = new Scratch();
        string path = scratch.At("train_log.jsonl");
        File.CreateSymbolicLink(path, "/dev/full");
        var epochs = new List<RunEpoch>();
        IOException e;
        using (var log = new RunLog(path, null, null, epochs.Add))
        {
            e = Assert.ThrowsExactly<IOException>(() => log.Report(new TrainingProgress(
                1, 2, 3, 6, 0.5, 0.5, 1e-5, 1e-3, 1, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1))));
        }
        Assert.StartsWith($"File '{path}' of a run could not be written. No space left on device", e.Message);
        Assert.IsEmpty(epochs);
    }

    /// <summary>A run that goes on from a checkpoint begins behind no epoch that its log lacks.</summary>
    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void Fit_EpochThatCannotBeLogged_HasNoCheckpoint()
    {
        using var scratch = new Scratch();
        string path = scratch.At("train_log.jsonl");
        File.CreateSymbolicLink(path, "/dev/full");
        SpeechClassificationOptions options = TrainingRuns.Options(scratch.At("checkpoints"));
        options.Epochs = 2;
        using (var log = new RunLog(path, null, null, _ => { }))
        {
            Assert.ThrowsExactly<IOException>(() => TrainingRuns.Fit(options, log));
        }
        File.Delete(path);
        using (var log = new RunLog(path, null, null, _ => { }))
        {
            TrainingRuns.Fit(options, log);
        }
        CollectionAssert.AreEqual(new[] { 1, 2 }, RunEpoch.Read(path).Select(e => e.Epoch).ToArray());
    }

    private sealed class FullDisk(int room) : MemoryStream
    {
        public int Room { get; set; } = room;

        public bool CanCut { get; set; } = true;

        public string Text => System.Text.Encoding.UTF8.GetString(ToArray());

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            int fits = (int)Math.Min(buffer.Length, Math.Max(0, Room - Position));
            base.Write(buffer[..fits]);
            if (fits < buffer.Length)
            {
                throw new IOException("No space left on device");
            }
        }

        public override void SetLength(long value)
        {
            if (!CanCut)
            {
                throw new IOException("Input/output error");
            }
            base.SetLength(value);
        }
    }
}
