using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.TestSupport;
using SpeechML.Tests.Trainers;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Transforms;

/// <summary>Training that begins with a fine-tuned model, its encoder or its head.</summary>
[TestClass]
public sealed class InitialModelTests
{
    private readonly SmallRuns _runs = new();

    public static IEnumerable<object[]> Models() =>
    [
        ["hubert-base-like", (Action<SpeechClassificationOptions>)(_ => { })],
        ["wav2vec2-large-like",
        (Action<SpeechClassificationOptions>)(o => (o.Layers, o.Pooling) = ("0-2", SpeechPooling.Attention))],
        ["wavlm-base-like", (Action<SpeechClassificationOptions>)(o => (o.Layers, o.Head) =
        ("1", new HeadOptions { HiddenLayers = 1, LayerNorm = true }))],
        ["whisper-80", (Action<SpeechClassificationOptions>)(o => (o.Layers, o.Pooling) =
        ("1", SpeechPooling.MeanStd))],
        ["whisper-80", (Action<SpeechClassificationOptions>)(o => o.Layers = "0")],
        ["whisper-80", (Action<SpeechClassificationOptions>)(o => o.Layers = "1")],
        ["hubert-base-like", (Action<SpeechClassificationOptions>)(
        o => (o.SoftPrompt, o.Head) = (new SoftPromptOptions { Tokens = 2 }, new HeadOptions { FrameLayers = 1 }))],
    ];

    [TestMethod]
    [DynamicData(nameof(Models))]
    public void Fit_AllFromZipOrFolder_BeginsWhereTheModelEnded(
        string encoder, Action<SpeechClassificationOptions> change)
    {
        using var scratch = new Scratch();
        SpeechClassificationOptions options = SmallRuns.Options(encoder);
        change(options);
        using SpeechClassificationTransformer first = _runs.Fit(options);
        _runs.Save(first, scratch.At("model.zip"));
        _runs.Context.Speech().SaveHuggingFace(first, scratch.At("folder"));
        // The pretrained encoder is no longer needed.
        options = SmallRuns.Still(options);
        options.Encoder = "";
        foreach (string initial in new[] { scratch.At("model.zip"), scratch.At("folder") })
        {
            options.InitialModel.Path = initial;
            using SpeechClassificationTransformer second = _runs.Fit(options);
            PipelineTests.AssertEqual(_runs.Scores(first), _runs.Scores(second), 0);
        }
        // Another zip made of it stands alone as the first did.
        using SpeechClassificationTransformer third = _runs.Fit(options);
        using var loaded = (IDisposable)_runs.Context.Model.Load(_runs.Save(third, scratch.At("again.zip")), out _);
        PipelineTests.AssertEqual(_runs.Scores(first), _runs.Scores((ITransformer)loaded), 0);
    }

