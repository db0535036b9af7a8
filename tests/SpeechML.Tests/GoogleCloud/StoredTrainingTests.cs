using System.IO.Compression;
using Microsoft.ML;
using SpeechML.Storage;
using SpeechML.Tests.Support;
using SpeechML.Tests.Training;

namespace SpeechML.Tests.GoogleCloud;

/// <summary>A run whose encoder, audio, metadata, split, checkpoints and model are all in a bucket.</summary>
[TestClass]
public sealed class StoredTrainingTests
{
    private const int Clips = 20;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void Fit_AllInABucketWithFaultsThroughout_EndsWithTheSameBytesAsTheLocalRun()
    {
        using var scratch = new Scratch();
        string[] lines = File.ReadAllLines(Path.Combine(RepositoryFiles.Prompts, "metadata.csv"));
        int step = (lines.Length - 1) / Clips;
        string[] some = [lines[0], .. lines.Skip(1).Where((_, i) => i % step == 0).Take(Clips)];
        File.WriteAllLines(scratch.At("metadata.csv"), some);
        byte[] local = Run(scratch.Folder, RepositoryFiles.Prompts, RepositoryFiles.TinyEncoder("hubert-base-like"), "", scratch.At("model.zip"));

        var storm = new FaultStorm(seed: 7, share: 0.3);
        using var bucket = new TestBucket(o => o.RetryDeadline = TimeSpan.FromDays(1));
        bucket.Server.Backend.Put("data/metadata.csv", File.ReadAllBytes(scratch.At("metadata.csv")));
        foreach (string name in some.Skip(1).Select(l => l.Split(',')[0]))
        {
            bucket.Server.Backend.Put($"audio/{name}.wav", File.ReadAllBytes(Path.Combine(RepositoryFiles.Prompts, $"{name}.wav")));
        }
        foreach (string file in Directory.GetFiles(RepositoryFiles.TinyEncoder("hubert-base-like")))
        {
            bucket.Server.Backend.Put($"encoder/{Path.GetFileName(file)}", File.ReadAllBytes(file));
        }
        int put = bucket.Server.Backend.Writes.Count;
        bucket.Server.Backend.PageSize = 7;
        bucket.Server.Storm = storm.Next;
        byte[] Stored(CancellationToken cancellation = default, IProgress<TrainingProgress>? progress = null) =>
            Run(TestBucket.At("data"), TestBucket.At("audio"), TestBucket.At("encoder"), TestBucket.At("run"), TestBucket.At("model.zip"), progress, cancellation);

        // Broken off in the middle of an epoch, and started again on what could be another machine.
        using var source = new CancellationTokenSource();
        Assert.ThrowsExactly<OperationCanceledException>(() => Stored(source.Token, new TrainingRuns.Recorder(s => Cancel(s, source))));
        var recorder = new TrainingRuns.Recorder();
        byte[] stored = Stored(progress: recorder);

        CollectionAssert.AreEqual(local, stored);
        Assert.AreEqual(6, recorder.Steps[0].Step);
        string[] writes = [.. bucket.Server.Backend.Writes.Skip(put).Where(w => w != "run/run.lock")];
        CollectionAssert.AllItemsAreUnique(writes);
        string[] left = [.. bucket.Server.Backend.Names.Where(n => n.StartsWith("run/", StringComparison.Ordinal))];
        Assert.HasCount(2, left);
        Assert.IsTrue(left.All(n => n.EndsWith(".safetensors", StringComparison.Ordinal)), string.Join(", ", left));
        foreach (string name in left.Append("model.zip").Append("data/split.csv"))
        {
            CollectionAssert.AreEqual(bucket.Server.Backend[name].Bytes, StoragePath.ReadAllBytes(TestBucket.At(name)));
        }
        TestContext.WriteLine($"{bucket.Server.Requests.Count} requests; faults: {string.Join(", ", storm.Kinds.Select(k => $"{k.Key} {k.Value}"))}");
        // Which of the nine kinds come up depends on how requests of several threads meet the storm; most do.
        Assert.IsGreaterThan(5, storm.Kinds.Count);
    }

