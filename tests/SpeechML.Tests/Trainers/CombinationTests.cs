using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Trainers;

/// <summary>
/// Freezing, layers, pooling and heads together: every combination trains, learns and survives its zip.
/// </summary>
[TestClass]
public sealed class CombinationTests
{
    private static readonly (string Layers, LayerCombination Combination)[] s_layers =
        [("", LayerCombination.Mean), ("1,2", LayerCombination.WeightedSum), ("0-2", LayerCombination.Concatenate),
            ("all", LayerCombination.WeightedSum), ("1,3", LayerCombination.Mean)];

    public static IEnumerable<object[]> Cases()
    {
        int i = 0;
        foreach (LayerFreezing freezing in Enum.GetValues<LayerFreezing>())
        {
            // Each freezing with every other pooling; encoders, layers and heads take turns.
            foreach (SpeechPooling pooling in Enum.GetValues<SpeechPooling>()
                .Where(p => ((int)p + (int)freezing) % 2 == 0))
            {
                (string layers, LayerCombination combination) = s_layers[i % s_layers.Length];
                yield return [i % 2 == 0 ? "whisper-80" : "hubert-base-like", freezing, pooling, layers, combination,
                    i % 3 == 0 ? 1 : 0];
                i++;
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Fit_Combination_LearnsAndSurvivesItsZip(
        string encoder, LayerFreezing freezing, SpeechPooling pooling, string layers, LayerCombination combination,
        int hiddenLayers)
    {
        var options = new SpeechClassificationOptions
        {
            Encoder = RepositoryFiles.TinyEncoder(encoder),
            Freezing = freezing,
            FrozenLayers = freezing == LayerFreezing.Layers ? "0" : "",
            Pooling = pooling,
            Layers = layers,
            LayerCombination = combination,
            Head = new HeadOptions { HiddenLayers = hiddenLayers, LayerNorm = true },
        };
        AssertLearnsAndSurvivesItsZip(options);
    }

    /// <summary>
    /// Eight clips are learned to a tenth of the loss at the start, and the saved model scores the same.
    /// </summary>
    internal static void AssertLearnsAndSurvivesItsZip(SpeechClassificationOptions options, double headRate = 2e-2)
    {
        options.WhisperContext = WhisperContext.Trimmed;
        options.Epochs = 60;
        options.BatchSize = 8;
        options.EncoderLearningRate = 1e-3;
        options.HeadLearningRate = headRate;
        options.Schedule = LearningRateDecay.Constant;
        options.WarmupRatio = 0;
        using var scratch = new Scratch();
        var mlContext = new MLContext(seed: 1);
        IDataView data = Prompts.View(mlContext, 8);
        var losses = new List<double>();
        using var model = PromptAudio.Pipeline(mlContext)
            .Append(mlContext.Transforms.Conversion.MapValueToKey("Label"))
            .Append(mlContext.MulticlassClassification.Trainers.SpeechClassification(
                "Label", "Audio", options, new Recorder(losses)))
            .Fit(data);
        Assert.IsTrue(losses[^1] < 0.1 * losses[0], $"loss went from {losses[0]} to {losses[^1]}");

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
