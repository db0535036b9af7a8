using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Onnx.Tests;

/// <summary>What stands behind a model or a featuriser is in the graph too.</summary>
[TestClass]
public sealed class ChainTests
{
    private static readonly string s_encoder = RepositoryFiles.TinyEncoder("hubert-base-like");

    [TestMethod]
    [DataRow(CalibrationMethod.Platt)]
    [DataRow(CalibrationMethod.Isotonic)]
    public void SaveOnnx_CalibrationAndThresholds_AreInTheGraph(CalibrationMethod method)
    {
        var mlContext = new MLContext(seed: 1);
        using SpeechScoringTransformer model =
            new OnnxCase { Encoder = s_encoder, Task = SpeechTask.MultiLabel }.Build(mlContext);
        IDataView data = Rows(mlContext);
        IDataView scored = model.Transform(data);
        ProbabilityCalibrationTransformer calibration =
            mlContext.Speech().Calibrators.MultiLabel("Labels", method: method).Fit(scored);
        ThresholdTransformer thresholds = mlContext.Speech().Thresholds(labelColumnName: "Labels")
            .Fit(calibration.Transform(scored));
        Check(mlContext, [model, calibration, thresholds], data);
    }

    [TestMethod]
    public void SaveOnnx_TemperatureAndBinaryThreshold_AreInTheGraph()
    {
        var mlContext = new MLContext(seed: 1);
        IDataView data = Rows(mlContext);
        using SpeechScoringTransformer classes = new OnnxCase { Encoder = s_encoder }.Build(mlContext);
        Check(mlContext,
            [classes, mlContext.Speech().Calibrators.Multiclass("Class").Fit(classes.Transform(data))], data);
        using SpeechScoringTransformer binary =
            new OnnxCase { Encoder = s_encoder, Task = SpeechTask.Binary }.Build(mlContext);
        ITransformer platt = mlContext.BinaryClassification.Calibrators.Platt("IsFirst").Fit(binary.Transform(data));
        IDataView calibrated = platt.Transform(binary.Transform(data));
        Check(mlContext,
            [binary, platt, mlContext.Speech().Thresholds(labelColumnName: "IsFirst").Fit(calibrated)], data);
    }

    [TestMethod]
    public void SaveOnnx_MapKeyToValue_GivesTexts()
    {
        using var scratch = new Scratch();
        var mlContext = new MLContext(seed: 1);
        IDataView data = Scores.Data(mlContext, Clips());
        using SpeechScoringTransformer model = new OnnxCase { Encoder = s_encoder }.Build(mlContext);
        ITransformer text = mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel").Fit(model.Transform(data));
        var chain = new TransformerChain<ITransformer>(model, text);
        mlContext.Speech().SaveOnnx(chain, scratch.At("model.onnx"));
        using SpeechOnnxTransformer loaded = mlContext.Speech().LoadOnnx(scratch.At("model.onnx"));
        CollectionAssert.AreEqual(
            chain.Transform(data).GetColumn<string>("PredictedLabel").ToArray(),
            loaded.Transform(data).GetColumn<string>("PredictedLabel").ToArray());
    }

    [TestMethod]
    public void SaveOnnx_OtherStep_IsRefusedByName()
    {
        var mlContext = new MLContext(seed: 1);
        using SpeechScoringTransformer model = new OnnxCase { Encoder = s_encoder }.Build(mlContext);
        IDataView data = Scores.Data(mlContext, TinyEncoders.Clip(8000, 1));
        ITransformer chain = new TransformerChain<ITransformer>(
            model, mlContext.Transforms.NormalizeMinMax("Score").Fit(model.Transform(data)));
        var refused = Assert.ThrowsExactly<NotSupportedException>(
            () => mlContext.Speech().SaveOnnx(chain, new MemoryStream()));
        StringAssert.Contains(refused.Message, "got NormalizingTransformer");
        var none = Assert.ThrowsExactly<ArgumentException>(() => mlContext.Speech().SaveOnnx(
            mlContext.Transforms.ResampleAudio("Audio", 16000).Fit(data), new MemoryStream()));
        StringAssert.Contains(none.Message, "got 0 in AudioResamplingTransformer");
    }

