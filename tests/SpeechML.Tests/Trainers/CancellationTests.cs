using Microsoft.ML;
using SpeechML.TestSupport;
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

    private sealed class Watcher(List<TrainingProgress> steps, CancellationTokenSource source)
        : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            steps.Add(value);
            if (value.Epoch == 2)
            {
                source.Cancel();
            }
        }
    }
}