    [TestMethod]
    public void Fit_FolderTakenByAnotherRun_TheFirstStopsBeforeItWritesAgain()
    {
        using var bucket = new TestBucket();
        SpeechClassificationOptions options = TrainingRuns.Options(TestBucket.At("run"));
        options.Epochs = 2;
        options.CheckpointEverySteps = 1;
        byte[]? second = null;
        var recorder = new TrainingRuns.Recorder(s => second ??= s.Step == 2 ? TrainingRuns.Fit(options) : null);
        IOException error = Assert.ThrowsExactly<IOException>(() => TrainingRuns.Fit(options, recorder));
        StringAssert.StartsWith(error.Message, "Checkpoint 'gs://test-bucket/run/step-0000000003.safetensors' could not be written. 'gs://test-bucket/run': expected the folder to be this run's alone, got another run that has taken it ");
        CollectionAssert.AreEqual(TrainingRuns.Fit(TrainingRuns.Options() is var o && (o.Epochs = 2) == 2 ? o : o), second);
    }

    [TestMethod]
    public void Fit_CheckpointOfAnotherRun_IsNamedByItsAddress()
    {
        using var bucket = new TestBucket();
        SpeechClassificationOptions options = TrainingRuns.Options(TestBucket.At("run"));
        options.Epochs = 1;
        TrainingRuns.Fit(options);
        options.BatchSize = 5;
        StringAssert.StartsWith(
            Assert.ThrowsExactly<InvalidOperationException>(() => TrainingRuns.Fit(options)).Message,
            "Checkpoint 'gs://test-bucket/run/step-0000000003.safetensors' is of another run: option BatchSize: expected 2, got 5. ");
    }

    private static void Cancel(TrainingProgress progress, CancellationTokenSource source)
    {
        if (progress.Step == 5)
        {
            source.Cancel();
        }
    }

    /// <summary>Metadata, split, audio, training, model: all by path, whatever the paths are.</summary>
    private static byte[] Run(string data, string audio, string encoder, string checkpoints, string modelPath, IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        var mlContext = new MLContext(seed: 1);
        var columns = new SpeechMetadataColumns { AudioKey = "original_audio_id", Subject = "subject", Task = "task_name" };
        SpeechMetadata metadata = SpeechMetadata.Load(StoragePath.Combine(data, "metadata.csv"), columns);
        string splitFile = StoragePath.Combine(data, "split.csv");
        metadata.Split(new SubjectSplitOptions { Train = 0.6, Validation = 0.4, Test = 0 }, threshold: 2).Save(splitFile);
        IDataView all = mlContext.Speech().LoadMetadata(metadata);
        SpeechDataSplit split = mlContext.Speech().ApplySplit(all, SubjectSplit.Load(splitFile), "original_audio_id");

        SpeechClassificationOptions options = TrainingRuns.Options(checkpoints);
        (options.Encoder, options.Epochs, options.CheckpointEverySteps) = (encoder, 3, 5);
        var load = mlContext.Transforms.LoadAudio("Audio", audio, "original_audio_id")
            .Append(mlContext.Transforms.ResampleAudio("Audio", 16_000))
            .Append(mlContext.Transforms.Conversion.MapValueToKey("Label", "language"))
            .Fit(all);
        var trainer = mlContext.MulticlassClassification.Trainers.SpeechClassification("Label", "Audio", options, progress, cancellation);
        using var model = trainer.Fit(load.Transform(split.Train), load.Transform(split.Validation));
        mlContext.Speech().SaveModel(model, null, modelPath);
        using var loaded = (IDisposable)mlContext.Speech().LoadModel(modelPath, out _);
        using var archive = new ZipArchive(StoragePath.OpenRead(modelPath));
        using Stream weights = archive.Entries.Single(e => e.Name == "weights.safetensors").Open();
        using var bytes = new MemoryStream();
        weights.CopyTo(bytes);
        return bytes.ToArray();
    }
}
