using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Encoders.Kernels;
using SpeechML.Encoders.Layers;
using SpeechML.TestSupport;
using SpeechML.Tests.Trainers;
using SpeechML.TrainingSupport;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Tests.Training;

/// <summary>Fits at the same time give, to the bit, what each gives alone.</summary>
[TestClass]
public sealed class ConcurrentFitTests
{
    public static IEnumerable<object[]> Changes() =>
    [
        ["dropout in encoder and head", (Action<SpeechClassificationOptions>)(_ => { })],
        ["frame transformer", (Action<SpeechClassificationOptions>)(o => o.Head =
            new HeadOptions { FrameLayers = 1, FrameAttentionHeads = 2, Dropout = 0.3 })],
        ["LoRA", (Action<SpeechClassificationOptions>)(o => o.Lora = new LoraOptions { Rank = 2, Dropout = 0.2 })],
        ["recomputation and masks", (Action<SpeechClassificationOptions>)(o =>
        {
            o.RecomputeActivations = true;
            o.SpecAugment = new SpecAugmentOptions { TimeProbability = 0, FeatureProbability = 0.3 };
        })],
    ];

    [TestMethod]
    [DynamicData(nameof(Changes))]
    public void Fit_TwoAtTheSameTime_EachGivesWhatItGivesAlone(
        string what, Action<SpeechClassificationOptions> change)
    {
        byte[] Fit(int seed)
        {
            SpeechClassificationOptions options = TrainingRuns.Options();
            options.Seed = seed;
            change(options);
            return TrainingRuns.Fit(options);
        }
        byte[] first = Fit(1);
        byte[] second = Fit(2);
        CollectionAssert.AreNotEqual(first, second, what);
        (byte[] firstBeside, byte[] secondBeside) = AtOnce(() => Fit(1), () => Fit(2));
        CollectionAssert.AreEqual(first, firstBeside, what);
        CollectionAssert.AreEqual(second, secondBeside, what);
    }

    [TestMethod]
    public void Fit_OneEstimatorOnTwoThreads_EachHasItsOwnClassWeights()
    {
        var mlContext = new MLContext(seed: 1);
        SpeechClassificationOptions options = TrainingRuns.Options();
        options.BalanceClasses = true;
        var trainer = mlContext.MulticlassClassification.Trainers.SpeechClassification("Label", "Audio", options);
        float[][] Fit(bool rare)
        {
            List<PromptRow> rows = Prompts.Rows(12);
            string[] labels = [.. rows.Select(r => r.Label).Distinct().Take(2)];
            foreach ((int i, PromptRow row) in rows.Index())
            {
                row.Label = labels[i % (rare ? 6 : 2) == 0 ? 0 : 1];
            }
            IDataView view = mlContext.Data.LoadFromEnumerable(rows);
            IDataView data = PromptAudio.Pipeline(mlContext)
                .Append(mlContext.Transforms.Conversion.MapValueToKey("Label")).Fit(view).Transform(view);
            using SpeechClassificationTransformer model = trainer.Fit(data);
            return [.. model.Transform(data).GetColumn<float[]>("Score")];
        }
        float[][] first = Fit(true);
        float[][] second = Fit(false);
        (float[][] firstBeside, float[][] secondBeside) = AtOnce(() => Fit(true), () => Fit(false));
        PipelineTests.AssertEqual(first, firstBeside, 0);
        PipelineTests.AssertEqual(second, secondBeside, 0);
    }

    [TestMethod]
    public void ElementDropout_OwnGenerator_DropsAsTorchDoesFromThatSeed()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor input = arange(5000, dtype: ScalarType.Float32).reshape(50, 100);
        Tensor expected;
        using (manual_seed(17))
        {
            expected = nn.functional.dropout(input, 0.3, training: true);
        }
        using DropoutStream stream = DropoutStream.Begin(17);
        GoldenTensors.AssertClose("dropout", expected, TensorMath.ElementDropout(input, 0.3, true), 0, 0);
        Assert.AreNotEqual(0, (expected == input).logical_not().sum().item<long>());
    }

    /// <summary>Runs both on threads of their own that begin together.</summary>
    private static (T First, T Second) AtOnce<T>(Func<T> first, Func<T> second)
    {
        using var start = new Barrier(2);
        Task<T> Run(Func<T> work) => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                return work();
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Task<T>[] tasks = [Run(first), Run(second)];
        Task.WaitAll(tasks);
        return (tasks[0].Result, tasks[1].Result);
    }
}