    [TestMethod]
    [DataRow("linear")]
    [DataRow("tree")]
    [DataRow("classes")]
    public void ConvertToOnnx_MlNetTrainerBehindEncodeSpeech_SameScores(string kind)
    {
        var mlContext = new MLContext(seed: 1);
        IDataView data = Rows(mlContext);
        IEstimator<ITransformer> encode = mlContext.Transforms.EncodeSpeech(
            "Features", new SpeechEncodingOptions { Encoder = s_encoder, Layers = "all" }, "Audio");
        IEstimator<ITransformer> pipeline = kind switch
        {
            "linear" => encode.Append(mlContext.Transforms.NormalizeMinMax("Features"))
                .Append(mlContext.BinaryClassification.Trainers.LbfgsLogisticRegression("IsFirst")),
            "tree" => encode.Append(mlContext.BinaryClassification.Trainers.LightGbm(
                "IsFirst", numberOfLeaves: 4, minimumExampleCountPerLeaf: 1, numberOfIterations: 10)),
            _ => encode.Append(mlContext.Transforms.Conversion.MapValueToKey("Key", "Class"))
                .Append(mlContext.MulticlassClassification.Trainers.LbfgsMaximumEntropy("Key")),
        };
        ITransformer model = pipeline.Fit(data);
        string[] outputs = kind == "classes" ? ["Score"] : ["Score", "Probability", "PredictedLabel"];
        using var stream = new MemoryStream();
        mlContext.Model.ConvertToOnnx(model, data, stream, outputs);

        IDataView scored = model.Transform(data);
        float[][] expected = kind == "classes" ? [.. scored.GetColumn<float[]>("Score")]
            : [.. scored.GetColumn<float>("Score").Select(s => new[] { s })];
        using var options = new SessionOptions
        {
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
            IntraOpNumThreads = 1,
        };
        using var session = new InferenceSession(stream.ToArray(), options);
        Check(session, expected, outputs);
        (model as IDisposable)?.Dispose();
    }

    [TestMethod]
    public void ConvertToOnnx_FineTunedModelAndThresholds_SameScores()
    {
        var mlContext = new MLContext(seed: 1);
        IDataView data = Rows(mlContext);
        using SpeechScoringTransformer model =
            new OnnxCase { Encoder = s_encoder, Task = SpeechTask.MultiLabel }.Build(mlContext);
        ProbabilityCalibrationTransformer calibration =
            mlContext.Speech().Calibrators.MultiLabel("Labels").Fit(model.Transform(data));
        var chain = new TransformerChain<ITransformer>(model, calibration);
        using var stream = new MemoryStream();
        mlContext.Model.ConvertToOnnx(chain, data, stream, "Probability", "PredictedLabel");
        using var session = new InferenceSession(stream.ToArray());
        Check(session, [.. chain.Transform(data).GetColumn<float[]>("Probability")], ["Probability", "PredictedLabel"]);
    }

    [TestMethod]
    public void ConvertToOnnx_AudioStepsBefore_GraphBeginsBehindThem()
    {
        var mlContext = new MLContext(seed: 1);
        IDataView data = Rows(mlContext);
        var pipeline = mlContext.Transforms.TruncateAudio("Audio", TimeSpan.FromSeconds(0.25))
            .Append(mlContext.Transforms.EncodeSpeech(
                "Features", new SpeechEncodingOptions { Encoder = s_encoder, Layers = "all" }, "Audio"))
            .Append(mlContext.BinaryClassification.Trainers.LbfgsLogisticRegression("IsFirst"));
        ITransformer model = pipeline.Fit(data);
        using var stream = new MemoryStream();
        mlContext.Model.ConvertToOnnx(model, data, stream, "Probability");
        using var session = new InferenceSession(stream.ToArray());
        CollectionAssert.Contains(session.InputNames.ToArray(), "Audio");
        IDataView scored = model.Transform(data);
        Check(session, [.. scored.GetColumn<float>("Probability").Select(s => new[] { s })], ["Probability"],
            [.. scored.GetColumn<MLAudio>("Audio").Select(a => a.Samples.ToArray())]);
        (model as IDisposable)?.Dispose();
    }