    [TestMethod]
    public void Fit_All_TrainsOn()
    {
        using var scratch = new Scratch();
        SpeechClassificationOptions options = SmallRuns.Options();
        using SpeechClassificationTransformer first = _runs.Fit(options);
        options.InitialModel.Path = _runs.Save(first, scratch.At("model.zip"));
        var before = new Losses();
        var after = new Losses();
        // All clips in each step: every loss is of the same ones.
        SpeechClassificationOptions fresh = SmallRuns.Options();
        (fresh.BatchSize, options.BatchSize, options.HeadLearningRate) = (8, 8, 1e-3);
        _runs.Context.MulticlassClassification.Trainers.SpeechClassification("Key", "Audio", fresh, before)
            .Fit(_runs.Data).Dispose();
        _runs.Context.MulticlassClassification.Trainers.SpeechClassification("Key", "Audio", options, after)
            .Fit(_runs.Data).Dispose();
        Assert.IsLessThan(before.Values[0], after.Values[0]);
        Assert.IsLessThan(after.Values[0], after.Values[^1]);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("hubert-base-like")]
    public void Fit_EncoderForAnotherTask_EncoderIsTheModelsAndHeadIsNew(string encoder)
    {
        using var scratch = new Scratch();
        using SpeechClassificationTransformer first = _runs.Fit(SmallRuns.Options());
        var options = new SpeechMultiLabelOptions
        {
            Encoder = encoder.Length == 0 ? "" : RepositoryFiles.TinyEncoder(encoder),
            InitialModel = { Path = _runs.Save(first, scratch.At("model.zip")), Parts = InitialParts.Encoder },
            Layers = "1",
            Pooling = SpeechPooling.Max,
            BatchSize = 4,
        };
        using SpeechMultiLabelTransformer second =
            _runs.Context.Speech().Trainers.MultiLabelClassification("Labels", "Audio", SmallRuns.Still(options))
            .Fit(_runs.Data);
        Dictionary<string, float[]> theirs = SmallRuns.Weights(first);
        Dictionary<string, float[]> mine = SmallRuns.Weights(second);
        string[] encoderNames = [.. mine.Keys.Where(k => k.StartsWith("encoder.", StringComparison.Ordinal))];
        Assert.IsNotEmpty(encoderNames);
        foreach (string name in encoderNames)
        {
            CollectionAssert.AreEqual(theirs[name], mine[name], name);
        }
        Assert.IsTrue(encoderNames.Length < theirs.Keys.Count(k => k.StartsWith("encoder.", StringComparison.Ordinal)),
            "The upper layers were taken too.");
        Assert.HasCount(2, mine["head.stacks.0.layers.0.bias"]);
    }

    [TestMethod]
    public void Fit_EncoderWithoutPrompt_GetsANewOne()
    {
        using var scratch = new Scratch();
        SpeechClassificationOptions options = SmallRuns.Options();
        using SpeechClassificationTransformer first = _runs.Fit(options);
        (options.InitialModel.Path, options.InitialModel.Parts, options.SoftPrompt) =
            (_runs.Save(first, scratch.At("model.zip")), InitialParts.Encoder, new SoftPromptOptions { Tokens = 2 });
        using SpeechClassificationTransformer second = _runs.Fit(options);
        options.InitialModel.Path = _runs.Save(second, scratch.At("prompted.zip"));
        options.SoftPrompt = new SoftPromptOptions();
        var error = Assert.ThrowsExactly<ArgumentException>(() => _runs.Fit(options));
        Assert.AreEqual(
            $"Option SoftPrompt.Tokens: expected 2, as in InitialModel '{options.InitialModel.Path}', got '0'.",
            error.Message);
    }

    [TestMethod]
    public void Fit_HeadAlone_OnThePretrainedEncoder()
    {
        using var scratch = new Scratch();
        SpeechClassificationOptions options = SmallRuns.Options();
        using SpeechClassificationTransformer untrained = _runs.Fit(SmallRuns.Still(SmallRuns.Options()));
        using SpeechClassificationTransformer first = _runs.Fit(options);
        (options.InitialModel.Path, options.InitialModel.Parts) =
            (_runs.Save(first, scratch.At("model.zip")), InitialParts.Head);
        using SpeechClassificationTransformer second = _runs.Fit(SmallRuns.Still(options));
        Dictionary<string, float[]> pretrained = SmallRuns.Weights(untrained);
        Dictionary<string, float[]> tuned = SmallRuns.Weights(first);
        foreach ((string name, float[] value) in SmallRuns.Weights(second))
        {
            CollectionAssert.AreEqual(
                (name.StartsWith("head.", StringComparison.Ordinal) ? tuned : pretrained)[name], value, name);
        }
    }

