using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Trainers;

/// <summary>A regression of several numbers at once.</summary>
[TestClass]
public sealed class NumbersTests
{
    private static readonly string[] s_names = ["arousal", "dominance", "valence"];

    private readonly MLContext _context = new(seed: 1);

    [TestMethod]
    [DataRow("MeanSquared")]
    [DataRow("Huber")]
    [DataRow("Concordance")]
    public void Fit_VectorLabel_ScoreOfEachThatLearns(string loss)
    {
        using var scratch = new Scratch();
        IDataView data = Data();
        SpeechRegressionOptions options = Options(loss);
        using SpeechRegressionTransformer model = Fit(options, data);
        IDataView scored = model.Transform(data);
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, 3), scored.Schema["Score"].Type);
        VBuffer<ReadOnlyMemory<char>> slots = default;
        scored.Schema["Score"].GetSlotNames(ref slots);
        CollectionAssert.AreEqual(s_names, slots.DenseValues().Select(v => v.ToString()).ToArray());

        IReadOnlyList<(string Name, SpeechRegressionMetrics Metrics)> each =
            _context.Speech().Regression.EvaluateEach(scored, "Numbers");
        CollectionAssert.AreEqual(s_names, each.Select(e => e.Name).ToArray());
        Assert.AreEqual(2, each[1].Metrics.Missing);
        Assert.IsTrue(each.All(e => e.Metrics.Pearson.Value > 0.5),
            string.Join(' ', each.Select(e => e.Metrics.Pearson)));
        float[][] scores = Scores(model, data);
        SpeechRegressionMetrics first = SpeechRegressionMetrics.Evaluate(
            [.. data.GetColumn<float>("arousal").Select(v => (double)v)], [.. scores.Select(s => (double)s[0])]);
        Assert.AreEqual(first.Ccc.Value!.Value, each[0].Metrics.Ccc.Value!.Value, 1e-9);

        _context.Model.Save(model, data.Schema, scratch.At("model.zip"));
        ITransformer again = _context.Model.Load(scratch.At("model.zip"), out _);
        using var disposed = (IDisposable)again;
        AssertSame(scores, Scores(again, data));
        _context.Speech().SaveHuggingFace(model, scratch.At("folder"));
        JsonNode config = EncoderFiles.Json(Path.Combine(scratch.At("folder"), "config.json"));
        Assert.AreEqual("regression", config["problem_type"]!.ToString());
        Assert.AreEqual("dominance", config["id2label"]!["1"]!.ToString());
        File.Delete(Path.Combine(scratch.At("folder"), "speechml.json"));
        File.Delete(Path.Combine(scratch.At("folder"), "head.safetensors"));
        using SpeechScoringTransformer python = _context.Speech().LoadHuggingFace(scratch.At("folder"));
        AssertSame(scores, Scores(python, data));
    }

    [TestMethod]
    public void Fit_MissingNumber_TakesPartInNothing()
    {
        IDataView data = Data();
        // A number that is missing everywhere but in two clips, and one that is whole, as if it were alone.
        SpeechRegressionOptions options = Options("MeanSquared");
        (options.Freezing, options.Head.PerTarget) = (LayerFreezing.All, true);
        var seen = new List<double>();
        using SpeechRegressionTransformer model = _context.Regression.Trainers.SpeechRegression(
            "Numbers", "Audio", options, new Recorder(seen)).Fit(data);
        Assert.IsTrue(seen.TrueForAll(double.IsFinite));
        Assert.IsTrue(Scores(model, data).All(s => s.All(float.IsFinite)));
    }

    [TestMethod]
    public void Fit_LayersChosen_EachNumberByItself()
    {
        SpeechRegressionOptions options = Options("MeanSquared");
        (options.Layers, options.Freezing) = (EncoderLayers.Auto, LayerFreezing.All);
        IDataView data = Data();
        using SpeechRegressionTransformer model = Fit(options, data);
        CollectionAssert.AreEqual(s_names, model.Model.Facts.LayerSearch!.Outputs);
        Assert.IsTrue(model.Model.Facts.LayerSearch.Candidates.All(c => c.Scores.Length == 3));
        Assert.IsTrue(Scores(model, data).All(s => s.All(float.IsFinite)));
    }

    [TestMethod]
    public void Fit_InitialModelOfSeveralNumbers_BeginsWithAllItsScores()
    {
        string folder = Path.Combine(RepositoryFiles.Fixtures, "golden", "classifiers", "wav2vec2-emotion");
        using SpeechScoringTransformer hub = _context.Speech().LoadHuggingFace(folder);
        IDataView data = Data([.. hub.Labels]);
        SpeechRegressionOptions options =
            SmallRuns.Still(new SpeechRegressionOptions { InitialModel = { Path = folder } });
        using SpeechRegressionTransformer trained = Fit(options, data);
        AssertSame(Scores(hub, data), Scores(trained, data));
        CollectionAssert.AreEqual(hub.Labels.ToArray(), trained.Labels.ToArray());
        var refused = Assert.ThrowsExactly<InvalidOperationException>(
            () => Fit(options, Data([.. hub.Labels.Reverse()])));
        StringAssert.Contains(refused.Message, "expected the labels of InitialModel");
    }

    [TestMethod]
    public void Fit_LabelsThatCannotBeLearned_AreNamed()
    {
        IDataView data = Data();
        IDataView constant = _context.Transforms.Concatenate("Numbers", "arousal", "Constant").Fit(data)
            .Transform(data);
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => Fit(Options("Huber"), constant)).Message,
            "Label 'Constant' of column 'Numbers': expected numbers that differ, got 12 rows, all 2.");
        IDataView single = _context.Transforms.Concatenate("Numbers", "arousal").Fit(data).Transform(data);
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => Fit(Options("Huber"), single)).Message,
            "expected a number, or a vector of at least two");
        using SpeechRegressionTransformer model = Fit(Options("MeanSquared"), data);
        IDataView other = constant;
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(
                () => _context.Speech().Regression.EvaluateEach(model.Transform(other), "Numbers")).Message,
            "expected 3 numbers");
        IDataView unrated = _context.Transforms.Concatenate("Numbers", "arousal", "Unrated", "valence").Fit(data)
            .Transform(data);
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(
                () => _context.Speech().Regression.EvaluateEach(model.Transform(unrated), "Numbers")).Message,
            "got none with one of 'dominance' among 12");
    }

    [TestMethod]
    public void Explain_SeveralNumbers_EachByItsName()
    {
        IDataView data = Data();
        using SpeechRegressionTransformer model = Fit(Options("MeanSquared"), data);
        MLAudio clip = data.GetColumn<MLAudio>("Audio").First();
        var options = new SpeechExplanationOptions { IntegratedGradients = true, MaxGradientPoints = 16 };
        SpeechExplanation all = _context.Speech().Explain(model, clip, options);
        CollectionAssert.AreEqual(s_names, all.Targets.Select(t => t.Name).ToArray());
        float[] scores = Scores(model, data)[0];
        for (int k = 0; k < scores.Length; k++)
        {
            Assert.AreEqual(scores[k], all.Targets[k].Score, 1e-4);
            Assert.IsNull(all.Targets[k].Probability);
        }
        options = new SpeechExplanationOptions { Targets = ["valence"] };
        Assert.AreEqual(scores[2], _context.Speech().Explain(model, clip, options).Targets.Single().Score, 1e-4);
    }

    private static SpeechRegressionOptions Options(string loss) => new()
    {
        Encoder = RepositoryFiles.TinyEncoder("hubert-base-like"),
        Layers = EncoderLayers.Last,
        Loss = loss,
        Epochs = 12,
        BatchSize = 6,
        Seed = 0,
        EncoderLearningRate = 1e-3,
        HeadLearningRate = 3e-2,
        Schedule = { WarmupRatio = 0 },
    };

    private SpeechRegressionTransformer Fit(SpeechRegressionOptions options, IDataView data) =>
        _context.Regression.Trainers.SpeechRegression("Numbers", "Audio", options).Fit(data);

    private static float[][] Scores(ITransformer model, IDataView data) =>
        [.. model.Transform(data).GetColumn<float[]>("Score")];

    private static void AssertSame(float[][] expected, float[][] actual)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            for (int k = 0; k < expected[i].Length; k++)
            {
                Assert.AreEqual(expected[i][k], actual[i][k], 1e-5f, $"clip {i}, number {k}");
            }
        }
    }

    private IDataView Data() => Data(s_names);

    /// <summary>Tones whose pitch and loudness are the numbers; one is missing in two clips.</summary>
    private IDataView Data(string[] names)
    {
        IDataView rows = _context.Data.LoadFromEnumerable(Enumerable.Range(0, 12).Select(i => new Row
        {
            Audio = MLAudio.FromSamples(
                [.. Enumerable.Range(0, 6_000 + (i * 100)).Select(k => MathF.Sin(k * 0.02f * (i + 1)) * 0.4f)], 16_000),
            A = (i * 0.1f) - 0.5f,
            B = i is 3 or 8 ? float.NaN : 0.6f - (i * 0.1f),
            C = i % 4 * 0.3f,
        }));
        return _context.Transforms.CopyColumns(names[0], "A").Append(_context.Transforms.CopyColumns(names[1], "B"))
            .Append(_context.Transforms.CopyColumns(names[2], "C"))
            .Append(_context.Transforms.Concatenate("Numbers", names)).Fit(rows).Transform(rows);
    }

    private sealed class Recorder(List<double> losses) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => losses.Add(value.Loss);
    }

    private sealed class Row
    {
        public MLAudio? Audio { get; set; }

        public float A { get; set; }

        public float B { get; set; }

        public float C { get; set; }

        public float Constant { get; set; } = 2;

        public float Unrated { get; set; } = float.NaN;
    }
}
