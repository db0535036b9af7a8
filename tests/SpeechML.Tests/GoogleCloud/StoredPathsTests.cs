using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Audio;
using SpeechML.Encoders;
using SpeechML.TestSupport;
using SpeechML.TestSupport.GoogleCloud;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.GoogleCloud;

/// <summary><c>gs://</c> addresses wherever a path is taken.</summary>
[TestClass]
public sealed class StoredPathsTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow("gs://test-bucket/clips", "{0}", "clips/{0}.wav", AudioLayout.Any)]
    [DataRow("gs://test-bucket/clips/", "{0}", "clips/{0}/waveform.wav", AudioLayout.Structured)]
    [DataRow("gs://test-bucket", "sub/{0}.wav", "sub/{0}.wav", AudioLayout.Flat)]
    [DataRow(null, "gs://test-bucket/clips/{0}.wav", "clips/{0}.wav", AudioLayout.Any)]
    [DataRow(null, "gs://test-bucket/clips/{0}", "clips/{0}/waveform.wav", AudioLayout.Any)]
    public void LoadAudio_FromABucket_IsWhatTheFilesAre(
        string? folder, string column, string objects, AudioLayout layout)
    {
        using var bucket = new TestBucket();
        var mlContext = new MLContext(seed: 1);
        List<PromptRow> rows = Prompts.Rows(6);
        foreach (PromptRow row in rows)
        {
            bucket.Server.Backend.Put(
                string.Format(null, objects, row.Path),
                File.ReadAllBytes(Path.Combine(RepositoryFiles.Prompts, row.Path + ".wav")));
        }
        bucket.Server.Backend.Put("clips/", []); // marks a folder, as the console does
        IDataView data = mlContext.Data.LoadFromEnumerable(
            rows.Select(r => new PromptRow { Path = string.Format(null, column, r.Path) }));
        var load = mlContext.Transforms.LoadAudio("Audio", folder, "Path", new AudioLoadingOptions { Layout = layout })
            .Fit(data);
        MLAudio[] got = [.. load.Transform(data).GetColumn<MLAudio>("Audio")];
        Assert.HasCount(6, got);
        for (int i = 0; i < got.Length; i++)
        {
            CollectionAssert.AreEqual(
                MLAudio.FromFile(Path.Combine(RepositoryFiles.Prompts, rows[i].Path + ".wav")).Samples.ToArray(),
                got[i].Samples.ToArray());
            Assert.AreEqual(TestBucket.At(string.Format(null, objects, rows[i].Path)), got[i].Source);
            Assert.AreEqual(got[i].Source,
                AudioPath.Resolve(folder, string.Format(null, column, rows[i].Path), layout));
        }
        CollectionAssert.AreEqual(got[0].Samples.ToArray(), MLAudio.FromFile(got[0].Source!).Samples.ToArray());
        using PredictionEngine<PromptRow, Loaded> engine =
            mlContext.Model.CreatePredictionEngine<PromptRow, Loaded>(load);
        Assert.AreEqual(got[2].Length,
            engine.Predict(new PromptRow { Path = string.Format(null, column, rows[2].Path) }).Audio!.Length);
    }

    [TestMethod]
    public void LoadAudio_ClipThatIsNotThere_NamesFolderAndPlaces()
    {
        using var bucket = new TestBucket();
        var mlContext = new MLContext(seed: 1);
        IDataView data = mlContext.Data.LoadFromEnumerable(new[] { new PromptRow { Path = "none" } });
        var load = mlContext.Transforms.LoadAudio("Audio", TestBucket.At("clips"), "Path").Fit(data);
        AudioException error = Assert.ThrowsExactly<AudioException>(() => load.Transform(data)
            .GetColumn<MLAudio>("Audio").ToArray());
        Assert.AreEqual(AudioErrorKind.NotFound, error.Kind);
        StringAssert.StartsWith(
            error.Message,
            "'none': expected an audio file in folder 'gs://test-bucket/clips', got none of 'none.*', " +
            "'none/waveform.*' (.* is .wav, ");
    }

    [TestMethod]
    public void LoadAudio_AfterTheList_FindsWhatCameLater()
    {
        using var bucket = new TestBucket();
        bucket.Server.Backend.Put(
            "clips/a.wav", File.ReadAllBytes(Path.Combine(RepositoryFiles.Prompts, "en00-01.wav")));
        var stored = new StoredAudio(TestBucket.At("clips"), AudioLayout.Any);
        stored.Fetch("a", indexed: true, default);
        bucket.Server.Backend.Put("clips/b/waveform.wav", bucket.Server.Backend["clips/a.wav"].Bytes);
        Assert.AreEqual(TestBucket.At("clips/b/waveform.wav"), stored.Fetch("b", indexed: true, default).Address);
    }

    [TestMethod]
    public async Task FetchAsync_WholeNameWithoutACopy_DoesNotWaitForTheList()
    {
        using var bucket = new TestBucket();
        bucket.Server.Backend.Put(
            "clips/a.wav", File.ReadAllBytes(Path.Combine(RepositoryFiles.Prompts, "en00-01.wav")));
        bucket.Server.Break(r => r.IsList, new GcsFault { Delay = TimeSpan.FromSeconds(3) });
        var stored = new StoredAudio(TestBucket.At("clips"), AudioLayout.Any);
        var clock = Stopwatch.StartNew();
        Task<(string File, string Address)> whole = stored.FetchAsync("a.wav", indexed: true, default),
            stem = stored.FetchAsync("a", indexed: true, default);
        Assert.AreEqual(TestBucket.At("clips/a.wav"), (await whole).Address);
        Assert.IsFalse(stem.IsCompleted, "a name without an extension is looked for in the list");
        Assert.IsLessThan(2.9, clock.Elapsed.TotalSeconds);
        Assert.AreEqual((await whole).File, (await stem).File);
        // With a copy here the list is all that is asked for.
        int before = bucket.Server.Requests.Count;
        _ = await new StoredAudio(TestBucket.At("clips"), AudioLayout.Any).FetchAsync("a.wav", indexed: true, default);
        Assert.IsTrue(bucket.Server.Requests.Skip(before).All(r => r.IsList));
    }

    [TestMethod]
    public void LoadAudio_FiveHundredClipsWithLatency_AreBroughtManyAtATime() => _ = Measure(44_100, null);

    /// <summary>With an encoder, as a run reads its clips; the figure of the documentation.</summary>
    [TestMethod]
    [TestCategory("Benchmark")]
    public void EncodeSpeech_FiveHundredClipsWithLatency_HidesIt()
    {
        if (Environment.GetEnvironmentVariable("SPEECHML_BENCHMARK") is null)
        {
            Assert.Inconclusive("A measurement: set SPEECHML_BENCHMARK to run it.");
        }
        Measure(16_000, "hubert-base-like");
    }

    /// <summary>What the number of transfers at a time brings, in turns; the figures of the documentation.</summary>
    [TestMethod]
    [TestCategory("Benchmark")]
    public void LoadAudio_FiveHundredClipsWithLatency_ByParallelReads()
    {
        if (Environment.GetEnvironmentVariable("SPEECHML_BENCHMARK") is null)
        {
            Assert.Inconclusive("A measurement: set SPEECHML_BENCHMARK to run it.");
        }
        const int Rounds = 7;
        int[] parallel = [16, 64, 256];
        var found = parallel.ToDictionary(p => p, _ => new List<(Cost Local, Cost Stored)>());
        for (int round = 0; round < Rounds; round++)
        {
            foreach (int reads in parallel)
            {
                found[reads].Add(Measure(44_100, null, reads));
            }
        }
        static double Median(IEnumerable<double> values) => values.Order().ElementAt(Rounds / 2);
        foreach ((int reads, List<(Cost Local, Cost Stored)> costs) in found)
        {
            double[] ratios = [.. costs.Select(c => c.Stored.Time / c.Local.Time).Order()];
            TestContext.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{reads} at a time: {ratios[Rounds / 2]:F2} times local ({ratios[0]:F2} to {ratios[^1]:F2}); " +
                $"seconds {Median(costs.Select(c => c.Local.Time.TotalSeconds)):F2} and " +
                $"{Median(costs.Select(c => c.Stored.Time.TotalSeconds)):F2}; of processors " +
                $"{Median(costs.Select(c => c.Local.Processors.TotalSeconds)):F2} and, with the server's, " +
                $"{Median(costs.Select(c => c.Stored.Processors.TotalSeconds)):F2}"));
        }
    }

    /// <summary>What a reading took, on the clock and of all processors.</summary>
    private sealed record Cost(TimeSpan Time, TimeSpan Processors);

    private (Cost Local, Cost Stored) Measure(int rate, string? encoder, int? parallelReads = null)
    {
        const int Clips = 500;
        var latency = TimeSpan.FromMilliseconds(50);
        using var scratch = new Scratch();
        using var bucket = new TestBucket(o => o.ParallelReads = parallelReads ?? o.ParallelReads);
        var mlContext = new MLContext(seed: 1);
        string[] prompts = Directory.GetFiles(RepositoryFiles.Prompts, "*.wav").Order(StringComparer.Ordinal).ToArray();
        byte[][] contents = [.. prompts.Select(File.ReadAllBytes)];
        for (int i = 0; i < Clips; i++)
        {
            bucket.Server.Backend.Put($"clips/c{i:D4}.wav", contents[i % contents.Length]);
            File.WriteAllBytes(scratch.At($"c{i:D4}.wav"), contents[i % contents.Length]);
        }
        bucket.Server.Backend.Put("warm/c0000.wav", contents[0]);
        (Cost Cost, long Samples) Read(string folder, int clips = Clips)
        {
            IDataView data = mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, clips)
                .Select(i => new PromptRow { Path = $"c{i:D4}" }));
            var audio = mlContext.Transforms.LoadAudio("Audio", folder, "Path")
                .Append(mlContext.Transforms.ResampleAudio("Audio", rate));
            ITransformer load = encoder is null
                ? audio.Fit(data)
                : audio.Append(mlContext.Transforms.EncodeSpeech(
                    "Features", RepositoryFiles.TinyEncoder(encoder))).Fit(data);
            using var loaded = load as IDisposable;
            TimeSpan before = Environment.CpuUsage.TotalTime;
            var watch = Stopwatch.StartNew();
            IDataView read = load.Transform(data);
            long samples = encoder is null ? read.GetColumn<MLAudio>("Audio").Sum(a => (long)a.Length)
                : read.GetColumn<float[]>("Features").Count();
            return (new Cost(watch.Elapsed, Environment.CpuUsage.TotalTime - before), samples);
        }
        Read(scratch.Folder, 1);
        Read(TestBucket.At("warm"), 1); // what a process's first request costs is not what is measured
        int before = bucket.Media.Count();
        bucket.Server.Latency = latency;
        (Cost local, long samples) = Read(scratch.Folder);
        (Cost stored, long same) = Read(TestBucket.At("clips"));
        (Cost again, _) = Read(TestBucket.At("clips"));
        TestContext.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Clips} clips: local {local.Time.TotalSeconds:F2} s, bucket at {latency.TotalMilliseconds} ms " +
            $"{stored.Time.TotalSeconds:F2} s, again from the cache {again.Time.TotalSeconds:F2} s; one at a time " +
            $"{Clips * latency.TotalSeconds} s of latency alone"));
        Assert.AreEqual(samples, same);
        Assert.AreEqual(Clips, bucket.Media.Count() - before);
        Assert.AreEqual(3, bucket.Server.Requests.Count(r => r.IsList)); // one each time
        Assert.IsTrue(bucket.Server.MaxAtATime >= Math.Min(16, bucket.Options.ParallelReads / 2)
            && bucket.Server.MaxAtATime <= bucket.Options.ParallelReads, $"{bucket.Server.MaxAtATime} at a time");
        return (local, stored);
    }

    [TestMethod]
    public void CheckData_FromABucket_IsWhatTheFilesAreWithOneListAndOneRequestEach()
    {
        const int Clips = 40;
        using var bucket = new TestBucket();
        var mlContext = new MLContext(seed: 1);
        List<PromptRow> rows = Prompts.Rows(Clips);
        foreach (PromptRow row in rows.Skip(1))
        {
            bucket.Server.Backend.Put(
                $"clips/{row.Path}.wav", File.ReadAllBytes(Path.Combine(RepositoryFiles.Prompts, row.Path + ".wav")));
        }
        SpeechDataReport Check(string folder) =>
            mlContext.Speech().CheckData(
            mlContext.Data.LoadFromEnumerable(rows),
            new SpeechDataCheckOptions { AudioKeyColumnName = "Path", AudioFolder = folder });
        bucket.Server.Latency = TimeSpan.FromMilliseconds(5);
        SpeechDataReport local = Check(RepositoryFiles.Prompts), stored = Check(TestBucket.At("clips"));
        SpeechDataFinding missing = stored.Findings.Single();
        Assert.AreEqual(SpeechDataProblem.MissingFile, missing.Problem);
        StringAssert.StartsWith(
            missing.Message,
            $"'{rows[0].Path}': expected an audio file in folder 'gs://test-bucket/clips', got none of ");
        Assert.IsTrue(local.IsClean, local.ToString());
        Assert.AreEqual(Clips - 1, stored.SampleRates.Sum(r => r.Clips));
        Assert.AreEqual(local.Longest, stored.Longest);
        Assert.AreEqual(Clips - 1, bucket.Media.Count());
        Assert.IsGreaterThan(4, bucket.Server.MaxAtATime);
    }

    [TestMethod]
    public void MetadataAndSplit_InABucket_AreReadAndWritten()
    {
        using var bucket = new TestBucket();
        bucket.Server.Backend.Put("meta.csv", "key,who\na,x\nb,y\nc,z\n"u8.ToArray());
        SpeechMetadata metadata =
            SpeechMetadata.Load(TestBucket.At("meta.csv"),
            new SpeechMetadataColumns { AudioKey = "key", Subject = "who" });
        SubjectSplit split = SubjectSplit.Create(
            [.. metadata.Rows.Select(r => r.AudioKey)], [.. metadata.Rows.Select(r => r.Subject)], [],
            new SubjectSplitOptions());
        foreach (string name in new[] { "splits/one.csv", "splits/one.json" })
        {
            split.Save(TestBucket.At(name));
            split.Save(TestBucket.At(name)); // the same once more
            SubjectSplit loaded = SubjectSplit.Load(TestBucket.At(name));
            CollectionAssert.AreEquivalent(
                split.Keys.Zip(split.Parts).ToArray(), loaded.Keys.Zip(loaded.Parts).ToArray());
            Assert.AreEqual("one", loaded.Name);
            var other = new SubjectSplit("other", ["a"], [SplitPart.Test]);
            Assert.AreEqual(StorageErrorKind.Conflict,
                Assert.ThrowsExactly<StorageException>(() => other.Save(TestBucket.At(name))).Kind);
            other.Save(TestBucket.At(name), overwrite: true);
            Assert.HasCount(1, SubjectSplit.Load(TestBucket.At(name)).Keys);
        }
    }

    [TestMethod]
    public void EncoderFolder_InABucket_IsBroughtOncePerState()
    {
        using var bucket = new TestBucket();
        foreach (string file in Directory.GetFiles(RepositoryFiles.TinyEncoder("hubert-base-like")))
        {
            bucket.Server.Backend.Put($"encoder/{Path.GetFileName(file)}", File.ReadAllBytes(file));
        }
        using EncoderLocation first = EncoderLocation.Find(TestBucket.At("encoder"));
        using (SpeechEncoder encoder = EncoderLoader.Load(first.Folder))
        {
            Assert.IsGreaterThan(0, encoder.Config.LayerCount);
        }
        int media = bucket.Media.Count();
        Assert.AreEqual(3, media); // configuration, preprocessor, weights; nothing else that lies there
        using EncoderLocation second = EncoderLocation.Find(TestBucket.At("encoder/"));
        Assert.AreEqual(first.Folder, second.Folder);
        bucket.Server.Backend.Put("encoder/config.json", bucket.Server.Backend["encoder/config.json"].Bytes);
        using EncoderLocation third = EncoderLocation.Find(TestBucket.At("encoder"));
        Assert.AreNotEqual(first.Folder, third.Folder);
        Directory.Delete(first.Folder, recursive: true);
        Directory.Delete(third.Folder, recursive: true);
        TestBucket.Fails(
            StorageErrorKind.NotFound,
            "'gs://test-bucket/none': expected a folder with files, got none there. Check the spelling of the address.",
            () => EncoderLocation.Find(TestBucket.At("none")));
    }

    [TestMethod]
    public void LoadHuggingFace_OwnFolderInABucket_WithItsHeadAndAdapter()
    {
        using var bucket = new TestBucket();
        using var scratch = new Scratch();
        var runs = new SmallRuns();
        SpeechClassificationOptions options = SmallRuns.Options();
        (options.Lora.Rank, options.Freezing, options.Pooling) = (2, LayerFreezing.Auto, SpeechPooling.MeanStd);
        using SpeechClassificationTransformer model = runs.Fit(options);
        // A copy of the same files from an earlier run may lie in the temporary folder: no address twice.
        string folder = scratch.At("model"), address = $"model-{Guid.NewGuid():N}";
        runs.Context.Speech().SaveHuggingFace(model, folder);
        foreach (string file in Directory.GetFiles(folder, "*", SearchOption.AllDirectories))
        {
            bucket.Server.Backend.Put(
                $"{address}/{Path.GetRelativePath(folder, file).Replace('\\', '/')}", File.ReadAllBytes(file));
        }
        bucket.Server.Backend.Put($"{address}/runs/of-another/time.json", [1]);
        using SpeechScoringTransformer loaded = runs.Context.Speech().LoadHuggingFace(TestBucket.At(address));
        float[][] expected = runs.Scores(model), actual = runs.Scores(loaded);
        for (int i = 0; i < expected.Length; i++)
        {
            CollectionAssert.AreEqual(expected[i], actual[i]);
        }
        Assert.AreEqual(7, bucket.Media.Count()); // not README.md, nor what else lies below
    }

    [TestMethod]
    public void Augmentation_WithSoundsInABucket_TakesThem()
    {
        using var bucket = new TestBucket();
        byte[] sound = File.ReadAllBytes(Path.Combine(RepositoryFiles.Prompts, "en00-02.wav"));
        bucket.Server.Backend.Put("noise/a.wav", sound);
        bucket.Server.Backend.Put("noise/readme.txt", [1]);
        using var scratch = new Scratch();
        File.WriteAllBytes(scratch.At("a.wav"), sound);
        MLAudio clip = MLAudio.FromFile(Path.Combine(RepositoryFiles.Prompts, "en00-01.wav"));
        var stored = new AddBackgroundNoise(TestBucket.At("noise"), p: 1);
        var local = new AddBackgroundNoise(scratch.Folder, p: 1);
        CollectionAssert.AreEqual(local.Apply(clip, 3).Samples.ToArray(), stored.Apply(clip, 3).Samples.ToArray());
    }

    [TestMethod]
    [DataRow("model.zip")]
    [DataRow("models/latest")]
    [DataRow("models/v1.2")]
    [DataRow("model.bin")]
    public void LoadModel_ObjectOfAnyName_IsTheModelSavedThere(string name)
    {
        using var bucket = new TestBucket();
        var mlContext = new MLContext(seed: 1);
        IDataView data = mlContext.Data.LoadFromEnumerable(new[] { new PromptRow { Path = "a" } });
        ITransformer model = mlContext.Transforms.CopyColumns("Copy", "Path").Fit(data);
        mlContext.Speech().SaveModel(model, data.Schema, TestBucket.At(name));
        ITransformer loaded = mlContext.Speech().LoadModel(TestBucket.At(name), out _);
        Assert.AreEqual("a", loaded.Transform(data).GetColumn<string>("Copy").Single());
        string absent = TestBucket.At(name + "-absent");
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => mlContext.Speech().LoadModel(absent, out _)).Message,
            "got no file or folder of this name");
    }

    [TestMethod]
    public void Paths_WithoutTheRegisteredStore_SayWhatToDo()
    {
        var mlContext = new MLContext(seed: 1);
        IDataView data = mlContext.Data.LoadFromEnumerable(new[] { new PromptRow { Path = "a" } });
        const string Advice =
            "expected a store registered for 'gs://', got none. Reference the package SpeechML.GoogleCloud and call " +
            "GoogleCloudStorage.Register() once, before the first path is used.";
        var load = mlContext.Transforms.LoadAudio("Audio", "gs://bucket/clips", "Path").Fit(data);
        Assert.AreEqual($"'gs://bucket/clips': {Advice}",
            Assert.ThrowsExactly<StorageException>(() => load.Transform(data).GetColumn<MLAudio>("Audio")
            .ToArray()).Message);
        Assert.AreEqual($"'gs://bucket/m.csv': {Advice}",
            Assert.ThrowsExactly<StorageException>(() => SubjectSplit.Load("gs://bucket/m.csv")).Message);
        Assert.AreEqual($"'gs://bucket/e': {Advice}",
            Assert.ThrowsExactly<StorageException>(() => EncoderLocation.Find("gs://bucket/e")).Message);
        Assert.AreEqual($"'gs://bucket/m.zip': {Advice}",
            Assert.ThrowsExactly<StorageException>(() => mlContext.Speech()
            .LoadModel("gs://bucket/m.zip", out _)).Message);
    }

    private sealed class Loaded
    {
        public MLAudio? Audio { get; set; }
    }
}
