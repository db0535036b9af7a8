using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Trainers;

/// <summary>Whole pipelines: fit, score, judge, save, load in a process of its own.</summary>
[TestClass]
public sealed class PipelineTests
{
    private static readonly string[] s_encoders = ["whisper-80", "hubert-base-like"];

    public static IEnumerable<object[]> Encoders => s_encoders.Select(e => new object[] { e });

    [TestMethod]
    [DynamicData(nameof(Encoders))]
    public void SpeechClassification_SavedAndLoadedInAnotherProcess_ScoresTheSame(string encoder)
    {
        using var scratch = new Scratch();
        var mlContext = new MLContext(seed: 1);
        IDataView data = Prompts.View(mlContext, 12);
        var pipeline = PromptAudio.Pipeline(mlContext)
            .Append(mlContext.Transforms.Conversion.MapValueToKey("Label"))
            .Append(mlContext.MulticlassClassification.Trainers.SpeechClassification(
                "Label", "Audio", Options(encoder)))
            .Append(mlContext.Transforms.Conversion.MapKeyToValue("Language", "PredictedLabel"));

        using var model = pipeline.Fit(data);
        IDataView scored = model.Transform(data);
        mlContext.Model.Save(model, data.Schema, scratch.At("model.zip"));

        float[][] here = [.. scored.GetColumn<float[]>("Score")];
        Assert.AreEqual(12, here.Length);
        foreach (float[] probabilities in here)
        {
            Assert.AreEqual(1, probabilities.Sum(), 1e-5);
        }
        CollectionAssert.IsSubsetOf(
            scored.GetColumn<string>("Language").Distinct().ToArray(),
            data.GetColumn<string>("Label").Distinct().ToArray());
        AssertEqual(here, OtherProcess.Score(scratch.At("model.zip"), Prompts.Rows(12).Select(r => r.Path), "Score"),
            0);
    }

    [TestMethod]
    [DynamicData(nameof(Encoders))]
    public void MultiLabelClassification_SavedAndLoadedInAnotherProcess_ScoresTheSame(string encoder)
    {
        using var scratch = new Scratch();
        var mlContext = new MLContext(seed: 1);
        IDataView data = Prompts.View(mlContext, 12);
        var options = new SpeechMultiLabelOptions
        {
            Layers = EncoderLayers.Last,
            Encoder = RepositoryFiles.TinyEncoder(encoder),
            Epochs = 1,
            WhisperContext = WhisperContext.Trimmed,
            Freezing = LayerFreezing.All
        };
        using var model = PromptAudio.Pipeline(mlContext)
            .Append(mlContext.Speech().Trainers.MultiLabelClassification("Labels", "Audio", options)).Fit(data);
        IDataView scored = model.Transform(data);
        mlContext.Model.Save(model, data.Schema, scratch.At("model.zip"));

        float[][] logits = [.. scored.GetColumn<float[]>("Score")];
        float[][] probabilities = [.. scored.GetColumn<float[]>("Probability")];
        bool[][] decisions = [.. scored.GetColumn<VBuffer<bool>>("PredictedLabel")
            .Select(v => v.DenseValues().ToArray())];
        for (int i = 0; i < logits.Length; i++)
        {
            for (int j = 0; j < logits[i].Length; j++)
            {
                Assert.AreEqual(1 / (1 + Math.Exp(-logits[i][j])), probabilities[i][j], 1e-6);
                Assert.AreEqual(probabilities[i][j] >= 0.5, decisions[i][j]);
            }
        }
        AssertEqual(probabilities,
            OtherProcess.Score(scratch.At("model.zip"), Prompts.Rows(12).Select(r => r.Path), "Probability"), 0);
    }

