using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Audio.Options;
using SpeechML.Model;
using SpeechML.Tests.Trainers;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Training.Probing;

/// <summary>Layers that the trainer finds.</summary>
[TestClass]
public sealed class AutoLayersTests
{
    private readonly List<string> _log = [];
    private readonly MLContext _mlContext = new(seed: 1);
    private readonly List<PromptRow> _rows;
    private readonly IDataView _data;

    public AutoLayersTests()
    {
        _mlContext.Log += (_, e) => _log.Add(e.Message);
        List<PromptRow> rows = Prompts.Rows(30);
        for (int i = 0; i < rows.Count; i++)
        {
            rows[i].Labels = [i % 2, i % 7 == 0 ? float.NaN : rows[i].Label == rows[0].Label ? 1 : 0];
        }
        _rows = rows;
        _data = View(rows);
    }

    private IDataView View(IReadOnlyList<PromptRow> rows)
    {
        IDataView view = _mlContext.Data.LoadFromEnumerable(rows);
        return PromptAudio.Pipeline(_mlContext).Append(_mlContext.Transforms.Conversion.MapValueToKey("Label"))
            .Fit(view).Transform(view);
    }

    [TestMethod]
    public void Fit_NothingSet_IsSolvedOnFrozenLayersAndLoads()
    {
        using var scratch = new Scratch();
        var recorder = new TrainingRuns.Recorder();
        using SpeechMultiLabelTransformer model = _mlContext.Speech().Trainers.MultiLabelClassification(
            "Labels", "Audio", Options(), recorder).Fit(_data, _data);
        Assert.IsNotNull(recorder.Epochs.Single().Validation);
        Assert.IsTrue(_log.Exists(m => m.Contains("Layers: ", StringComparison.Ordinal)));
        Assert.IsTrue(_log.Exists(m => m.Contains('*', StringComparison.Ordinal)));
        float[][] scores = Scores(model);
        Assert.IsTrue(scores.All(s => s.All(float.IsFinite)));

        _mlContext.Model.Save(model, null, scratch.At("model.zip"));
        using var loaded = (IDisposable)_mlContext.Model.Load(scratch.At("model.zip"), out _);
        PipelineTests.AssertEqual(scores, Scores((ITransformer)loaded), 0);
        JsonNode facts = Facts(scratch.At("model.zip"));
        Assert.AreEqual("auto", facts["options"]!["layers"]!.ToString());
        JsonArray candidates = facts["layerSearch"]!["candidates"]!.AsArray();
        // Hidden states 0 to 3 of the tiny encoder, and all of them.
        Assert.HasCount(facts["encoderConfig"]!["encoder_layers"]!.GetValue<int>() + 2, candidates);
        Assert.IsTrue(candidates.All(c => c!["scores"]!.AsArray().Count == 2));
        Assert.HasCount(2, facts["layerSearch"]!["picked"]!.AsArray());
    }

    [TestMethod]
    public void Fit_Again_IsTheSameModel()
    {
        using SpeechMultiLabelTransformer first = Fit(Options()), second = Fit(Options());
        PipelineTests.AssertEqual(Scores(first), Scores(second), 0);
    }

    [TestMethod]
    public void Fit_EveryTask_FindsLayers()
    {
        string encoder = RepositoryFiles.TinyEncoder("hubert-base-like");
        using (SpeechClassificationTransformer classes = _mlContext.MulticlassClassification.Trainers
            .SpeechClassification("Label", "Audio", new SpeechClassificationOptions { Encoder = encoder }).Fit(_data))
        {
            Assert.IsTrue(Scores(classes).All(s => Math.Abs(s.Sum() - 1) < 1e-4));
        }
        using (SpeechClassificationTransformer ordered = _mlContext.Speech().Trainers
            .OrdinalClassification("Label", "Audio", new SpeechOrdinalOptions { Encoder = encoder }).Fit(_data))
        {
            Assert.IsTrue(Scores(ordered).All(s => Math.Abs(s.Sum() - 1) < 1e-4));
        }
        IDataView single = _mlContext.Transforms.CustomMapping<LabelsRow, SingleRow>(
            (from, to) => (to.Number, to.Flag) = (from.Labels[0] + 3, from.Labels[0] > 0), null)
            .Fit(_data).Transform(_data);
        using (SpeechRegressionTransformer number = _mlContext.Regression.Trainers
            .SpeechRegression("Number", "Audio", new SpeechRegressionOptions { Encoder = encoder }).Fit(single))
        {
            float[] scores = [.. number.Transform(single).GetColumn<float>("Score")];
            Assert.AreEqual(3.5, scores.Average(), 1e-3);
        }
        using SpeechBinaryTransformer flag = _mlContext.BinaryClassification.Trainers
            .SpeechClassification("Flag", "Audio", new SpeechBinaryOptions { Encoder = encoder }).Fit(single);
        Assert.IsTrue(flag.Transform(single).GetColumn<float>("Score").All(float.IsFinite));
        Assert.HasCount(4, _log.Where(m => m.Contains("Layers: la", StringComparison.Ordinal)).ToArray());
    }

    [TestMethod]
    public void Fit_SubjectColumn_IsInTheLogAndMissingOneIsRefused()
    {
        SpeechMultiLabelOptions options = Options();
        using (Fit(options))
        {
            Assert.IsTrue(_log.Exists(m => m.Contains("SubjectColumnName is not set", StringComparison.Ordinal)));
        }
        _log.Clear();
        options.SubjectColumnName = "Subject";
        using (Fit(options))
        {
            Assert.IsFalse(_log.Exists(m => m.Contains("SubjectColumnName is not set", StringComparison.Ordinal)));
            Assert.IsTrue(_log.Exists(m => m.Contains("by 'Subject'", StringComparison.Ordinal)));
        }
        options.SubjectColumnName = "Speaker";
        Assert.Contains("Speaker", Assert.Throws<ArgumentException>(() => Fit(options)).Message);
    }

