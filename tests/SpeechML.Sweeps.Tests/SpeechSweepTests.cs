using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;
using static SpeechML.SweepParameter;

namespace SpeechML.Sweeps.Tests;

[TestClass]
public sealed class SpeechSweepTests
{
    [TestMethod]
    public void Run_TpeWithSeedsAndAsha_GivesTheBestModelAndEveryTrial()
    {
        using var scratch = new Scratch();
        var mlContext = new MLContext(seed: 1);
        var recorder = new SweepRuns.Recorder();
        using SweepResult result = SweepRuns.Create(mlContext, SweepRuns.Heads()).SetSeedsPerTrial(2)
            .SetPruner(SweepPruner.Asha()).SetMaxTrials(6).SetProgress(recorder).Run();

        Assert.HasCount(6, result.Trials);
        Assert.AreEqual(SweepTrialState.Finished, result.Trials[0].State, "the first to come is never stopped");
        Assert.IsTrue(result.Trials.All(t => t.State is SweepTrialState.Finished or SweepTrialState.Pruned));
        Assert.Contains(SweepTrialState.Pruned, result.Trials.Select(t => t.State));
        foreach (SweepTrial trial in result.Trials.Where(t => t.State == SweepTrialState.Finished))
        {
            CollectionAssert.AreEqual(new[] { 5, 6 }, trial.Runs.Select(r => r.Seed).ToArray());
            Assert.IsTrue(trial.Runs.All(r => r.Curve.Count == 3));
            Assert.AreEqual(trial.Runs.Average(r => r.Value!.Value), trial.Value!.Value, 1e-12);
            Assert.AreEqual(trial.Runs.Max(r => r.Curve.Max(e => e.Validation[SpeechMetrics.Accuracy].Value!.Value)),
                trial.Runs.Max(r => r.Value), "the best epoch goes by the metric");
            Assert.IsNotNull(trial.StandardDeviation);
            Assert.IsGreaterThan(0, trial.PeakMemory);
        }
        Assert.AreEqual(result.Trials.Where(t => t.State == SweepTrialState.Finished).Max(t => t.Value),
            result.BestTrial.Value);
        Assert.IsGreaterThan(6, recorder.Reports.Count);
        Assert.AreEqual(6, recorder.Reports[^1].Ended);

        // The model is preprocessing and trainer in one, and judges the validation data as the trial says.
        IDataView validation = mlContext.Data.LoadFromEnumerable(Prompts.Rows(20).Where((_, i) => i % 5 >= 3));
        mlContext.Model.Save(result.Model, validation.Schema, scratch.At("best.zip"));
        using var loaded = (IDisposable)mlContext.Model.Load(scratch.At("best.zip"), out _);
        double accuracy = mlContext.MulticlassClassification.Evaluate(((ITransformer)loaded)
            .Transform(validation)).MicroAccuracy;
        Assert.AreEqual(result.BestTrial.Runs.Max(r => r.Value!.Value), accuracy, 1e-9);

        result.SaveCsv(scratch.At("trials.csv"));
        string[] lines = File.ReadAllLines(scratch.At("trials.csv"));
        Assert.AreEqual(
            "trial,state,accuracy,standard_deviation,runs,epochs,best_epoch,seconds,peak_memory_bytes,Head.Dropout," +
            "Head.HiddenLayers,HeadLearningRate,error", lines[0]);
        Assert.HasCount(7, lines);
    }

    [TestMethod]
    public void Run_FoldsBySubject_EveryTrialOnceForEachFold()
    {
        var mlContext = new MLContext(seed: 1);
        IDataView data = Prompts.View(mlContext, 24);
        using SweepResult result = mlContext.Speech().CreateSweep()
            .SetPipeline(SweepRuns.Preprocessing(mlContext), SweepRuns.Heads(), SweepRuns.Trainer(mlContext))
            .SetDataset(data, "Subject", 3).SetMetric(SpeechMetrics.Loss).SetTuner(SweepTuner.Random()).SetMaxTrials(3)
                .SetMaxModelsInMemory(2).Run();
        Assert.IsTrue(result.Trials.All(t => t.State == SweepTrialState.Finished && t.Runs.Count == 3));
        CollectionAssert.AreEqual(new[] { 0, 1, 2 }, result.BestTrial.Runs.Select(r => r.Fold).ToArray());
        Assert.HasCount(2, result.Models);
        IReadOnlyList<SweepComparison> compared = result.CompareBest();
        Assert.HasCount(2, compared);
        Assert.IsLessThanOrEqualTo(0, compared[0].MeanDifference);
        Assert.IsTrue(compared.All(c => c.Pairs == 3 && c.PValue is >= 0 and <= 1));
    }

