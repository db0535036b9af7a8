using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Tests.Support;
using SpeechML.Tests.Trainers;

namespace SpeechML.Tests.Adapters;

/// <summary>Adapters in the trainers: they learn while the encoder stays, and a zip brings them back.</summary>
[TestClass]
public sealed class LoraTrainingTests
{
    public static IEnumerable<object[]> Cases() =>
    [
        ["whisper-80", new LoraOptions { Rank = 4 }],
        ["hubert-base-like", new LoraOptions { Rank = 4 }],
        ["wavlm-base-like", new LoraOptions { Rank = 4, Dora = true, Targets = "q_proj,k_proj,v_proj,out_proj" }],
    ];

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Fit_WithAdapter_LearnsAndSurvivesItsZip(string encoder, LoraOptions lora)
    {
        using var scratch = new Scratch();
        var mlContext = new MLContext(seed: 1);
        IDataView data = Prompts.View(mlContext, 8);
        var losses = new List<double>();
        var options = new SpeechClassificationOptions
        {
            Encoder = RepositoryFiles.TinyEncoder(encoder),
            Lora = lora,
            WhisperContext = WhisperContext.Trimmed,
            Epochs = 60,
            BatchSize = 8,
            EncoderLearningRate = 1e-3,
            HeadLearningRate = 2e-2,
            Schedule = LearningRateDecay.Constant,
            WarmupRatio = 0,
        };
        using var model = PipelineTests.Audio(mlContext)
            .Append(mlContext.Transforms.Conversion.MapValueToKey("Label"))
            .Append(mlContext.MulticlassClassification.Trainers.SpeechClassification("Label", "Audio", options, new Recorder(losses)))
            .Fit(data);
        Assert.IsTrue(losses[^1] < 0.1 * losses[0], $"loss went from {losses[0]} to {losses[^1]}");

        mlContext.Model.Save(model, data.Schema, scratch.At("model.zip"));
        using var loaded = (TransformerChain<ITransformer>)mlContext.Model.Load(scratch.At("model.zip"), out _);
        PipelineTests.AssertEqual([.. model.Transform(data).GetColumn<float[]>("Score")], [.. loaded.Transform(data).GetColumn<float[]>("Score")], 0);
    }

    private sealed class Recorder(List<double> losses) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => losses.Add(value.Loss);
    }
}
