using System.IO.Compression;
using Microsoft.ML;
using SpeechML.TestSupport;
using SpeechML.TestSupport.GoogleCloud;
using SpeechML.TrainingSupport;

namespace SpeechML.Sweeps.Tests.GoogleCloud;

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
        SortedDictionary<string, string> local =
            Run(scratch.Folder, RepositoryFiles.Prompts, RepositoryFiles.TinyEncoder("hubert-base-like"),
            scratch.At("runs"));

        var storm = new FaultStorm(seed: 7, share: 0.3);
        using var bucket = new TestBucket(o => o.RetryDeadline = TimeSpan.FromDays(1));
        bucket.Server.Backend.Put("data/metadata.csv", File.ReadAllBytes(scratch.At("metadata.csv")));
        foreach (string name in some.Skip(1).Select(l => l.Split(',')[0]))
        {
            bucket.Server.Backend.Put(
                $"audio/{name}.wav", File.ReadAllBytes(Path.Combine(RepositoryFiles.Prompts, $"{name}.wav")));
        }
        foreach (string file in Directory.GetFiles(RepositoryFiles.TinyEncoder("hubert-base-like")))
        {
            bucket.Server.Backend.Put($"encoder/{Path.GetFileName(file)}", File.ReadAllBytes(file));
        }
        int put = bucket.Server.Backend.Writes.Count;
        bucket.Server.Backend.PageSize = 7;
        bucket.Server.Storm = storm.Next;
        SortedDictionary<string, string> Stored(
            CancellationToken cancellation = default, IProgress<TrainingProgress>? progress = null) =>
            Run(TestBucket.At("data"), TestBucket.At("audio"), TestBucket.At("encoder"), TestBucket.At("runs"),
                progress, cancellation);

        // Broken off in the middle of an epoch, and started again on what could be another machine.
        using var source = new CancellationTokenSource();
        Assert.ThrowsExactly<OperationCanceledException>(() =>
            Stored(source.Token, new TrainingRuns.Recorder(s => Cancel(s, source))));
        var recorder = new TrainingRuns.Recorder();
        SortedDictionary<string, string> stored = Stored(progress: recorder);

        Assert.AreEqual(string.Join('\n', local.Keys), string.Join('\n', stored.Keys));
        foreach ((string name, string content) in local)
        {
            Assert.AreEqual(content, stored[name], name);
        }
        Assert.AreEqual(6, recorder.Steps[0].Step);
        string[] written = [.. bucket.Server.Backend.Writes.Skip(put)];
        // What grows, what is judged again and again and the lock are written more than once; the rest once.
        string[] once = [.. written.Where(
            w => w.EndsWith(".safetensors", StringComparison.Ordinal) || w.EndsWith(".wav", StringComparison.Ordinal)
            || w.EndsWith(".zip", StringComparison.Ordinal) || w == "runs/r/train_config.json"
            || w == "data/split.csv")];
        CollectionAssert.AllItemsAreUnique(once);
        string[] checkpoints = [.. bucket.Server.Backend.Names.Where(
            n => n.StartsWith("runs/r/last/", StringComparison.Ordinal))];
        Assert.HasCount(2, checkpoints);
        Assert.IsTrue(checkpoints.All(n => n.EndsWith(".safetensors", StringComparison.Ordinal)),
            string.Join(", ", checkpoints));
        foreach (string name in bucket.Server.Backend.Names.Where(n => n.StartsWith("runs/", StringComparison.Ordinal)))
        {
            CollectionAssert.AreEqual(
                bucket.Server.Backend[name].Bytes, StoragePath.ReadAllBytes(TestBucket.At(name)), name);
        }
        TestContext.WriteLine(
            $"{bucket.Server.Requests.Count} requests; faults: " +
            $"{string.Join(", ", storm.Kinds.Select(k => $"{k.Key} {k.Value}"))}");
        // Which of the nine kinds come up depends on how requests of several threads meet the storm; most do.
        Assert.IsGreaterThan(5, storm.Kinds.Count);
    }

    [TestMethod]
    public void Fit_FolderTakenByAnotherRun_TheFirstStopsBeforeItWritesAgain()
    {
        using var bucket = new TestBucket();
        SpeechClassificationOptions options = TrainingRuns.Options(TestBucket.At("run"));
        options.Epochs = 2;
        options.Checkpoints.EverySteps = 1;
        byte[]? second = null;
        var recorder = new TrainingRuns.Recorder(s => second ??= s.Step == 2 ? TrainingRuns.Fit(options) : null);
        IOException error = Assert.ThrowsExactly<IOException>(() => TrainingRuns.Fit(options, recorder));
        StringAssert.StartsWith(
            error.Message,
            "Checkpoint 'gs://test-bucket/run/step-0000000002.safetensors' could not be written. " +
            "'gs://test-bucket/run': expected the folder to be this run's alone, got another run that has taken it ");
        CollectionAssert.AreEqual(
            TrainingRuns.Fit(TrainingRuns.Options() is var o && (o.Epochs = 2) == 2 ? o : o), second);
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
            "Checkpoint 'gs://test-bucket/run/step-0000000003.safetensors' is of another run: option BatchSize: " +
            "expected 2, got 5. ");
    }

    private static void Cancel(TrainingProgress progress, CancellationTokenSource source)
    {
        if (progress.Step == 5)
        {
            source.Cancel();
        }
    }

    /// <summary>
    /// Metadata, split, audio, checkpoints, run folder, model, report: all by path, whatever the paths are. Gives the
    /// run's files by name, without times and places.
    /// </summary>
    private static SortedDictionary<string, string> Run(
        string data, string audio, string encoder, string runs, IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        var mlContext = new MLContext(seed: 1);
        var columns = new SpeechMetadataColumns
        {
            AudioKey = "original_audio_id",
            Subject = "subject",
            Task = "task_name"
        };
        SpeechMetadata metadata = SpeechMetadata.Load(StoragePath.Combine(data, "metadata.csv"), columns);
        string splitFile = StoragePath.Combine(data, "split.csv");
        metadata.Split(new SubjectSplitOptions { Train = 0.6, Validation = 0.4, Test = 0 }, threshold: 2)
            .Save(splitFile);
        IDataView all = mlContext.Speech().LoadMetadata(metadata);
        SpeechDataSplit split = mlContext.Speech().ApplySplit(all, SubjectSplit.Load(splitFile), "original_audio_id");

        SpeechClassificationOptions options = TrainingRuns.Options(StoragePath.Combine(runs, "r/last"));
        (options.Encoder, options.Epochs, options.Checkpoints.EverySteps) = (encoder, 3, 5);
        using SpeechRun run = mlContext.Speech()
            .CreateRun(runs, options,
            new SpeechRunOptions
            {
                Name = "r",
                WhenExists = ExistingRun.Resume,
                Progress = progress,
                WorstClips = 2,
                Resamples = 20
            });
        var load = mlContext.Transforms.LoadAudio("Audio", audio, "original_audio_id")
            .Append(mlContext.Transforms.ResampleAudio("Audio", 16_000))
            .Append(mlContext.Transforms.Conversion.MapValueToKey("Label", "language"))
            .Fit(all);
        var trainer = mlContext.MulticlassClassification.Trainers.SpeechClassification(
            "Label", "Audio", options, run.Progress, cancellation);
        using var model = trainer.Fit(load.Transform(split.Train), load.Transform(split.Validation));
        var read = new SpeechRunColumns { AudioKey = "original_audio_id", Subject = "subject" };
        run.RecordData(load.Transform(split.Train), read);
        run.Evaluate(model, load.Transform(split.Validation), read, "validation", cancellation);
        run.Complete(mlContext, model, load.Transform(split.Train).Schema);
        SpeechReport.Write(run);

        SpeechRun opened = SpeechRun.Open(run.Folder);
        CollectionAssert.AreEqual(run.Predictions.ToArray(), opened.Predictions.ToArray());
        using var loaded = (IDisposable)mlContext.Speech().LoadModel(opened.ModelFile!, out _);
        return Files(run.Folder, encoder, runs, splitFile);
    }

    /// <summary>
    /// Files as text: bytes in base64, places replaced, what tells times, memory or a machine left out.
    /// </summary>
    private static SortedDictionary<string, string> Files(string run, string encoder, string runs, string splitFile)
    {
        string Placeless(byte[] bytes) =>
            System.Text.Encoding.UTF8.GetString(bytes).Replace(encoder, "ENCODER", StringComparison.Ordinal)
            .Replace("\\u2026/" + Path.GetFileName(encoder), "ENCODER", StringComparison.Ordinal)
            .Replace(runs, "RUNS", StringComparison.Ordinal)
            .Replace("\\u2026/last", "RUNS/r/last", StringComparison.Ordinal);
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["split.csv"] =
            StoragePath.ReadAllText(splitFile)
        };
        // which a disk keeps
        foreach (string path in StoragePath.List(run).Where(p => StoragePath.FileName(p) != "run.lock"))
        {
            string name = path[(run.Length + 1)..].Replace('\\', '/');
            byte[] bytes = StoragePath.ReadAllBytes(path);
            if (name.StartsWith("tensorboard/", StringComparison.Ordinal))
            {
                // A file per attempt; what they hold is tested where they are written.
                files["tensorboard/"] = "";
            }
            else if (name == "train_log.jsonl")
            {
                files[name] = string.Join('\n',
                    SpeechRun.Open(run).Epochs.Select(
                    e => e with { Seconds = 0, MemoryMiB = 0, GradientNorm = 0, LargestGradientNorm = 0 }));
            }
            else if (name.EndsWith(".zip", StringComparison.Ordinal))
            {
                using var archive = new ZipArchive(new MemoryStream(bytes));
                // The padding before the weights depends on the lengths of what tells places.
                foreach (ZipArchiveEntry entry in archive.Entries.Where(e => e.Name != "padding"))
                {
                    using Stream content = entry.Open();
                    using var copy = new MemoryStream();
                    content.CopyTo(copy);
                    files[$"{name}/{entry.FullName}"] = entry.Name.EndsWith(".json", StringComparison.Ordinal)
                        ? Placeless(copy.ToArray()) : Convert.ToBase64String(copy.ToArray());
                }
            }
            else
            {
                // times, norms of the steps since the break, ids that count up in a process
                string text = name is "environment.json" or "report.html"
                    || name.StartsWith("figures/gradients", StringComparison.Ordinal)
                    || name.EndsWith(".svg", StringComparison.Ordinal) ? ""
                    : name.EndsWith(".json", StringComparison.Ordinal) ? Placeless(bytes)
                    // the header of a checkpoint tells places
                    : name.EndsWith(".safetensors", StringComparison.Ordinal)
                        ? Convert.ToBase64String(bytes.AsSpan(8 + BitConverter.ToInt32(bytes)))
                    : Convert.ToBase64String(bytes);
                files[name] = text;
            }
        }
        return files;
    }
}