    [TestMethod]
    public void Run_TrialsThatThrow_AreRecordedAndTheStudyGoesOn()
    {
        var mlContext = new MLContext(seed: 1);
        int made = 0;
        void Fail(SpeechClassificationOptions options)
        {
            // The first call is SetPipeline's own.
            switch (made++)
            {
                case 1: throw new IOException("the first trial");
#pragma warning disable CA2201 // What the runtime throws, thrown on purpose.
                case 2: throw new OutOfMemoryException("the second trial");
#pragma warning restore CA2201
                case 3: options.HeadLearningRate = 1e38; break; // diverges
            }
        }
        using SweepResult result = SweepRuns.Create(mlContext, SweepRuns.Heads(), Fail).SetMaxTrials(5).Run();
        Assert.AreEqual("IOException: the first trial", result.Trials[0].Error);
        Assert.AreEqual("OutOfMemoryException: the second trial", result.Trials[1].Error);
        Assert.StartsWith("InvalidOperationException: Training diverged in epoch 1", result.Trials[2].Error);
        Assert.IsTrue(result.Trials.Skip(3).All(t => t.State == SweepTrialState.Finished));
    }

    [TestMethod]
    public void Run_AllTrialsFail_NamesTheFirstError()
    {
        int made = 0;
        void Fail(SpeechClassificationOptions options)
        {
            if (made++ > 0)
            {
                throw new IOException($"number {made}");
            }
        }
        SpeechSweep sweep = SweepRuns.Create(new MLContext(seed: 1), SweepRuns.Heads(), Fail).SetMaxTrials(2);
        InvalidOperationException e = Assert.ThrowsExactly<InvalidOperationException>(() => sweep.Run());
        Assert.AreEqual(
            "Sweep: expected at least one trial to finish, got none of 2; trial 1 failed with IOException: number 2",
            e.Message);
    }

    [TestMethod]
    public void CancelTrial_FromTheObserver_EndsOnlyThatTrial()
    {
        SpeechSweep sweep = SweepRuns.Create(new MLContext(seed: 1), SweepRuns.Heads()).SetMaxTrials(3);
        using SweepResult result = sweep.SetProgress(new SweepRuns.Recorder(p =>
        {
            if (p.Trial is { Number: 2, Epochs: 1 })
            {
                sweep.CancelTrial(2);
            }
        })).Run();
        CollectionAssert.AreEqual(
            new[] { SweepTrialState.Finished, SweepTrialState.Cancelled, SweepTrialState.Finished },
            result.Trials.Select(t => t.State).ToArray());
        Assert.AreEqual(1, result.Trials[1].Epochs);
    }

    [TestMethod]
    public void RunAsync_Cancelled_GoesOnWhereItWas()
    {
        using var scratch = new Scratch();
        string[] undisturbed = Facts(
            SweepRuns.Create(new MLContext(seed: 1), SweepRuns.Heads()).SetTuner(SweepTuner.Tpe(2)).SetMaxTrials(4));
        using var stop = new CancellationTokenSource();
        var recorder = new SweepRuns.Recorder(p =>
        {
            if (p.Trial is { Number: 3, Epochs: 2 })
            {
                stop.Cancel();
            }
        });
        SpeechSweep Sweep() => SweepRuns.Create(new MLContext(seed: 1), SweepRuns.Heads()).SetTuner(SweepTuner.Tpe(2))
            .SetMaxTrials(4).SetStudy(scratch.At("study"));
        Assert.Throws<OperationCanceledException>(() => Sweep().SetProgress(recorder).RunAsync(stop.Token).GetAwaiter()
            .GetResult());
        var later = new SweepRuns.Recorder();
        CollectionAssert.AreEqual(undisturbed, Facts(Sweep().SetProgress(later)));
        Assert.IsTrue(later.Reports.All(r => r.Trial.Number >= 3), "what had finished is not done again");
        Assert.AreEqual(2, later.Reports[0].Trial.Epochs, "the third goes on from its checkpoint");

        // A third time there is nothing left to do but to give the model.
        var nothing = new SweepRuns.Recorder();
        CollectionAssert.AreEqual(undisturbed, Facts(Sweep().SetProgress(nothing)));
        Assert.HasCount(0, nothing.Reports);
        Assert.HasCount(1, Directory.GetDirectories(Path.Combine(scratch.At("study"), "trials")),
            "checkpoints of the best trial only");
    }

