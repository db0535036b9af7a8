using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Runs;
using SpeechML.Runs.Scoring;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Runs;

[TestClass]
public sealed class RunFolderTests
{
    private readonly TinyRuns _runs = new();

    [TestMethod]
    public void MultiLabelRun_OpenedAgain_IsTheSame()
    {
        using var scratch = new Scratch();
        (SpeechRun run, ITransformer model) = _runs.MultiLabelRun(scratch.Folder);
        using (run)
        {
            string[] files = [.. Directory.EnumerateFiles(run.Folder, "*", SearchOption.AllDirectories)
                .Select(f => Path.GetRelativePath(run.Folder, f).Replace('\\', '/'))
                .Where(f => !f.StartsWith("tensorboard/", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
            string[] expected =
            [
                "best/model.zip", "clips/clips.json", "clips/test-1-typical.wav", "clips/test-1.wav",
                "clips/test-2-typical.wav", .. Enumerable.Range(2, 5).Select(i => $"clips/test-{i}.wav"),
                "clips/typical.json", "environment.json", "evaluation.json", "model_config.json", "predictions.csv",
                "train_config.json", "train_log.jsonl",
            ];
            CollectionAssert.AreEqual(expected, files);
            Assert.HasCount(1, Directory.GetFiles(run.TensorBoardFolder));
            AssertSameWhenOpened(run);

            Assert.HasCount(2, run.Epochs);
            Assert.IsNotNull(run.Epochs[1].Validation);
            MultiLabelMetrics judged = _runs.Context.Speech().MultiLabel.Evaluate(
                model.Transform(_runs.Small.Data), "Labels");
            Assert.AreEqual(judged.RocAuc.Macro.Value!.Value, run.Evaluations.Single().Figures["rocAuc"].Value!.Value,
                1e-12);
            double[] probabilities =
                [.. model.Transform(_runs.Small.Data).GetColumn<float[]>("Probability").SelectMany(p => p)
                .Select(p => (double)p)];
            CollectionAssert.AreEqual(probabilities, run.Predictions.Select(p => p.Probability!.Value).ToArray());
            string[] uids = [.. _runs.Small.Data.GetColumn<string>("Path").SelectMany(p => new[] { p, p })];
            CollectionAssert.AreEqual(uids, run.Predictions.Select(p => p.AudioKey).ToArray());
            Assert.AreEqual(8, run.RunEnvironment.Data["train"].Rows);
            Assert.AreEqual(run.RunEnvironment.Data["train"].Sha256, run.RunEnvironment.Data["test"].Sha256);
        }
        (model as IDisposable)?.Dispose();
    }

    [TestMethod]
    public void MultiLabelRun_WorstClips_AreTheAudioWithWeightsThatSumToOne()
    {
        using var scratch = new Scratch();
        (SpeechRun run, ITransformer model) =
            _runs.MultiLabelRun(scratch.Folder, new SpeechRunOptions { WorstClips = 3, TensorBoard = false });
        using (run)
        {
            Assert.IsFalse(Directory.Exists(run.TensorBoardFolder));
            Assert.HasCount(3, run.Clips);
            var losses = run.Predictions.Chunk(2)
                .ToDictionary(c => c[0].AudioKey, c => RunEvaluator.Loss(SpeechTask.MultiLabel, c));
            CollectionAssert.AreEqual(
                losses.Values.OfType<double>().OrderDescending().Take(3).ToArray(),
                run.Clips.Select(c => c.Loss).ToArray());
            Dictionary<string, MLAudio> audio = _runs.Small.Data.GetColumn<string>("Path")
                .Zip(_runs.Small.Data.GetColumn<MLAudio>(_runs.Small.Data.Schema["Audio"]))
                .ToDictionary(p => p.First, p => p.Second);
            foreach (RunClip clip in run.Clips)
            {
                Assert.AreEqual(losses[clip.AudioKey], clip.Loss);
                MLAudio kept = MLAudio.FromFile(Path.Combine(run.ClipsFolder, clip.File));
                Assert.AreEqual(16_000, kept.SampleRate);
                float[] given = audio[clip.AudioKey].GetArray(), there = kept.GetArray();
                Assert.HasCount(given.Length, there);
                Assert.IsTrue(given.Zip(there).All(p => Math.Abs(Math.Clamp(p.First, -1, 1) - p.Second) <= 1 / 32768.0),
                    clip.AudioKey);
                Assert.AreEqual(1, clip.FrameWeights!.Sum(), 1e-4);
                Assert.AreEqual(kept.Duration.TotalSeconds, clip.FrameWeights!.Count * clip.FrameSeconds, 0.05);
            }
            AssertFormerNamesAreRead(run);
            AssertExplained(run, model, losses, audio);
        }
        (model as IDisposable)?.Dispose();
    }

    private void AssertExplained(
        SpeechRun run, ITransformer model, Dictionary<string, double?> losses, Dictionary<string, MLAudio> audio)
    {
        double[] rated = [.. losses.Values.OfType<double>().OrderDescending()];
        double median = rated[rated.Length / 2];
        CollectionAssert.AreEqual(
            rated.Skip(3).OrderBy(l => Math.Abs(l - median)).Take(2).ToArray(),
            run.TypicalClips.Select(c => c.Loss).ToArray());
        RunClip[] explained = [.. run.Clips.Take(2), .. run.TypicalClips];
        Assert.IsNull(run.Clips[2].Explanation);
        foreach (RunClip clip in explained)
        {
            Assert.AreEqual(audio[clip.AudioKey].Duration.TotalSeconds, clip.Explanation!.Seconds, 1e-6);
            Assert.AreEqual("", clip.Explanation.Source, "A path of this machine.");
            Assert.IsTrue(File.Exists(Path.Combine(run.ClipsFolder, clip.File)));
            foreach (ExplainedTarget target in clip.Explanation.Targets)
            {
                Assert.AreEqual(run.Predictions.Single(p => p.AudioKey == clip.AudioKey && p.Label == target.Name)
                    .Probability!.Value, target.Probability!.Value, 1e-5);
                // 48 scorings for four clips.
                Assert.IsTrue(clip.Explanation.Of(ExplanationMethod.TimeOcclusion, target.Name).Count is > 2 and <= 12);
            }
        }
        SpeechExplanation again = _runs.Context.Speech().Explain(model, audio[explained[3].AudioKey],
            new SpeechExplanationOptions { MaxSegments = 12, Attention = false });
        SpeechExplanation kept = SpeechRun.Open(run.Folder).TypicalClips[1].Explanation!;
        Assert.HasCount(again.Attributions.Count, kept.Attributions);
        Assert.IsTrue(again.Attributions.Zip(kept.Attributions)
            .All(p => Math.Abs(p.First.Value - p.Second.Value) < 1e-4));
    }

    [TestMethod]
    public void ClassRun_OpenedAgain_IsTheSameAndAgreesWithMLNet()
    {
        using var scratch = new Scratch();
        (SpeechRun run, ITransformer model) = _runs.ClassRun(scratch.Folder);
        using (run)
        {
            AssertSameWhenOpened(run);
            Assert.AreEqual(run.ModelFile, Path.Combine(run.LastFolder, "model.zip"));
            RunEvaluation evaluation = run.Evaluations.Single();
            MulticlassClassificationMetrics judged =
                _runs.Context.MulticlassClassification.Evaluate(model.Transform(_runs.Small.Data), "Key");
            Assert.AreEqual(SpeechTask.Multiclass, evaluation.Task);
            Assert.AreEqual(judged.MicroAccuracy, evaluation.Figures["accuracy"].Value!.Value, 1e-12);
            Assert.AreEqual(judged.LogLoss, evaluation.Figures["logLoss"].Value!.Value, 1e-5);
            for (int i = 0; i < evaluation.Confusion.Count; i++)
            {
                CollectionAssert.AreEqual(
                    judged.ConfusionMatrix.Counts[i].Select(c => (long)c).ToArray(), evaluation.Confusion[i].ToArray());
            }
            ITransformer loaded = _runs.Context.Model.Load(run.ModelFile, out _);
            CollectionAssert.AreEqual(_runs.Small.Scores(model).SelectMany(s => s).ToArray(),
                _runs.Small.Scores(loaded).SelectMany(s => s).ToArray());
            (loaded as IDisposable)?.Dispose();
        }
        (model as IDisposable)?.Dispose();
    }

    [TestMethod]
    public void MultiLabelRun_OfRatings_JudgesByTheThreshold()
    {
        using var scratch = new Scratch();
        SpeechMultiLabelOptions training = TinyRuns.MultiLabel(SpeechPooling.Mean);
        training.RatingThreshold = 2;
        IDataView rated = Rated();
        using SpeechRun run = _runs.Context.Speech().CreateRun(scratch.Folder, training);
        using var model = _runs.Context.Speech().Trainers.MultiLabelClassification(
            "Ratings", "Audio", training, run.Progress).Fit(rated);
        run.Evaluate(model, rated, TinyRuns.Columns("Ratings"));
        foreach ((float rating, RunPrediction row) in rated.GetColumn<float[]>("Ratings").SelectMany(r => r)
            .Zip(run.Predictions))
        {
            Assert.AreEqual(float.IsNaN(rating) ? null : rating, row.Rating);
            Assert.AreEqual(float.IsNaN(rating) ? null : rating >= 2 ? 1 : 0, row.Target);
        }
    }

    [TestMethod]
    public void CreateRun_WhereOneIs_IsRefusedNumberedOrGoneOnWith()
    {
        using var scratch = new Scratch();
        SpeechMultiLabelOptions training = TinyRuns.MultiLabel();
        SpeechRun Create(ExistingRun when) =>
            _runs.Context.Speech().CreateRun(
            scratch.Folder, training, new SpeechRunOptions { Name = "mine", WhenExists = when, TensorBoard = false });
        string folder = scratch.At("mine");
        using (SpeechRun run = Create(ExistingRun.Fail))
        {
            Assert.AreEqual(folder, run.Folder);
        }
        var refused = Assert.ThrowsExactly<IOException>(() => Create(ExistingRun.Fail));
        Assert.AreEqual(
            $"Run '{folder}': expected no run of that name, got one that is there already. Nothing was overwritten: " +
            $"give SpeechRunOptions.Name, or set WhenExists to NextNumber or Resume.", refused.Message);
        using (SpeechRun second = Create(ExistingRun.NextNumber))
        using (SpeechRun third = Create(ExistingRun.NextNumber))
        {
            CollectionAssert.AreEqual(new[] { "mine-2", "mine-3" }, new[] { second.Name, third.Name });
        }
        using (SpeechRun same = Create(ExistingRun.Resume))
        {
            Assert.AreEqual(folder, same.Folder);
        }
        training.Epochs = 7;
        refused = Assert.ThrowsExactly<IOException>(() => Create(ExistingRun.Resume));
        Assert.AreEqual(
            $"Run '{folder}': expected the settings that it was begun with, got others: Epochs is 2 in " +
            $"train_config.json, 7 now. Nothing was overwritten.", refused.Message);
        CollectionAssert.AreEquivalent(
            new[] { "mine", "mine-2", "mine-3" },
            Directory.GetFileSystemEntries(scratch.Folder).Select(Path.GetFileName).ToArray());
    }

    [TestMethod]
    public void CreateRun_WithoutName_NamesItByTheSettings()
    {
        using var scratch = new Scratch();
        SpeechMultiLabelOptions training = TinyRuns.MultiLabel();
        using SpeechRun first = _runs.Context.Speech().CreateRun(scratch.Folder, training);
        training.Optimizer.WeightDecay = 0.5;
        using SpeechRun other = _runs.Context.Speech().CreateRun(scratch.Folder, training);
        StringAssert.StartsWith(
            first.Name, "hubert-base-like_multilabel_layerlast_freeze-auto_attention_e2-lr1e-2_seed");
        Assert.AreNotEqual(first.Name, other.Name);
    }

    [TestMethod]
    public void Open_NoRunThere_SaysSo()
    {
        using var scratch = new Scratch();
        var error = Assert.ThrowsExactly<DirectoryNotFoundException>(() => SpeechRun.Open(scratch.Folder));
        Assert.AreEqual($"Run '{scratch.Folder}': expected a folder with train_config.json, found none in it.",
            error.Message);
        error = Assert.ThrowsExactly<DirectoryNotFoundException>(() => SpeechRun.Open(scratch.At("none")));
        Assert.AreEqual($"Run '{scratch.At("none")}': expected a folder with train_config.json, found no such folder.",
            error.Message);
    }

    [TestMethod]
    public void Open_LogBrokenOffInItsLastLine_ReadsTheRest()
    {
        using var scratch = new Scratch();
        using (SpeechRun run = _runs.Context.Speech()
            .CreateRun(scratch.Folder, TinyRuns.MultiLabel(), new SpeechRunOptions { Name = "r", TensorBoard = false }))
        {
            run.Progress.Report(Steps.Epoch(1, 3, 0.5));
            run.Progress.Report(Steps.Epoch(2, 3, 0.4));
        }
        string log = scratch.At(Path.Combine("r", "train_log.jsonl"));
        using (FileStream stream = File.OpenWrite(log))
        {
            stream.SetLength(stream.Length - 10);
        }
        CollectionAssert.AreEqual(new[] { 1 }, SpeechRun.Open(scratch.At("r")).Epochs.Select(e => e.Epoch).ToArray());
        using (SpeechRun run = _runs.Context.Speech()
            .CreateRun(scratch.Folder, TinyRuns.MultiLabel(),
            new SpeechRunOptions { Name = "r", TensorBoard = false, WhenExists = ExistingRun.Resume }))
        {
            run.Progress.Report(Steps.Epoch(2, 3, 0.3));
        }
        CollectionAssert.AreEqual(
            new[] { 0.5, 0.3 }, SpeechRun.Open(scratch.At("r")).Epochs.Select(e => e.Loss).ToArray());
    }

    private static void AssertSameWhenOpened(SpeechRun run)
    {
        SpeechRun opened = SpeechRun.Open(run.Folder);
        CollectionAssert.AreEqual(run.Epochs.ToArray(), opened.Epochs.ToArray());
        CollectionAssert.AreEqual(run.Predictions.ToArray(), opened.Predictions.ToArray());
        Assert.AreEqual(JsonSerializer.Serialize(run.Evaluations, RunFiles.Json),
            JsonSerializer.Serialize(opened.Evaluations, RunFiles.Json));
        Assert.AreEqual(JsonSerializer.Serialize(run.Clips, RunFiles.Json),
            JsonSerializer.Serialize(opened.Clips, RunFiles.Json));
        Assert.AreEqual(run.ModelFile, opened.ModelFile);
        Assert.IsNotNull(opened.RunEnvironment.Finished);
        Assert.IsTrue(run.Evaluations[0].Figures.Values.Any(f => f.Interval is { Low.Value: not null }), "no interval");
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => opened.Progress);
        Assert.AreEqual(
            $"Run '{run.Name}': expected one made by CreateRun, because it is to be written, got one opened to be " +
            "read.", error.Message);
    }

    private IDataView Rated()
    {
        float[][] ratings = [.. Enumerable.Range(0, 8)
            .Select(i => new[] { 1f + (i % 4), i == 3 ? float.NaN : 4f - (i % 4) })];
        IDataView numbers = _runs.Context.Data.LoadFromEnumerable(Prompts.Rows(8)
            .Select((r, i) => new RatedRow { Path = r.Path, Subject = r.Subject, Ratings = ratings[i] }));
        return PromptAudio.Pipeline(_runs.Context).Fit(numbers).Transform(numbers);
    }

    private sealed class RatedRow
    {
        public string Path { get; set; } = "";

        public string Subject { get; set; } = "";

        [VectorType(2)]
        public float[] Ratings { get; set; } = [];
    }

    private static void AssertFormerNamesAreRead(SpeechRun run)
    {
        string clips = Path.Combine(run.ClipsFolder, "clips.json");
        string predictions = Path.Combine(run.Folder, "predictions.csv");
        foreach ((string file, string now, string then) in
            new[] { (clips, "\"audioKey\"", "\"uid\""), (predictions, "audioKey,", "uid,") })
        {
            string text = File.ReadAllText(file);
            Assert.Contains(now, text);
            File.WriteAllText(file, text.Replace(now, then, StringComparison.Ordinal));
        }
        SpeechRun opened = SpeechRun.Open(run.Folder);
        CollectionAssert.AreEqual(run.Predictions.ToArray(), opened.Predictions.ToArray());
        CollectionAssert.AreEqual(run.Clips.Select(c => c.AudioKey).ToArray(),
            opened.Clips.Select(c => c.AudioKey).ToArray());
    }
}
