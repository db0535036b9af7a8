using System.Text;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Onnx.Tests;

/// <summary>Numbers beside the audio are an input of the graph, and columns of the transformer.</summary>
[TestClass]
public sealed class FeatureTests
{
    private static readonly string s_encoder = RepositoryFiles.TinyEncoder("hubert-base-like");
    private static readonly OnnxCase s_case = new() { Encoder = s_encoder, HasFeatures = true };

    private readonly MLContext _mlContext = new(seed: 1);

    public static IEnumerable<object[]> Tasks => Enum.GetValues<SpeechTask>().Select(t => new object[] { t });

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void Graph_EveryTask_ScoresAreTheModels(SpeechTask task)
    {
        using var scratch = new Scratch();
        using SpeechScoringTransformer model = (s_case with
        {
            Task = task,
            Head = new() { HiddenLayers = 1, PerTarget = true },
        }).Build(_mlContext);
        _mlContext.Speech().SaveOnnx(model, scratch.At("model.onnx"));
        float[][] clips = Clips();
        FeatureRow[] rows = FeatureRow.Rows(clips);
        Dictionary<string, float[][]> expected = Scores.Of(model, FeatureRow.View(_mlContext, rows));
        using var run = new OnnxRun(scratch.At("model.onnx"));
        float[][] numbers = [.. rows.Select(r => r.Numbers)];
        Dictionary<string, (float[] Values, long[] Shape)> together = run.Run(clips, numbers);
        CollectionAssert.AreEqual(new[] { "audio", "lengths", "features" }, run.Session.InputNames.ToArray());
        CollectionAssert.AreEqual(new[] { -1, 4 }, run.Session.InputMetadata["features"].Dimensions);
        Assert.AreEqual("[\"Voice: pitch\",\"Voice: jitter\",\"Voice: constant\",\"Age\"]",
            run.Session.ModelMetadata.CustomMetadataMap["speechml.features"]);
        for (int i = 0; i < clips.Length; i++)
        {
            Dictionary<string, (float[] Values, long[] Shape)> alone = run.Run([clips[i]], [numbers[i]]);
            foreach ((string column, float[][] values) in expected)
            {
                int size = values[i].Length;
                Scores.AreEqual(values[i], alone[column].Values, $"clip {i} alone, {column}");
                Scores.AreEqual(
                    values[i], together[column].Values[(i * size)..((i + 1) * size)], $"clip {i} in a batch, {column}");
            }
        }
        // They matter.
        float[][] scores =
            [.. numbers[..2].Select(n => run.Run([clips[0]], [n]).Values.SelectMany(v => v.Values).ToArray())];
        Assert.IsGreaterThan(1e-3, scores[0].Zip(scores[1]).Max(s => Math.Abs(s.First - s.Second)));
    }

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void LoadOnnx_EveryTask_SameSchemaAndScores(SpeechTask task) => Check(s_case with { Task = task });

    [TestMethod]
    [DataRow(WindowCombination.Frames)]
    [DataRow(WindowCombination.Probabilities)]
    public void LoadOnnx_LongRecordings_SameScores(WindowCombination combination) => Check(s_case with
    {
        Task = SpeechTask.MultiLabel,
        Pooling = SpeechPooling.MeanStd,
        LongAudio = new() { Length = 0.5, Overlap = 0.1, Combination = combination },
    });

    [TestMethod]
    public void LoadOnnx_Zip_StillTakesThem()
    {
        using var scratch = new Scratch();
        using (SpeechOnnxTransformer loaded = LoadTests.Load(_mlContext, scratch, s_case))
        {
            _mlContext.Model.Save(loaded, null, scratch.At("model.zip"));
        }
        IDataView data = FeatureRow.View(_mlContext, FeatureRow.Rows(Clips()));
        using SpeechScoringTransformer model = s_case.Build(_mlContext);
        ITransformer again = new MLContext().Model.Load(scratch.At("model.zip"), out _);
        LoadTests.AreSame(model, again, data, "zip");
        (again as IDisposable)?.Dispose();
    }