    [TestMethod]
    public void Run_StudyOfAnotherSweep_SaysWhatDiffers()
    {
        using var scratch = new Scratch();
        SpeechSweep Sweep(SpeechClassificationOptions? options = null) =>
            SweepRuns.Create(new MLContext(seed: 1), SweepRuns.Heads(options)).SetTuner(SweepTuner.Random())
                .SetMaxTrials(1).SetStudy(scratch.At("study"));
        Sweep().Run().Dispose();
        string Refusal(SpeechSweep sweep) => Assert.ThrowsExactly<InvalidOperationException>(() => sweep.Run()).Message;
        string Differs(string what) =>
            $"Study '{scratch.At("study")}' is of another sweep: {what}. Give this sweep a folder of its own, or " +
            $"delete the study.";

        Assert.AreEqual(Differs("metric: expected accuracy, got loss"), Refusal(Sweep().SetMetric(SpeechMetrics.Loss)));
        Assert.AreEqual(Differs("seed: expected 1, got 7"), Refusal(Sweep().SetSeed(7)));
        SpeechClassificationOptions longer = SweepRuns.Defaults;
        longer.Epochs = 4;
        Assert.AreEqual(Differs("option Epochs: expected 3, got 4"), Refusal(Sweep(longer)));
        var mlContext = new MLContext(seed: 1);
        Assert.StartsWith($"Study '{scratch.At("study")}' is of another sweep: audio (SHA-256): expected ",
            Refusal(Sweep().SetDataset(Prompts.View(mlContext, 20), Prompts.View(mlContext, 10))));
        var other = new SweepSpace<SpeechClassificationOptions>(
            SweepRuns.Defaults, Range("HeadLearningRate", 1e-3, 1.0, logScale: true));
        Assert.AreEqual(
            Differs("parameter Head.Dropout: expected numbers from 0 to 0.5, only when Head.HiddenLayers above 0, " +
            "got nothing"),
            Refusal(SweepRuns.Create(mlContext, other).SetTuner(SweepTuner.Random()).SetMaxTrials(1)
            .SetStudy(scratch.At("study"))));
        Sweep().SetMaxTrials(2).Run().Dispose();
    }

    [TestMethod]
    public void Run_AlreadyRunning_RefusesTheSecond()
    {
        using var scratch = new Scratch();
        SpeechSweep Sweep() => SweepRuns.Create(new MLContext(seed: 1), SweepRuns.Heads()).SetMaxTrials(1)
            .SetStudy(scratch.At("study"));
        IOException? refused = null;
        Sweep().SetProgress(new SweepRuns.Recorder(
            _ => refused ??= Assert.ThrowsExactly<IOException>(() => Sweep().Run()))).Run().Dispose();
        Assert.StartsWith($"Study '{scratch.At("study")}': expected a folder", refused!.Message);
    }

    [TestMethod]
    public void Run_ParallelTrials_AllEnd()
    {
        using SweepResult result = SweepRuns.Create(new MLContext(seed: 1), SweepRuns.Heads()).SetParallelTrials(2)
            .SetMaxTrials(6).Run();
        Assert.HasCount(6, result.Trials);
        Assert.IsTrue(result.Trials.All(t => t.State == SweepTrialState.Finished));
        CollectionAssert.AreEqual(Enumerable.Range(1, 6).ToArray(), result.Trials.Select(t => t.Number).ToArray());
    }

