using Microsoft.ML;
using SpeechML.TestSupport;
using SpeechML.TestSupport.GoogleCloud;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.GoogleCloud;

/// <summary>Run folders in a bucket: who has one, and how what grows is written.</summary>
[TestClass]
public sealed class StoredRunTests
{
    private static readonly SmallRuns s_small = new();

    [TestMethod]
    public void CreateRun_WhereOneIs_IsRefusedNumberedOrGoneOnWith()
    {
        using var bucket = new TestBucket();
        SpeechMultiLabelOptions training = TinyRuns.MultiLabel();
        using (SpeechRun run = Create(training))
        {
            Assert.AreEqual(("gs://test-bucket/runs/mine", "mine"), (run.Folder, run.Name));
            CollectionAssert.AreEqual(
                new[] { "runs/mine/environment.json", "runs/mine/model_config.json", "runs/mine/train_config.json" },
                bucket.Server.Backend.Names.ToArray());
        }
        var refused = Assert.ThrowsExactly<IOException>(() => Create(training));
        Assert.AreEqual(
            "Run 'gs://test-bucket/runs/mine': expected no run of that name, got one that is there already. Nothing " +
            "was overwritten: give SpeechRunOptions.Name, or set WhenExists to NextNumber or Resume.", refused.Message);
        using (SpeechRun second = Create(training, ExistingRun.NextNumber))
        {
            Assert.AreEqual("gs://test-bucket/runs/mine-2", second.Folder);
        }
        using (SpeechRun same = Create(training, ExistingRun.Resume))
        {
            Assert.AreEqual("gs://test-bucket/runs/mine", same.Folder);
        }
        training.Epochs = 7;
        refused = Assert.ThrowsExactly<IOException>(() => Create(training, ExistingRun.Resume));
        Assert.AreEqual(
            "Run 'gs://test-bucket/runs/mine': expected the settings that it was begun with, got others: Epochs is 2 " +
            "in train_config.json, 7 now. Nothing was overwritten.", refused.Message);
    }

    [TestMethod]
    public void CreateRun_WhileAnotherTakesTheName_TakesTheNext()
    {
        using var bucket = new TestBucket();
        bool taken = false;
        bucket.Server.Storm = request =>
        {
            if (request.Method == "POST" && !taken)
            {
                taken = true;
                bucket.Server.Backend.Put("runs/mine/train_config.json", "theirs"u8.ToArray());
            }
            return null;
        };
        using SpeechRun run = Create(TinyRuns.MultiLabel(), ExistingRun.NextNumber);
        Assert.AreEqual("mine-2", run.Name);
        CollectionAssert.AreEqual("theirs"u8.ToArray(), bucket.Server.Backend["runs/mine/train_config.json"].Bytes);
        Assert.HasCount(1, bucket.Server.Backend.Names.Where(n => n.StartsWith("runs/mine/", StringComparison.Ordinal))
            .ToArray());
    }

    [TestMethod]
    public void CreateRun_ResumeOfOneWhoseMakerEndedAtOnce_WritesWhatIsMissing()
    {
        using var bucket = new TestBucket();
        Create(TinyRuns.MultiLabel()).Dispose();
        Assert.IsTrue(StoragePath.Delete(TestBucket.At("runs/mine/environment.json")));
        using SpeechRun run = Create(TinyRuns.MultiLabel(), ExistingRun.Resume);
        Assert.AreNotEqual("", run.RunEnvironment.OperatingSystem);
    }

