using Microsoft.ML;
using SpeechML.TestSupport;
using SpeechML.Training;
using SpeechML.Training.Losses;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Trainers;

/// <summary>Long work shows progress and obeys cancellation.</summary>
[TestClass]
public sealed class CancellationTests
{
    [TestMethod]
    public void Fit_CancelledInTheSecondEpoch_StopsThere()
    {
        var mlContext = new MLContext(seed: 1);
        using var source = new CancellationTokenSource();
        var steps = new List<TrainingProgress>();
        SpeechClassificationOptions options = PipelineTests.Options("whisper-80");
        options.Epochs = 50;
        var trainer = mlContext.MulticlassClassification.Trainers.SpeechClassification(
            "Label", "Audio", options, new Watcher(steps, source), source.Token);
        var pipeline = PromptAudio.Pipeline(mlContext).Append(mlContext.Transforms.Conversion.MapValueToKey("Label"))
            .Append(trainer);
        Assert.ThrowsExactly<OperationCanceledException>(() => pipeline.Fit(Prompts.View(mlContext, 8)));
        Assert.AreEqual(2, steps[^1].Epoch);
        Assert.AreEqual(100, steps[^1].Steps);
        Assert.IsTrue(steps[^1].Remaining > TimeSpan.Zero);
    }

    /// <summary>In the only epoch's validation, behind which nothing else would look at the token.</summary>
    [TestMethod]
    public void Fit_CancelledWhileValidating_StopsWithinABatch()
    {
        var small = new SmallRuns();
        using var source = new CancellationTokenSource();
        SpeechClassificationOptions options = SmallRuns.Options();
        (options.Epochs, options.BatchSize) = (1, 2);
        int evaluated = 0;
        using SpeechClassificationTransformer model = small.Fit(SmallRuns.Still(options));
        using TrainingSet heldOut = TrainingSet.Read(
            null, Enumerable.Range(0, 12).Select(i => (new float[1600 + i], new float[] { i % 2 })), 1 << 30, 64_000);
        var validation = new ValidationSet(heldOut, (_, _, _) => throw new AssertFailedException("evaluated"));
        Assert.ThrowsExactly<OperationCanceledException>(() => validation.Evaluate(
            model.Network, new CrossEntropyLoss(), 2, TorchSharp.torch.CPU, () =>
            {
                if (++evaluated == 3)
                {
                    source.Cancel();
                }
                source.Token.ThrowIfCancellationRequested();
            }));
        Assert.AreEqual(3, evaluated, "before each batch");
    }

    [TestMethod]
    public void Fit_CancelledInTheLastReport_IsNoFitThatHasEnded()
    {
        var small = new SmallRuns();
        using var source = new CancellationTokenSource();
        SpeechClassificationOptions options = SmallRuns.Options();
        var steps = new List<TrainingProgress>();
        var trainer = small.Context.MulticlassClassification.Trainers.SpeechClassification(
            "Key", "Audio", options, new Watcher(steps, source, last: true), source.Token);
        Assert.ThrowsExactly<OperationCanceledException>(() => trainer.Fit(small.Data, small.Data));
        Assert.AreEqual(steps[^1].Steps, steps[^1].Step);
    }

    [TestMethod]
    public void Fit_WritesEpochsToTheLog()
    {
        var mlContext = new MLContext(seed: 1);
        var lines = new List<string>();
        mlContext.Log += (_, e) => lines.Add(e.Message);
        PipelineTests.Classifier(mlContext).Fit(Prompts.View(mlContext, 8)).Dispose();
        Assert.IsTrue(lines.Any(l => l.Contains("epoch 1/1: loss ", StringComparison.Ordinal)));
        Assert.IsTrue(lines.Any(
            l => l.Contains("8 clips, ", StringComparison.Ordinal)
            && l.Contains("parameters train", StringComparison.Ordinal)));
    }

    private sealed class Watcher(List<TrainingProgress> steps, CancellationTokenSource source, bool last = false)
        : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            steps.Add(value);
            if (last ? value.Step == value.Steps : value.Epoch == 2)
            {
                source.Cancel();
            }
        }
    }
}