    [TestMethod]
    public void Run_FrozenEncoder_SharedWorkGivesTheBitsOfAFitAlone()
    {
        var mlContext = new MLContext(seed: 1);
        List<PromptRow> rows = Prompts.Rows(20);
        IDataView train = mlContext.Data.LoadFromEnumerable(rows.Where((_, i) => i % 5 < 3));
        IDataView validation = mlContext.Data.LoadFromEnumerable(rows.Where((_, i) => i % 5 >= 3));
        var space = new SweepSpace<SpeechClassificationOptions>(
            SweepRuns.Defaults, Choice("HeadLearningRate", 1e-3, 1e-2),
            Choice("Freezing", LayerFreezing.All, LayerFreezing.Half),
            Choice("Pooling", SpeechPooling.MeanStd, SpeechPooling.Attention));
        using SweepResult result = SweepRuns.Create(mlContext, space).SetTuner(SweepTuner.Grid()).Run();
        Assert.HasCount(8, result.Trials);

        using var prepared = SweepRuns.Preprocessing(mlContext).Fit(train);
        foreach (SweepTrial trial in result.Trials)
        {
            SpeechClassificationOptions options = SweepRuns.Defaults;
            options.HeadLearningRate = (double)trial.Parameters["HeadLearningRate"];
            options.Freezing = (string)trial.Parameters["Freezing"];
            options.Pooling = (string)trial.Parameters["Pooling"];
            var alone = new TrainingRuns.Recorder();
            mlContext.MulticlassClassification.Trainers.SpeechClassification("Label", "Audio", options, alone)
                .Fit(prepared.Transform(train), prepared.Transform(validation)).Dispose();
            CollectionAssert.AreEqual(
                alone.Epochs.Select(e => e.Validation!.Loss).ToArray(),
                trial.Runs[0].Curve.Select(e => e.Validation.Loss).ToArray(), $"trial {trial.Number}");
        }
    }

    [TestMethod]
    public void Run_LiveTensors_ReturnAfterEachTrial()
    {
        var live = new List<long>();
        var space = new SweepSpace<SpeechClassificationOptions>(
            SweepRuns.Defaults, Choice("HeadLearningRate", 1e-3, 2e-3, 3e-3, 4e-3));
        SpeechSweep sweep = SweepRuns.Create(new MLContext(seed: 1), space).SetTuner(SweepTuner.Grid())
            .SetProgress(new SweepRuns.Recorder(p =>
        {
            if (p.Trial.State != SweepTrialState.Running)
            {
                live.Add(LiveTensors.Count());
            }
        }));
        sweep.Run().Dispose();
        // TorchSharp's count goes up by one for good with every Parameter that is made (see MemoryTests); one model is
        // kept, the same number of tensors each time.
        using var encoder = EncoderLoader.Load(RepositoryFiles.TinyEncoder("hubert-base-like"));
        int parameters = encoder.parameters().Count() + 2;
        long[] growth = [.. live.Zip(live.Skip(1), (a, b) => b - a)];
        // The model that encoded for all keeps one tensor more, its positional convolution's spectrum; it goes when
        // another is the best. An encoder is planned without memory before it is built: its parameters count twice.
        parameters = (2 * parameters) - 2;
        Assert.IsTrue(growth.All(g => g <= parameters) && growth.Sum() >= (growth.Length * parameters) - 1,
            string.Join(", ", growth));
    }

    [TestMethod]
    public void SweepTable_OneLinePerTrial()
    {
        var writer = new StringWriter();
        SweepRuns.Create(new MLContext(seed: 1), SweepRuns.Heads()).SetTuner(SweepTuner.Random()).SetMaxTrials(2)
            .SetProgress(new SweepTable(writer)).Run().Dispose();
        string[] lines = writer.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.HasCount(3, lines);
        // By what trials are compared, and in a column as wide as its name.
        Assert.StartsWith("trial  state      accuracy  sd", lines[0]);
        Assert.StartsWith("    1  Finished   0.", lines[1]);
        Assert.AreEqual(lines[0].IndexOf("parameters", StringComparison.Ordinal),
            lines[1].IndexOf("HeadLearningRate", StringComparison.Ordinal));
        Assert.Contains("HeadLearningRate=", lines[2]);
    }