    [TestMethod]
    public void Log_IsThereWhenAnEpochEnds_AndIsGoneOnWith()
    {
        using var bucket = new TestBucket();
        using (SpeechRun run = Create(TinyRuns.MultiLabel(), tensorBoard: true))
        {
            run.Progress.Report(Steps.Step(1, 3, 1, 0.6));
            Assert.IsFalse(bucket.Server.Backend.Names.Contains("runs/mine/train_log.jsonl"));
            run.Progress.Report(Steps.Epoch(1, 3, 0.5));
            CollectionAssert.AreEqual(new[] { 0.5 }, SpeechRun.Open(run.Folder).Epochs.Select(e => e.Loss).ToArray());
            string events = bucket.Server.Backend.Names.Single(
                n => n.StartsWith("runs/mine/tensorboard/events.out.tfevents.", StringComparison.Ordinal));
            Assert.HasCount(11, EventFile.Read(StoragePath.Fetch(TestBucket.At(events))));
            run.Progress.Report(Steps.Epoch(2, 3, 0.4));
        }
        byte[] log = bucket.Server.Backend["runs/mine/train_log.jsonl"].Bytes;
        bucket.Server.Backend.Put("runs/mine/train_log.jsonl", log[..^10]); // broken off in its last line
        using (SpeechRun run = Create(TinyRuns.MultiLabel(), ExistingRun.Resume))
        {
            CollectionAssert.AreEqual(new[] { 0.5 }, run.Epochs.Select(e => e.Loss).ToArray());
            run.Progress.Report(Steps.Epoch(2, 3, 0.3));
            CollectionAssert.AreEqual(
                new[] { 0.5, 0.3 }, SpeechRun.Open(run.Folder).Epochs.Select(e => e.Loss).ToArray());
        }
        Assert.AreEqual(2, System.Text.Encoding.UTF8.GetString(bucket.Server.Backend["runs/mine/train_log.jsonl"].Bytes)
            .Count(c => c == '\n'));
    }

    [TestMethod]
    public void Log_TakenOverByAnotherRun_IsNotWrittenByTheFirst()
    {
        using var bucket = new TestBucket();
        SpeechRun first = Create(TinyRuns.MultiLabel());
        first.Progress.Report(Steps.Epoch(1, 3, 0.5));
        using SpeechRun second = Create(TinyRuns.MultiLabel(), ExistingRun.Resume);
        second.Progress.Report(Steps.Epoch(2, 3, 0.3));
        StorageException error =
            Assert.ThrowsExactly<StorageException>(() => first.Progress.Report(Steps.Epoch(2, 3, 0.4)));
        Assert.AreEqual(StorageErrorKind.Conflict, error.Kind);
        StringAssert.StartsWith(error.Message, "'gs://test-bucket/runs/mine/train_log.jsonl': expected generation ");
        first.Dispose(); // tries it no more
        CollectionAssert.AreEqual(
            new[] { 0.5, 0.3 }, SpeechRun.Open(second.Folder).Epochs.Select(e => e.Loss).ToArray());
    }

    [TestMethod]
    public void TensorBoard_FileThatHasGrownLarge_IsLeftForANewOne()
    {
        using var bucket = new TestBucket();
        const int Points = 100_000;
        using (var writer = new TensorBoardWriter(TestBucket.At("board")))
        {
            string first = writer.FilePath;
            for (int i = 0; i < Points; i++)
            {
                writer.AddScalar("loss", i, i);
            }
            writer.Flush();
            Assert.AreNotEqual(first, writer.FilePath);
            writer.AddScalar("loss", 0, Points);
        }
        string[] files = [.. bucket.Server.Backend.Names];
        Assert.HasCount(2, files);
        CollectionAssert.AllItemsAreUnique(bucket.Server.Backend.Writes);
        Assert.AreEqual(Points + 1 + files.Length,
            files.Sum(f => EventFile.Read(StoragePath.Fetch(TestBucket.At(f))).Count));
    }

    [TestMethod]
    public void Open_NoRunThere_SaysSo()
    {
        using var bucket = new TestBucket();
        var error = Assert.ThrowsExactly<DirectoryNotFoundException>(() => SpeechRun.Open(TestBucket.At("runs/none/")));
        Assert.AreEqual(
            "Run 'gs://test-bucket/runs/none/': expected a folder with train_config.json, found no such folder.",
            error.Message);
        bucket.Server.Backend.Put("runs/none/other", [1]);
        error = Assert.ThrowsExactly<DirectoryNotFoundException>(() => SpeechRun.Open(TestBucket.At("runs/none")));
        Assert.AreEqual("Run 'gs://test-bucket/runs/none': expected a folder with train_config.json, found none in it.",
            error.Message);
    }

    private static SpeechRun Create(
        SpeechMultiLabelOptions training, ExistingRun when = ExistingRun.Fail, bool tensorBoard = false) =>
        s_small.Context.Speech()
            .CreateRun(TestBucket.At("runs/"), training,
            new SpeechRunOptions { Name = "mine", WhenExists = when, TensorBoard = tensorBoard });
}