    [TestMethod]
    public void Fit_TooFewClips_TakesAllLayersAndSaysSo()
    {
        IDataView few = View([.. _rows.Take(4), .. _rows.TakeLast(4)]);
        using SpeechMultiLabelTransformer model =
            _mlContext.Speech().Trainers.MultiLabelClassification("Labels", "Audio", Options()).Fit(few);
        Assert.IsTrue(_log.Exists(m => m.Contains("the means of all layers are taken", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void Fit_PoolingThatNoProbeKnows_IsTheLastLayer()
    {
        SpeechMultiLabelOptions options = Options();
        (options.Pooling, options.Epochs) = (SpeechPooling.Attention, 1);
        using SpeechMultiLabelTransformer auto = Fit(options);
        Assert.IsTrue(_log.Exists(m => m.Contains("the last one, because the pooling is", StringComparison.Ordinal)));
        options.Layers = EncoderLayers.Last;
        using SpeechMultiLabelTransformer last = Fit(options);
        PipelineTests.AssertEqual(Scores(last), Scores(auto), 0);
    }

    [TestMethod]
    public void Fit_Tuned_BeginsAtTheSolution()
    {
        SpeechMultiLabelOptions options = Options();
        using SpeechMultiLabelTransformer frozen = Fit(options);
        options.Freezing = LayerFreezing.RequiredOnly;
        (options.Epochs, options.EncoderLearningRate, options.HeadLearningRate) = (1, 1e-30, 1e-30);
        options.Optimizer.WeightDecay = 0;
        using SpeechMultiLabelTransformer tuned = Fit(options);
        // Layer 0 is not compared where layers train: the picks may differ, so the scores are not compared.
        float[][] scores = Scores(tuned);
        Assert.HasCount(30, scores);
        Assert.IsTrue(scores.All(s => s.All(float.IsFinite)));
        // At the solution the gradient of the bias, which is not penalised, is 0: the probabilities sum to the labels.
        for (int j = 0; j < scores[0].Length; j++)
        {
            int[] rated = [.. Enumerable.Range(0, 30).Where(i => !float.IsNaN(_rows[i].Labels[j]))];
            Assert.AreEqual(rated.Average(i => _rows[i].Labels[j]),
                rated.Average(i => 1 / (1 + Math.Exp(-scores[i][j]))), 0.01, $"label {j}");
        }
    }

    [TestMethod]
    public void Fit_FromAModelThatFoundItsLayers_GoesOnFromIt()
    {
        using var scratch = new Scratch();
        using SpeechMultiLabelTransformer first = Fit(Options());
        _mlContext.Model.Save(first, null, scratch.At("model.zip"));
        SpeechMultiLabelOptions options = SmallRuns.Still(Options());
        (options.Encoder, options.InitialModel.Path) = ("", scratch.At("model.zip"));
        using SpeechMultiLabelTransformer second = Fit(options);
        PipelineTests.AssertEqual(Scores(first), Scores(second), 0);
    }

    [TestMethod]
    public void Upgrade_LayerThatSaidNothing_IsTheLast()
    {
        OptionModel model = OptionModel.Of(typeof(SpeechTrainingOptions));
        Assert.AreEqual("last", OptionUpgrade.Apply(model, JsonNode.Parse("""{ "layer": -1 }""")!.AsObject())["layers"]!
            .ToString());
        Assert.AreEqual("1,3", OptionUpgrade.Apply(model, JsonNode.Parse("""{ "layer": -1, "layers": "1,3" }""")!
            .AsObject())["layers"]!.ToString());
        Assert.AreEqual("2", OptionUpgrade.Apply(model, JsonNode.Parse("""{ "layer": 2 }""")!.AsObject())["layers"]!
            .ToString());
    }

    [TestMethod]
    public void EncodeSpeech_Auto_IsRefused() =>
        Assert.Contains("a featurizer knows no labels", Assert.Throws<ArgumentException>(() =>
            _mlContext.Transforms.EncodeSpeech("Features", new SpeechEncodingOptions
            {
                Encoder = RepositoryFiles.TinyEncoder("whisper-80"),
                Layers = EncoderLayers.Auto,
            })).Message);

    private static SpeechMultiLabelOptions Options() => new()
    {
        Encoder = RepositoryFiles.TinyEncoder("whisper-80"),
        WhisperContext = WhisperContext.Trimmed,
    };

    private static JsonNode Facts(string zip)
    {
        using ZipArchive archive = ZipFile.OpenRead(zip);
        using Stream stream = archive.Entries.Single(e => e.Name == SpeechModel.FactsEntry).Open();
        return JsonNode.Parse(stream, null, new JsonDocumentOptions { AllowTrailingCommas = false })!;
    }

    private SpeechMultiLabelTransformer Fit(SpeechMultiLabelOptions options) =>
        _mlContext.Speech().Trainers.MultiLabelClassification("Labels", "Audio", options).Fit(_data);

    private float[][] Scores(ITransformer model) => [.. model.Transform(_data).GetColumn<float[]>("Score")];

    private sealed class LabelsRow
    {
        [VectorType(2)]
        public float[] Labels { get; set; } = [];
    }

    private sealed class SingleRow
    {
        public float Number { get; set; }

        public bool Flag { get; set; }
    }
}