    public static IEnumerable<object[]> Differences() =>
    [
        [(Action<SpeechClassificationOptions>)(o => o.Head.FrameLayers = 1),
        "Option Head.FrameLayers: expected 0, as in InitialModel '{0}', got '1'."],
        [(Action<SpeechClassificationOptions>)(o => o.Layers = "1"),
        "Option Layers: expected last, as in InitialModel '{0}', got '1'."],
        [(Action<SpeechClassificationOptions>)(o => o.Layers = "0,1"),
        "Option Layers: expected last, as in InitialModel '{0}', got '0,1'."],
        [(Action<SpeechClassificationOptions>)(o => o.Pooling = SpeechPooling.Max),
        "Option Pooling: expected Mean, as in InitialModel '{0}', got 'Max'."],
        [(Action<SpeechClassificationOptions>)(o => o.Head.HiddenLayers = 2),
        "Option Head.HiddenLayers: expected 1, as in InitialModel '{0}', got '2'."],
        [(Action<SpeechClassificationOptions>)(o => o.Head.BottleneckSize = 9),
        "Option Head.BottleneckSize: expected 8, as in InitialModel '{0}', got '9'."],
        [(Action<SpeechClassificationOptions>)(o => o.Head.LayerNorm = true),
        "Option Head.LayerNorm: expected False, as in InitialModel '{0}', got 'True'."],
        [(Action<SpeechClassificationOptions>)(o => o.Head.PerTarget = true),
        "Option Head.PerTarget: expected False, as in InitialModel '{0}', got 'True'."],
        [(Action<SpeechClassificationOptions>)(o => o.Head.Activation = HeadActivation.Relu),
        "Option Head.Activation: expected Gelu, as in InitialModel '{0}', got 'Relu'."],
    ];

    [TestMethod]
    public void Fit_OptionsOtherThanTheModels_NamesOptionExpectedAndGot()
    {
        using var scratch = new Scratch();
        SpeechClassificationOptions Options()
        {
            SpeechClassificationOptions options = SmallRuns.Still(SmallRuns.Options());
            options.Head = new HeadOptions { HiddenLayers = 1, BottleneckSize = 8 };
            return options;
        }
        string zip = scratch.At("model.zip");
        using (SpeechClassificationTransformer first = _runs.Fit(Options()))
        {
            _runs.Save(first, zip);
        }
        foreach (object[] difference in Differences())
        {
            SpeechClassificationOptions options = Options();
            (options.Encoder, options.InitialModel.Path) = ("", zip);
            ((Action<SpeechClassificationOptions>)difference[0])(options);
            var error = Assert.ThrowsExactly<ArgumentException>(() => _runs.Fit(options));
            Assert.AreEqual(string.Format(
                System.Globalization.CultureInfo.InvariantCulture, (string)difference[1], zip), error.Message);
        }
    }

    [TestMethod]
    public void Fit_CutModelAndHigherLayer_SaysWhatIsThere()
    {
        using var scratch = new Scratch();
        SpeechClassificationOptions options = SmallRuns.Still(SmallRuns.Options());
        options.Layers = "1";
        using (SpeechClassificationTransformer first = _runs.Fit(options))
        {
            options.InitialModel.Path = _runs.Save(first, scratch.At("model.zip"));
        }
        options.InitialModel.Parts = InitialParts.Encoder;
        options.Layers = EncoderLayers.Last;
        Assert.AreEqual(
            $"Option Layers: expected hidden states from 0 to 1, because InitialModel '{options.InitialModel.Path}' " +
            "holds no layers above, got 'last'.",
            Assert.ThrowsExactly<ArgumentException>(() => _runs.Fit(options)).Message);
    }

    [TestMethod]
    public void Fit_ModelOfAnotherEncoder_NamesTheTensors()
    {
        using var scratch = new Scratch();
        SpeechClassificationOptions options = SmallRuns.Still(SmallRuns.Options("wavlm-base-like"));
        using (SpeechClassificationTransformer first = _runs.Fit(options))
        {
            options.InitialModel.Path = _runs.Save(first, scratch.At("model.zip"));
        }
        options.Encoder = RepositoryFiles.TinyEncoder("wav2vec2-large-like");
        string message = Assert.ThrowsExactly<InvalidOperationException>(() => _runs.Fit(options)).Message;
        StringAssert.StartsWith(
            message,
            $"InitialModel '{options.InitialModel.Path}' does not fit (InitialModel.Parts All): tensor 'encoder.");
        StringAssert.Matches(message,
            new System.Text.RegularExpressions.Regex(
            "tensor 'encoder[.a-z_0-9]+': expected shape \\[[0-9, ]+\\], got (no such tensor|\\[[0-9, ]+\\]); tensor " +
            ".*; and [0-9]+ more\\.$"));
    }