    [TestMethod]
    public void SweepTable_StudyThatGoesOn_BeginsWithTheTrialsThatEndedBefore()
    {
        using var scratch = new Scratch();
        string[] Lines(int trials)
        {
            var writer = new StringWriter();
            SweepRuns.Create(new MLContext(seed: 1), SweepRuns.Heads()).SetTuner(SweepTuner.Random())
                .SetMaxTrials(trials).SetStudy(scratch.At("study")).SetProgress(new SweepTable(writer)).Run().Dispose();
            return writer.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        }
        string[] first = Lines(2), second = Lines(3);
        Assert.HasCount(3, first);
        Assert.HasCount(5, second);
        Assert.AreEqual(first[0], second[0]);
        for (int trial = 1; trial <= 2; trial++)
        {
            Assert.AreEqual(first[trial][..40], second[trial][..40]);
        }
        Assert.AreEqual("2 of 3 trials ended before; the study goes on", second[3]);
        Assert.StartsWith("    3  Finished   0.", second[4]);
        // With nothing left to do it shows what there is.
        CollectionAssert.AreEqual(
            new[] { first[0], "3 of 3 trials ended before; the study goes on" }, new[] { Lines(3)[0], Lines(3)[^1] });
    }

    [TestMethod]
    public void SweepTable_NarrowTerminal_CutsTheLineThatIsWrittenOver()
    {
        var writer = new StringWriter { NewLine = "\n" };
        SweepRuns.Create(new MLContext(seed: 1), SweepRuns.Heads()).SetTuner(SweepTuner.Random()).SetMaxTrials(1)
            .SetProgress(new SweepTable(writer, live: true) { Width = 16 }).Run().Dispose();
        string[] over = [.. writer.ToString().Split("\r\u001b[K").Skip(1).Select(t => t[(t.IndexOf('\n') + 1)..])];
        Assert.IsGreaterThan(2, over.Length);
        Assert.StartsWith("0 of 1 ended, ", over[0]);
        Assert.AreEqual(15, over[0].Length);
        Assert.IsTrue(Array.TrueForAll(over, l => l.Length < 16), string.Join('\n', over));
    }

    [TestMethod]
    public void Tpe_NoMoreTrialsThanItsRandomOnes_Warns()
    {
        string[] Warnings(int trials, SweepTuner tuner)
        {
            var mlContext = new MLContext(seed: 1);
            var said = new List<string>();
            mlContext.Log += (_, e) =>
            {
                if (e.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning && e.RawMessage.StartsWith(
                    "Tuner TPE", StringComparison.Ordinal))
                {
                    said.Add(e.RawMessage);
                }
            };
            SweepRuns.Create(mlContext, SweepRuns.Heads()).SetTuner(tuner).SetMaxTrials(trials).Run().Dispose();
            return [.. said];
        }
        CollectionAssert.AreEqual(new[]
        {
            "Tuner TPE: expected more trials than the 10 that it draws at random first, got 2: it is a random " +
            "search. Give more trials, or fewer at random (SweepTuner.Tpe(randomTrials: 1)).",
        }, Warnings(2, SweepTuner.Tpe()));
        Assert.HasCount(0, Warnings(2, SweepTuner.Tpe(1)));
        Assert.HasCount(0, Warnings(1, SweepTuner.Random()));
    }

    [TestMethod]
    public void Run_WithoutLimitsOrParts_SaysWhatIsMissing()
    {
        var mlContext = new MLContext(seed: 1);
        Assert.AreEqual("Sweep: expected SetPipeline before Run.",
            Assert.ThrowsExactly<InvalidOperationException>(() => mlContext.Speech().CreateSweep().Run()).Message);
        Assert.AreEqual(
            "Sweep: expected SetMaxTrials or SetTrainingTime, because only a grid ends by itself.",
            Assert.ThrowsExactly<InvalidOperationException>(() => SweepRuns.Create(mlContext, SweepRuns.Heads())
            .Run()).Message);
        Assert.AreEqual(
            "Sweep: expected at least one trial to finish, got none of 1 begun in the time given.",
            Assert.ThrowsExactly<TimeoutException>(() => SweepRuns.Create(mlContext, SweepRuns.Heads())
            .SetTrainingTime(TimeSpan.FromMilliseconds(1)).SetProgress(new SweepRuns.Recorder(_ => Thread.Sleep(50)))
            .Run()).Message);
    }

    private static string[] Facts(SpeechSweep sweep)
    {
        using SweepResult result = sweep.Run();
        return SweepRuns.Facts(result);
    }
}