    [TestMethod]
    public void EncodeSpeech_WithSdca_SavedAndLoadedInAnotherProcess_ScoresTheSame()
    {
        using var scratch = new Scratch();
        var mlContext = new MLContext(seed: 1);
        IDataView data = Prompts.View(mlContext, 20);
        var pipeline = PromptAudio.Pipeline(mlContext)
            .Append(mlContext.Transforms.EncodeSpeech(
                "Features", new SpeechEncodingOptions
                {
                    Encoder = RepositoryFiles.TinyEncoder("whisper-80"),
                    Layers = "1",
                    WhisperContext = WhisperContext.Trimmed
                }))
            .Append(mlContext.Transforms.Conversion.MapValueToKey("Label"))
            .AppendCacheCheckpoint(mlContext)
            .Append(mlContext.MulticlassClassification.Trainers.SdcaMaximumEntropy(
                new Microsoft.ML.Trainers.SdcaMaximumEntropyMulticlassTrainer.Options
                {
                    MaximumNumberOfIterations = 20,
                    NumberOfThreads = 1
                }));

        var model = pipeline.Fit(data);
        using (model)
        {
            mlContext.Model.Save(model, data.Schema, scratch.At("model.zip"));
            AssertEqual([.. model.Transform(data).GetColumn<float[]>("Score")],
                OtherProcess.Score(scratch.At("model.zip"), Prompts.Rows(20).Select(r => r.Path), "Score"), 0);
        }
    }

    [TestMethod]
    public void PredictionEngine_OnLoadedModel_AgreesWithBatches()
    {
        using var scratch = new Scratch();
        var mlContext = new MLContext(seed: 1);
        IDataView data = Prompts.View(mlContext, 8);
        using (var model = Classifier(mlContext).Fit(data))
        {
            mlContext.Model.Save(model, data.Schema, scratch.At("model.zip"));
        }
        using var loaded = (TransformerChain<ITransformer>)mlContext.Model.Load(scratch.At("model.zip"), out _);
        float[][] batch = [.. loaded.Transform(data).GetColumn<float[]>("Score")];
        using PredictionEngine<PromptRow, Scored> engine =
            mlContext.Model.CreatePredictionEngine<PromptRow, Scored>(loaded);
        float[][] single = [.. Prompts.Rows(8).Select(r => engine.Predict(r).Score)];
        AssertEqual(batch, single, 1e-4);
        Assert.AreEqual(16_000, engine.Predict(Prompts.Rows(8)[0]).Audio!.SampleRate);
    }

    [TestMethod]
    public void Evaluate_AndCrossValidate_Run()
    {
        var mlContext = new MLContext(seed: 1);
        IDataView data = Prompts.View(mlContext, 20);
        using var model = Classifier(mlContext).Fit(data);
        MulticlassClassificationMetrics metrics = mlContext.MulticlassClassification.Evaluate(model.Transform(data));
        Assert.IsTrue(metrics.LogLoss is > 0 and < 100);
        Assert.AreEqual(5, metrics.ConfusionMatrix.NumberOfClasses);

        var folds = mlContext.MulticlassClassification.CrossValidate(
            data, Classifier(mlContext), numberOfFolds: 2, samplingKeyColumnName: "Subject");
        Assert.HasCount(2, folds);
        foreach (var fold in folds)
        {
            Assert.IsTrue(double.IsFinite(fold.Metrics.LogLoss));
            ((IDisposable)fold.Model).Dispose();
        }
    }

    internal static SpeechClassificationOptions Options(string encoder) => new()
    {
        Layers = EncoderLayers.Last,
        Encoder = RepositoryFiles.TinyEncoder(encoder),
        Epochs = 1,
        BatchSize = 4,
        WhisperContext = WhisperContext.Trimmed,
    };

    internal static EstimatorChain<SpeechClassificationTransformer> Classifier(MLContext mlContext) =>
        PromptAudio.Pipeline(mlContext)
            .Append(mlContext.Transforms.Conversion.MapValueToKey("Label"))
            .Append(mlContext.MulticlassClassification.Trainers.SpeechClassification(
                "Label", "Audio", Options("whisper-80")));

    internal static void AssertEqual(float[][] expected, float[][] actual, double tolerance)
    {
        Assert.AreEqual(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i].Length, actual[i].Length);
            for (int j = 0; j < expected[i].Length; j++)
            {
                Assert.AreEqual(expected[i][j], actual[i][j], tolerance, $"row {i}, column {j}");
            }
        }
    }

    private sealed class Scored
    {
        public float[] Score { get; set; } = [];

        public uint PredictedLabel { get; set; }

        public MLAudio? Audio { get; set; }
    }
}