    [TestMethod]
    public void ConvertToOnnx_WhatCannotBeConverted_IsNamed()
    {
        var mlContext = new MLContext(seed: 1);
        IDataView data = Rows(mlContext);
        string own = SpeechPooling.Register("ChainTestsPooling", (hidden, _) => new FirstFrame(hidden));
        using SpeechScoringTransformer model = new OnnxCase { Encoder = s_encoder, Pooling = own }.Build(mlContext);
        StringAssert.Contains(Assert.ThrowsExactly<NotSupportedException>(
            () => mlContext.Model.ConvertToOnnx(model, data, new MemoryStream(), "Score")).Message,
            "got 'ChainTestsPooling'");
        using SpeechEncodingTransformer frames = mlContext.Transforms.EncodeSpeech(
            "Features", new SpeechEncodingOptions { Encoder = s_encoder, Output = SpeechFeatureOutput.Frames }, "Audio")
            .Fit(data);
        StringAssert.Contains(Assert.ThrowsExactly<NotSupportedException>(
            () => mlContext.Model.ConvertToOnnx(frames, data, new MemoryStream(), "Features")).Message,
            "column 'Features': expected pooled features");
    }

    private static float[][] Clips(int seed = 0) =>
        [.. Enumerable.Range(0, 12).Select(i => TinyEncoders.Clip(4000 + (i * 331), seed + i))];

    private static IDataView Rows(MLContext mlContext) =>
        mlContext.Data.LoadFromEnumerable(Clips().Select((c, i) => new Row
        {
            Audio = MLAudio.FromSamples(c, 16000),
            Labels = [i % 2, i / 2 % 2, i / 3 % 2, i > 5 ? 1 : 0],
            Class = i % 3,
            IsFirst = i % 4 < 2,
        }));

    private static void Check(
        InferenceSession session, float[][] expected, string[] outputs, float[][]? given = null)
    {
        float[][] clips = given ?? Clips();
        for (int i = 0; i < clips.Length; i++)
        {
            using OrtValue audio = OrtValue.CreateTensorValueFromMemory(clips[i], [1, clips[i].Length]);
            List<string> names = ["Audio"];
            List<OrtValue> values = [audio];
            // ML.NET asks for every number that stood beside the audio.
            foreach (string other in session.InputNames.Where(n => n != "Audio"))
            {
                int size = Math.Max(1, session.InputMetadata[other].Dimensions[^1]);
                names.Add(other);
                values.Add(OrtValue.CreateTensorValueFromMemory(new float[size], [1, size]));
            }
            using var options = new RunOptions();
            using IDisposableReadOnlyCollection<OrtValue> made =
                session.Run(options, names, values, [.. outputs.Select(o => o + ".output")]);
            Scores.AreEqual(expected[i], made[0].GetTensorDataAsSpan<float>().ToArray(), $"clip {i}");
        }
    }

    private static void Check(MLContext mlContext, ITransformer[] steps, IDataView data)
    {
        using var scratch = new Scratch();
        var chain = new TransformerChain<ITransformer>(steps);
        mlContext.Speech().SaveOnnx(chain, scratch.At("model.onnx"));
        using SpeechOnnxTransformer loaded = mlContext.Speech().LoadOnnx(scratch.At("model.onnx"));
        // Not those that thresholds were chosen on: a threshold is the very probability of one of them.
        IDataView audio = Scores.Data(mlContext, Clips(seed: 100));
        Dictionary<string, float[][]> expected = Scores.Of(chain, audio), actual = Scores.Of(loaded, audio);
        CollectionAssert.AreEquivalent(expected.Keys, actual.Keys);
        foreach ((string column, float[][] rows) in expected)
        {
            // Of all clips: a score behind a threshold is a difference, and may be near 0 for one of them.
            Scores.AreEqual([.. rows.SelectMany(r => r)], [.. actual[column].SelectMany(r => r)], column);
        }
    }

    private sealed class Row
    {
        public MLAudio? Audio { get; set; }

        [VectorType(4)]
        public float[] Labels { get; set; } = [];

        public float Class { get; set; }

        public bool IsFirst { get; set; }
    }
}