    [TestMethod]
    public void Fit_HeadForAnotherSizeOfEncoder_NamesTheTensor()
    {
        using var scratch = new Scratch();
        SpeechClassificationOptions options = SmallRuns.Still(SmallRuns.Options());
        using SpeechClassificationTransformer first = _runs.Fit(options);
        (options.InitialModel.Path, options.InitialModel.Parts) =
            (_runs.Save(first, scratch.At("model.zip")), InitialParts.Head);
        long[] shape = first.Model.Network.state_dict()["head.stacks.0.layers.0.weight"].shape;
        using SpeechEncoder other = TinyEncoders.Create("hubert");
        Assert.AreNotEqual(other.Config.HiddenSize, first.Model.Network.Encoder.Config.HiddenSize);
        options.Encoder = scratch.At("other");
        EncoderFolder.Save(other, options.Encoder);
        Assert.AreEqual(
            $"InitialModel '{options.InitialModel.Path}' does not fit (InitialModel.Parts Head): tensor " +
            $"'head.stacks.0.layers.0.weight': expected shape [{shape[0]}, {other.Config.HiddenSize}], got " +
            $"[{shape[0]}, {shape[1]}].",
            Assert.ThrowsExactly<InvalidOperationException>(() => _runs.Fit(options)).Message);
    }

    [TestMethod]
    public void Fit_OtherLabelsOrOrder_SaysWhich()
    {
        using var scratch = new Scratch();
        SpeechClassificationOptions options = SmallRuns.Still(SmallRuns.Options());
        using SpeechClassificationTransformer first = _runs.Fit(options);
        options.InitialModel.Path = _runs.Save(first, scratch.At("model.zip"));
        IDataView rows = _runs.Context.Data.LoadFromEnumerable(Prompts.Rows(8).AsEnumerable().Reverse());
        IDataView reversed = PromptAudio.Pipeline(_runs.Context)
            .Append(_runs.Context.Transforms.Conversion.MapValueToKey("Key", "Label")).Fit(rows).Transform(rows);
        string[] labels = [.. _runs.Data.GetColumn<string>("Label").Distinct()];
        string[] others = [.. reversed.GetColumn<string>("Label").Distinct()];
        CollectionAssert.AreNotEqual(labels, others);
        CollectionAssert.AreEquivalent(labels, others);
        Assert.AreEqual(
            $"Label column 'Key': expected the labels of InitialModel '{options.InitialModel.Path}' in their order, " +
            $"'{string.Join("', '", labels)}', got '{string.Join("', '", others)}'. Make keys by the MapValueToKey " +
            $"of the model's own chain, or take InitialModel.Parts Encoder.",
            Assert.ThrowsExactly<InvalidOperationException>(() => _runs.Fit(options, reversed)).Message);
    }

    [TestMethod]
    public void Fit_ModelOfAnotherTask_SaysWhichPartFits()
    {
        using var scratch = new Scratch();
        using SpeechClassificationTransformer first = _runs.Fit(SmallRuns.Still(SmallRuns.Options()));
        var options = new SpeechMultiLabelOptions
        {
            InitialModel =
            { Path = _runs.Save(first, scratch.At("model.zip")) }
        };
        Assert.AreEqual(
            $"Option InitialModel.Parts: expected Encoder, because InitialModel '{options.InitialModel.Path}' was " +
            $"trained by " +
            $"SpeechClassification and this is SpeechMultiLabel, got 'All'.",
            Assert.ThrowsExactly<ArgumentException>(() =>
            _runs.Context.Speech().Trainers.MultiLabelClassification("Labels", "Audio", options)
            .Fit(_runs.Data)).Message);
    }

