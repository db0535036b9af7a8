using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Hub;

/// <summary>Models of the Hub do what our own do: evaluate, calibrate, explain, train on.</summary>
[TestClass]
public sealed class HubTrainingTests
{
    private readonly MLContext _context = new(seed: 1);

    [TestMethod]
    [DataRow("hubert-softmax")]
    [DataRow("whisper-weighted-layers")]
    public void Fit_InitialModelOfTheHub_BeginsWithItsScores(string name)
    {
        string folder = Classifier(name);
        using SpeechScoringTransformer model = _context.Speech().LoadHuggingFace(folder);
        IDataView data = Data(model.Labels);
        SpeechClassificationOptions options = SmallRuns.Still(new SpeechClassificationOptions
        {
            InitialModel = { Path = folder },
            Schedule = { WarmupRatio = 0 },
        });
        using SpeechClassificationTransformer trained =
            _context.MulticlassClassification.Trainers.SpeechClassification("Key", "Audio", options).Fit(data);
        float[][] expected = [.. model.Transform(data).GetColumn<float[]>("Score")];
        float[][] actual = [.. trained.Transform(data).GetColumn<float[]>("Score")];
        for (int i = 0; i < expected.Length; i++)
        {
            for (int k = 0; k < expected[i].Length; k++)
            {
                Assert.AreEqual(expected[i][k], actual[i][k], 1e-6f);
            }
        }
        // Still one of Python's class.
        using var scratch = new Scratch();
        _context.Speech().SaveHuggingFace(trained, scratch.At("out"));
        StringAssert.Contains(File.ReadAllText(Path.Combine(scratch.At("out"), "config.json")), "Classification\"");
    }

    [TestMethod]
    public void Fit_InitialModelWithOtherLabels_RefusedOrItsEncoderAlone()
    {
        string folder = Classifier("hubert-softmax");
        IDataView data = Data(["a", "b"]);
        SpeechClassificationOptions options = SmallRuns.Still(new SpeechClassificationOptions
        {
            InitialModel = { Path = folder },
        });
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => _context.MulticlassClassification.Trainers
                .SpeechClassification("Key", "Audio", options).Fit(data)).Message,
            "expected the labels of InitialModel");
        options.InitialModel.Parts = InitialParts.Encoder;
        using SpeechClassificationTransformer trained =
            _context.MulticlassClassification.Trainers.SpeechClassification("Key", "Audio", options).Fit(data);
        CollectionAssert.AreEqual(new[] { "a", "b" }, trained.Labels.ToArray());
    }

    [TestMethod]
    public void Fit_SpeakersOrUnknownModel_RefusedByName()
    {
        foreach (string path in new[] { Classifier("wavlm-xvector"), RepositoryFiles.TinyEncoder("hubert-base-like") })
        {
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(
                () => _context.MulticlassClassification.Trainers.SpeechClassification(
                    "Key", "Audio", new SpeechClassificationOptions { InitialModel = { Path = path } })).Message,
                "InitialModel.Path");
        }
    }

    [TestMethod]
    public void LoadHuggingFace_Classifier_EvaluatesCalibratesAndExplains()
    {
        using SpeechScoringTransformer model = _context.Speech().LoadHuggingFace(Classifier("hubert-softmax"));
        IDataView scored = model.Transform(Data(model.Labels));
        MulticlassClassificationMetrics metrics = _context.MulticlassClassification.Evaluate(scored, "Key");
        Assert.HasCount(model.Labels.Count, metrics.PerClassLogLoss);
        SpeechExplanation explanation = _context.Speech().Explain(
            model, MLAudio.FromSamples(Wave(1), 16_000), new SpeechExplanationOptions());
        Assert.AreEqual(model.Labels[0], explanation.Targets.Select(t => t.Name).Order(StringComparer.Ordinal).First());
        ITransformer keys = _context.Transforms.Conversion.MapKeyToValue("Said", "PredictedLabel").Fit(scored);
        string[] said = [.. keys.Transform(scored).GetColumn<string>("Said")];
        Assert.IsTrue(said.All(model.Labels.Contains));
    }

    [TestMethod]
    [DataRow("Head.LayerNorm")]
    [DataRow("Head.Activation")]
    [DataRow("Pooling")]
    [DataRow("LayerCombination")]
    [DataRow("WhisperContext")]
    [DataRow("SoftPrompt.Tokens")]
    [DataRow("Loss")]
    public void HuggingFaceHead_OptionThatNoClassSays_RefusedByName(string option)
    {
        var options = new SpeechOrdinalOptions
        {
            Encoder = RepositoryFiles.TinyEncoder("whisper-80"),
            HuggingFaceHead = true,
            Loss = option == "Loss" ? OrdinalLoss.Corn : OrdinalLoss.EarthMovers,
            Pooling = option == "Pooling" ? SpeechPooling.Max : SpeechPooling.Mean,
            LayerCombination = option == "LayerCombination" ? LayerCombination.Concatenate : LayerCombination.Mean,
            WhisperContext = option == "WhisperContext" ? WhisperContext.Trimmed : WhisperContext.Exact30Seconds,
            SoftPrompt = { Tokens = option == "SoftPrompt.Tokens" ? 1 : 0 },
            Head =
            {
                LayerNorm = option == "Head.LayerNorm",
                HiddenLayers = option == "Head.Activation" ? 1 : 0,
            },
        };
        string message = Assert.ThrowsExactly<ArgumentException>(
            () => _context.Speech().Trainers.OrdinalClassification("Key", "Audio", options)).Message;
        StringAssert.Contains(message, $"Option {option}: expected");
        StringAssert.Contains(message, "because HuggingFaceHead is true");
    }

    private static string Classifier(string name) =>
        Path.Combine(RepositoryFiles.Fixtures, "golden", "classifiers", name);

    private static float[] Wave(int clip) =>
        [.. Enumerable.Range(0, 9_000 + (clip * 700)).Select(i => MathF.Sin(i * 0.03f * (clip + 1)) * 0.4f)];

    /// <summary>Six clips whose keys are the labels in their order.</summary>
    private IDataView Data(IReadOnlyList<string> labels)
    {
        IDataView rows = _context.Data.LoadFromEnumerable(Enumerable.Range(0, 6).Select(i => new Row
        {
            Audio = MLAudio.FromSamples(Wave(i), 16_000),
            Label = labels[i % labels.Count],
        }));
        IDataView keys = _context.Data.LoadFromEnumerable(labels.Select(l => new Key { Label = l }));
        return _context.Transforms.Conversion.MapValueToKey("Key", "Label", keyData: keys).Fit(rows).Transform(rows);
    }

    private sealed class Row
    {
        public MLAudio? Audio { get; set; }

        public string Label { get; set; } = "";
    }

    private sealed class Key
    {
        public string Label { get; set; } = "";
    }
}
