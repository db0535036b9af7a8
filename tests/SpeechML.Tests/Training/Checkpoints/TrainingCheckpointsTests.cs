using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Training.Checkpoints;

/// <summary>Runs that are broken off go on from their checkpoint and end as if nothing had happened.</summary>
[TestClass]
public sealed class TrainingCheckpointsTests
{
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Fit_BrokenOffTwice_EndsWithTheSameBytes(bool augmented)
    {
        using var scratch = new Scratch();
        byte[] whole = TrainingRuns.Fit(TrainingRuns.Options(), augmented: augmented);
        SpeechClassificationOptions options = TrainingRuns.Options(scratch.At("run"));
        options.Checkpoints.EverySteps = 2;

        // Once in the middle of an epoch, once, later, right after one.
        BreakOff(options, step: 5, augmented);
        BreakOff(options, step: 9, augmented);
        var recorder = new TrainingRuns.Recorder();
        byte[] resumed = TrainingRuns.Fit(options, recorder, augmented: augmented);

        Assert.AreEqual(10, recorder.Steps[0].Step);
        CollectionAssert.AreEqual(whole, resumed);
        Assert.HasCount(2, Directory.GetFiles(scratch.At("run"), "step-*"));
    }

    [TestMethod]
    public void Fit_RunThatHasEnded_GivesItsModelAtOnce()
    {
        using var scratch = new Scratch();
        SpeechClassificationOptions options = TrainingRuns.Options(scratch.At("run"));
        options.Checkpoints.EveryEpochs = 3;
        byte[] first = TrainingRuns.Fit(options);
        var recorder = new TrainingRuns.Recorder();
        CollectionAssert.AreEqual(first, TrainingRuns.Fit(options, recorder));
        Assert.HasCount(0, recorder.Steps);
    }

    [TestMethod]
    public void Fit_StoppedEarlyAndStartedAgain_StaysStopped()
    {
        using var scratch = new Scratch();
        SpeechClassificationOptions options = TrainingRuns.Options(scratch.At("run"));
        (options.EarlyStopping.Metric, options.EarlyStopping.MinDelta, options.EarlyStopping.Patience) =
            (SpeechMetrics.Loss.Name, 100, 1);
        byte[] first = TrainingRuns.Fit(options);
        var recorder = new TrainingRuns.Recorder();
        CollectionAssert.AreEqual(first, TrainingRuns.Fit(options, recorder));
        Assert.HasCount(0, recorder.Steps);
    }

    [TestMethod]
    public void Fit_CheckpointOfAnotherRun_NamesWhatDiffersAndLeavesIt()
    {
        using var scratch = new Scratch();
        SpeechClassificationOptions options = TrainingRuns.Options(scratch.At("run"));
        options.Epochs = 1;
        TrainingRuns.Fit(options);
        string file = Directory.GetFiles(scratch.At("run"), "step-*").Single();
        byte[] before = File.ReadAllBytes(file);
        string End = $"Give this run a Checkpoints.Folder of its own, or delete the checkpoints.";

        SpeechClassificationOptions other = TrainingRuns.Options(scratch.At("run"));
        (other.Epochs, other.BatchSize) = (1, 5);
        Assert.AreEqual(
            $"Checkpoint '{file}' is of another run: option BatchSize: expected 2, got 5. {End}",
            Assert.ThrowsExactly<InvalidOperationException>(() => TrainingRuns.Fit(other)).Message);
        Assert.AreEqual(
            $"Checkpoint '{file}' is of another run: training data: expected 10 clips, got 9. {End}",
            Assert.ThrowsExactly<InvalidOperationException>(() => TrainingRuns.Fit(options, clips: 9)).Message);
        Assert.AreEqual(
            $"Checkpoint '{file}' is of another run: validation data: expected 6 clips, got 0. {End}",
            Assert.ThrowsExactly<InvalidOperationException>(() => TrainingRuns.Fit(options, validated: false)).Message);
        CollectionAssert.AreEqual(before, File.ReadAllBytes(file));
    }

    [TestMethod]
    public void Fit_NewestCheckpointBroken_GoesOnFromTheOneBefore()
    {
        using var scratch = new Scratch();
        byte[] whole = TrainingRuns.Fit(TrainingRuns.Options());
        SpeechClassificationOptions options = TrainingRuns.Options(scratch.At("run"));
        BreakOff(options, step: 8);
        string newest = Directory.GetFiles(scratch.At("run"), "step-*").Order().Last();
        using (FileStream file = File.OpenWrite(newest))
        {
            file.SetLength(file.Length / 2);
        }
        var recorder = new TrainingRuns.Recorder();
        CollectionAssert.AreEqual(whole, TrainingRuns.Fit(options, recorder));
        Assert.AreEqual(2, recorder.Steps[0].Epoch);
    }

    [TestMethod]
    public void Fit_FolderThatCannotBeMade_Throws()
    {
        using var scratch = new Scratch();
        File.WriteAllText(scratch.At("file"), "");
        string folder = Path.Combine(scratch.At("file"), "run");
        var error = Assert.ThrowsExactly<IOException>(() => TrainingRuns.Fit(TrainingRuns.Options(folder)));
        StringAssert.StartsWith(
            error.Message,
            "Option Checkpoints.Folder: expected a folder that can be written to and that no other run is using, " +
            $"got '{folder}'. ");
    }

    [TestMethod]
    public void Fit_FolderInUse_Throws()
    {
        using var scratch = new Scratch();
        string folder = scratch.At("run");
        Exception? second = null;
        SpeechClassificationOptions options = TrainingRuns.Options(folder);
        options.Epochs = 1;
        var recorder = new TrainingRuns.Recorder(
            _ => second ??= Assert.ThrowsExactly<IOException>(() => TrainingRuns.Fit(options)));
        TrainingRuns.Fit(options, recorder);
        StringAssert.StartsWith(
            second!.Message,
            "Option Checkpoints.Folder: expected a folder that can be written to and that no other run is using, " +
            $"got '{folder}'. ");
    }

    [TestMethod]
    public void Fit_CheckpointCannotBeWritten_LeavesTheLastGoodOne()
    {
        using var scratch = new Scratch();
        byte[] whole = TrainingRuns.Fit(TrainingRuns.Options());
        SpeechClassificationOptions options = TrainingRuns.Options(scratch.At("run"));
        // The place of the third epoch's checkpoint is taken.
        string taken = scratch.At(Path.Combine("run", "step-0000000009.safetensors"));
        Directory.CreateDirectory(Path.Combine(taken, "x"));
        var error = Assert.ThrowsExactly<IOException>(() => TrainingRuns.Fit(options));
        StringAssert.StartsWith(error.Message, $"Checkpoint '{taken}' could not be written. ");
        CollectionAssert.AreEqual(
            new[] { "step-0000000003.safetensors", "step-0000000006.safetensors" },
            Directory.GetFiles(scratch.At("run"), "step-*").Select(Path.GetFileName).Order().ToArray());

        Directory.Delete(taken, recursive: true);
        CollectionAssert.AreEqual(whole, TrainingRuns.Fit(options));
    }

    private static void BreakOff(SpeechClassificationOptions options, long step, bool augmented = false)
    {
        using var source = new CancellationTokenSource();
        var recorder = new TrainingRuns.Recorder(s =>
        {
            if (s.Step == step)
            {
                source.Cancel();
            }
        });
        Assert.ThrowsExactly<OperationCanceledException>(() =>
            TrainingRuns.Fit(options, recorder, augmented, cancellation: source.Token));
    }
}