    [TestMethod]
    public void Create_OptionsThatContradict_Refused()
    {
        using var scratch = new Scratch();
        File.WriteAllText(scratch.At("adapter_config.json"), "{}");
        void Refused(string message, SpeechClassificationOptions options) =>
            Assert.AreEqual(message,
                Assert.ThrowsExactly<ArgumentException>(() =>
                _runs.Context.MulticlassClassification.Trainers.SpeechClassification("Key", "Audio", options)).Message);

        Refused("Option InitialModel.Path: expected the path of a model zip or folder (there is none of this name), " +
            "or a Hub id, got 'no.zip'.", new() { InitialModel = { Path = "no.zip" } });
        Refused("Option InitialModel.Parts: expected All, because InitialModel.Path is empty, got 'Encoder'.",
            new() { Encoder = "e", InitialModel = { Parts = InitialParts.Encoder } });
        Refused("Option Encoder: expected a folder, short name or Hub id of a pretrained encoder, got ''.",
            new()
            {
                InitialModel = { Path = typeof(SpeechTrainingOptions).Assembly.Location,
            Parts = InitialParts.Head }
            });
        Refused("Option InitialModel.Parts: expected Encoder, because InitialModel.Path is an adapter's folder; " +
            "without option Encoder its base model and head are taken, got 'All'.",
            new() { Encoder = "e", InitialModel = { Path = scratch.Folder } });
        Refused("Option Lora.Rank: expected the rank of the adapter of InitialModel.Path, got '0'.",
            new() { Encoder = "e", InitialModel = { Path = scratch.Folder, Parts = InitialParts.Encoder } });
    }

    [TestMethod]
    public void Fit_InitialModelThatIsNone_SaysWhatIsThere()
    {
        using var scratch = new Scratch();
        Directory.CreateDirectory(scratch.At("folder"));
        File.WriteAllText(scratch.At("text.zip"), "no zip");
        ITransformer other = _runs.Context.Transforms.CopyColumns("Copy", "Label").Fit(_runs.Data);
        _runs.Context.Model.Save(other, _runs.Data.Schema, scratch.At("other.zip"));
        using SpeechClassificationTransformer model = _runs.Fit(SmallRuns.Still(SmallRuns.Options()));
        _runs.Context.Model.Save(model.Append(model), _runs.Data.Schema, scratch.At("two.zip"));
        foreach ((string name, string got) in new[] { ("folder", "a folder without them"),
            ("text.zip", "a file that is no zip and no ONNX file"), ("other.zip", "a zip without a speech model"),
            ("two.zip", "a zip with 2 speech models") })
        {
            var options = new SpeechClassificationOptions { InitialModel = { Path = scratch.At(name) } };
            Assert.AreEqual(
                "Option InitialModel.Path: expected a zip with one speech model, the folder of a run with one, or a " +
                "folder with 'speechml.json' or 'adapter_config.json', or with a classifier of the Hub (a pretrained " +
                $"encoder's folder is option Encoder), got '{scratch.At(name)}', {got}.",
                Assert.ThrowsExactly<ArgumentException>(() => _runs.Fit(options)).Message);
        }
    }

    [TestMethod]
    public void Fit_ChainWithFeaturizerBeside_TakesTheTrainedModel()
    {
        using var scratch = new Scratch();
        using SpeechClassificationTransformer first = _runs.Fit(SmallRuns.Options());
        var featurizer = _runs.Context.Transforms.EncodeSpeech(
            "Features", new SpeechEncodingOptions { Encoder = RepositoryFiles.TinyEncoder("whisper-80") })
            .Fit(_runs.Data);
        SpeechClassificationOptions options = SmallRuns.Still(SmallRuns.Options());
        options.InitialModel.Path = _runs.Save(featurizer.Append(first), scratch.At("model.zip"));
        using SpeechClassificationTransformer second = _runs.Fit(options);
        PipelineTests.AssertEqual(_runs.Scores(first), _runs.Scores(second), 0);
        featurizer.Dispose();
    }

    private sealed class Losses : IProgress<TrainingProgress>
    {
        public List<double> Values { get; } = [];

        public void Report(TrainingProgress value) => Values.Add(value.Loss);
    }
}