    [TestMethod]
    public void Transform_WithoutAColumnOrWithOthers_IsRefusedByName()
    {
        using var scratch = new Scratch();
        using SpeechOnnxTransformer loaded = LoadTests.Load(_mlContext, scratch, s_case);
        var missing = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => loaded.Transform(Scores.Data(_mlContext, Clips())));
        StringAssert.Contains(missing.Message, "extra feature column 'Voice': expected a Vector of 3 numbers");
        IDataView data = FeatureRow.View(_mlContext, FeatureRow.Rows(Clips()));
        IDataView others = _mlContext.Transforms.Concatenate("Voice", "Voice", "Voice").Fit(data).Transform(data);
        var size = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => loaded.Transform(others));
        StringAssert.Contains(size.Message, "'Voice': expected a Vector of 3 numbers");
    }

    [TestMethod]
    [DataRow("\"column\":\"Age\",\"size\":1", "\"column\":\"Age\",\"size\":2",
        "expected an input 'features' of 5 numbers")]
    [DataRow("\"column\":\"Voice\",\"size\":3", "\"column\":\"Voice\",\"size\":4", "feature 'Voice'")]
    [DataRow("\"features\":[", "\"featurez\":[", "expected no input 'features'")]
    public void LoadOnnx_DescriptionThatDoesNotFit_IsRefused(string from, string to, string expected)
    {
        using var scratch = new Scratch();
        using SpeechScoringTransformer model = s_case.Build(_mlContext);
        using var stream = new MemoryStream();
        _mlContext.Speech().SaveOnnx(model, stream);
        string text = Encoding.Latin1.GetString(stream.ToArray());
        Assert.Contains(from, text);
        File.WriteAllBytes(scratch.At("model.onnx"),
            Encoding.Latin1.GetBytes(text.Replace(from, to, StringComparison.Ordinal)));
        var refused = Assert.ThrowsExactly<FormatException>(
            () => _mlContext.Speech().LoadOnnx(scratch.At("model.onnx")));
        StringAssert.Contains(refused.Message, expected);
    }

    [TestMethod]
    public void SaveOnnx_MeasuredColumn_SaysHowItIsMade()
    {
        using var scratch = new Scratch();
        float[][] clips = Clips();
        IDataView data = FeatureRow.View(_mlContext, FeatureRow.Rows(clips));
        var options = new MfccOptions { Count = 3 };
        ITransformer measuring = _mlContext.Transforms.MeasureMfcc("Voice", "Audio", options).Fit(data);
        using SpeechScoringTransformer model = s_case.Build(_mlContext);
        // The model was trained with other numbers: what makes the column is told all the same.
        _mlContext.Speech().SaveOnnx(new TransformerChain<ITransformer>(measuring, model), scratch.At("model.onnx"));
        using SpeechOnnxTransformer loaded = _mlContext.Speech().LoadOnnx(scratch.At("model.onnx"));
        AudioMeasuringTransformer again = loaded.Measurings(_mlContext).Single();
        Assert.AreEqual("Voice", again.OutputColumnName);
        Assert.AreEqual(JsonSerializer.Serialize(Scores.Of(measuring, data)),
            JsonSerializer.Serialize(Scores.Of(again, data)));

        // What lies between may have changed it.
        ITransformer changed = _mlContext.Transforms.NormalizeMinMax("Voice").Fit(measuring.Transform(data));
        _mlContext.Speech().SaveOnnx(
            new TransformerChain<ITransformer>(measuring, changed, model), scratch.At("model.onnx"));
        using SpeechOnnxTransformer other = _mlContext.Speech().LoadOnnx(scratch.At("model.onnx"));
        Assert.IsEmpty(other.Measurings(_mlContext));
    }

    [TestMethod]
    public void ConvertToOnnx_ModelWithNumbers_SameScores()
    {
        float[][] clips = Clips();
        FeatureRow[] rows = FeatureRow.Rows(clips);
        IDataView data = FeatureRow.View(_mlContext, rows);
        using SpeechScoringTransformer model = (s_case with { Task = SpeechTask.MultiLabel }).Build(_mlContext);
        using var stream = new MemoryStream();
        _mlContext.Model.ConvertToOnnx(model, data, stream, "Score");
        float[][] expected = Scores.Of(model, data)["Score"];
        using var session = new InferenceSession(stream.ToArray());
        for (int i = 0; i < clips.Length; i++)
        {
            using OrtValue audio = OrtValue.CreateTensorValueFromMemory(clips[i], [1, clips[i].Length]);
            using OrtValue voice = OrtValue.CreateTensorValueFromMemory(rows[i].Voice, [1, 3]);
            using OrtValue age = OrtValue.CreateTensorValueFromMemory(new[] { rows[i].Age }, [1, 1]);
            using var options = new RunOptions();
            using IDisposableReadOnlyCollection<OrtValue> made =
                session.Run(options, ["Audio", "Voice", "Age"], [audio, voice, age], ["Score.output"]);
            Scores.AreEqual(expected[i], made[0].GetTensorDataAsSpan<float>().ToArray(), $"clip {i}");
        }
    }

    private static float[][] Clips() =>
    [
        TinyEncoders.Clip(5000, 1), TinyEncoders.Clip(21_003, 2), TinyEncoders.Clip(1601, 3),
        TinyEncoders.Clip(17_000, 4),
    ];

    private void Check(OnnxCase one)
    {
        using var scratch = new Scratch();
        using SpeechScoringTransformer model = one.Build(_mlContext);
        using SpeechOnnxTransformer loaded = LoadTests.Load(_mlContext, scratch, one);
        LoadTests.AreSame(model, loaded, FeatureRow.View(_mlContext, FeatureRow.Rows(Clips())), $"{one}");
    }
}
