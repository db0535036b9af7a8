using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Model;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Trainers;

/// <summary>
/// Freezing, layers, pooling and heads together: every combination trains what it should and survives its zip; three
/// are followed until they have learned.
/// </summary>
[TestClass]
public sealed class CombinationTests
{
    private static readonly (string Layers, LayerCombination Combination)[] s_layers =
        [(EncoderLayers.Last, LayerCombination.Mean), ("1,2", LayerCombination.WeightedSum),
            ("0-2", LayerCombination.Concatenate),
            ("all", LayerCombination.WeightedSum), ("1,3", LayerCombination.Mean)];

    // One of each encoder and hidden layer count: that many steps learn is the loop's doing, not the combination's.
    private const int Learning = 3;

    public static IEnumerable<object[]> LearningCases => Cases().Take(Learning);

    public static IEnumerable<object[]> OtherCases => Cases().Skip(Learning);

    private static IEnumerable<object[]> Cases()
    {
        int i = 0;
        string[] poolings = [.. SpeechPooling.Names];
        string[] freezings = [.. LayerFreezing.Words.Except([LayerFreezing.Auto]).SkipLast(1), "0", LayerFreezing.All];
        foreach (string freezing in freezings)
        {
            // Each freezing with every other pooling; encoders, layers and heads take turns.
            foreach (string pooling in poolings
                .Where(p => (Array.IndexOf(poolings, p) + Array.IndexOf(freezings, freezing)) % 2 == 0))
            {
                (string layers, LayerCombination combination) = s_layers[i % s_layers.Length];
                yield return [i % 2 == 0 ? "whisper-80" : "hubert-base-like", freezing, pooling, layers, combination,
                    i % 3 == 0 ? 1 : 0];
                i++;
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(LearningCases))]
    public void Fit_Combination_LearnsAndSurvivesItsZip(
        string encoder, string freezing, string pooling, string layers, LayerCombination combination,
        int hiddenLayers) =>
        AssertLearnsAndSurvivesItsZip(Options(encoder, freezing, pooling, layers, combination, hiddenLayers));

    [TestMethod]
    [DynamicData(nameof(OtherCases))]
    public void Fit_CombinationForThreeSteps_MovesWhatTrainsAndSurvivesItsZip(
        string encoder, string freezing, string pooling, string layers, LayerCombination combination,
        int hiddenLayers)
    {
        SpeechClassificationOptions options =
            SmallRuns.Still(Options(encoder, freezing, pooling, layers, combination, hiddenLayers));
        options.BatchSize = 8;
        var mlContext = new MLContext(seed: 1);
        IDataView data = Prompts.View(mlContext, 8);
        Dictionary<string, float[]> before;
        using (TransformerChain<SpeechClassificationTransformer> still = Pipeline(mlContext, options).Fit(data))
        {
            before = SmallRuns.Weights(still.LastTransformer);
        }
        (options.Epochs, options.EncoderLearningRate, options.HeadLearningRate) = (3, 1e-3, 2e-2);
        using TransformerChain<SpeechClassificationTransformer> model = Pipeline(mlContext, options).Fit(data);
        Dictionary<string, float[]> after = SmallRuns.Weights(model.LastTransformer);
        HashSet<string> trained = [.. model.LastTransformer.Model.Network.named_parameters()
            .Where(p => p.parameter.requires_grad).Select(p => p.name)];
        Assert.AreEqual(freezing == LayerFreezing.All,
            !trained.Any(n => n.StartsWith(SpeechNetwork.EncoderPrefix, StringComparison.Ordinal)));
        foreach ((string name, float[] weights) in after)
        {
            Assert.AreEqual(!trained.Contains(name),
                MemoryMarshal.AsBytes<float>(weights).SequenceEqual(MemoryMarshal.AsBytes<float>(before[name])), name);
        }
        AssertSurvivesItsZip(mlContext, model, data);
    }

    /// <summary>
    /// Eight clips are learned to a tenth of the loss at the start, and the saved model scores the same.
    /// </summary>
    internal static void AssertLearnsAndSurvivesItsZip(
        SpeechClassificationOptions options, double headRate = 2e-2, int epochs = 30)
    {
        options.WhisperContext = WhisperContext.Trimmed;
        options.Epochs = epochs;
        options.BatchSize = 8;
        options.EncoderLearningRate = 1e-3;
        options.HeadLearningRate = headRate;
        options.Schedule.Decay = LearningRateDecay.Constant;
        options.Schedule.WarmupRatio = 0;
        var mlContext = new MLContext(seed: 1);
        IDataView data = Prompts.View(mlContext, 8);
        var losses = new List<double>();
        using TransformerChain<SpeechClassificationTransformer> model =
            Pipeline(mlContext, options, new Recorder(losses)).Fit(data);
        Assert.IsTrue(losses[^1] < 0.1 * losses[0], $"loss went from {losses[0]} to {losses[^1]}");
        AssertSurvivesItsZip(mlContext, model, data);
    }

    private static SpeechClassificationOptions Options(
        string encoder, string freezing, string pooling, string layers, LayerCombination combination,
        int hiddenLayers) => new()
        {
            Encoder = RepositoryFiles.TinyEncoder(encoder),
            Freezing = freezing,
            Pooling = pooling,
            Layers = layers,
            LayerCombination = combination,
            Head = new HeadOptions { HiddenLayers = hiddenLayers, LayerNorm = true },
            WhisperContext = WhisperContext.Trimmed,
            Schedule = { Decay = LearningRateDecay.Constant, WarmupRatio = 0 },
        };

    private static EstimatorChain<SpeechClassificationTransformer> Pipeline(
        MLContext mlContext, SpeechClassificationOptions options, IProgress<TrainingProgress>? progress = null) =>
        PromptAudio.Pipeline(mlContext)
            .Append(mlContext.Transforms.Conversion.MapValueToKey("Label"))
            .Append(mlContext.MulticlassClassification.Trainers.SpeechClassification(
                "Label", "Audio", options, progress));

    private static void AssertSurvivesItsZip(
        MLContext mlContext, TransformerChain<SpeechClassificationTransformer> model, IDataView data)
    {
        using var scratch = new Scratch();
        mlContext.Model.Save(model, data.Schema, scratch.At("model.zip"));
        using var loaded = (TransformerChain<ITransformer>)mlContext.Model.Load(scratch.At("model.zip"), out _);
        PipelineTests.AssertEqual([.. model.Transform(data).GetColumn<float[]>("Score")],
            [.. loaded.Transform(data).GetColumn<float[]>("Score")], 0);
    }

    private sealed class Recorder(List<double> losses) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => losses.Add(value.Loss);
    }
}
