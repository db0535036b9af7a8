using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;
using TorchSharp;

namespace SpeechML.Tests.Hub;

/// <summary>
/// What of the Hub trains on beyond one head over frames: tokens, one of several numbers, an adapter with its base.
/// </summary>
[TestClass]
public sealed class HubTrainOnTests
{
    private readonly MLContext _context = new(seed: 1);

    private static string Ast => Path.Combine(RepositoryFiles.Fixtures, "golden", "more-encoders", "ast-like");

    [TestMethod]
    public void Fit_SpectrogramTransformerOfTheHub_BeginsWithItsScoresAndStaysItsClass()
    {
        using SpeechScoringTransformer model = _context.Speech().LoadHuggingFace(Ast);
        IDataView data = Data(model.Labels);
        float[][] expected = Scores(model, data);
        using SpeechClassificationTransformer trained = Fit(
            SmallRuns.Still(new SpeechClassificationOptions { InitialModel = { Path = Ast } }), data);
        AssertSame(expected, Scores(trained, data));
        AssertPython(trained, data);
    }

    [TestMethod]
    public void HuggingFaceHead_SpectrogramTransformer_TokensThatPythonsClassPools()
    {
        IDataView data = Data(["b", "a"]);
        var options = new SpeechClassificationOptions
        {
            Encoder = Ast,
            HuggingFaceHead = true,
            Epochs = 2,
            HeadLearningRate = 0.1,
        };
        using SpeechClassificationTransformer trained = Fit(options, data);
        float[][] scores = Scores(trained, data);
        Assert.IsFalse(scores.All(s => s[0] == scores[0][0]));
        AssertPython(trained, data);
        using var scratch = new Scratch();
        _context.Model.Save(trained, data.Schema, scratch.At("model.zip"));
        ITransformer loaded = _context.Model.Load(scratch.At("model.zip"), out _);
        using var disposed = (IDisposable)loaded;
        AssertSame(scores, Scores(loaded, data));
        // And goes on, with the option that it was trained with.
        var next = new SpeechClassificationOptions
        {
            InitialModel = { Path = scratch.At("model.zip") },
            HuggingFaceHead = true,
        };
        using SpeechClassificationTransformer again = Fit(SmallRuns.Still(next), data);
        AssertSame(scores, Scores(again, data));
        next.HuggingFaceHead = false;
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Fit(next, data)).Message,
            "Option HuggingFaceHead: expected True");
    }

    [TestMethod]
    [DataRow("Layers")]
    [DataRow("Head.HiddenLayers")]
    [DataRow("Head.PerTarget")]
    [DataRow("LongAudio.Rule")]
    public void HuggingFaceHead_SpectrogramTransformer_WhatItCannotSayRefused(string option)
    {
        var options = new SpeechClassificationOptions
        {
            Encoder = Ast,
            HuggingFaceHead = true,
            Layers = option == "Layers" ? "1" : EncoderLayers.Auto,
            LongAudio = { Rule = option == "LongAudio.Rule" ? LongAudioRule.RandomCrop : LongAudioRule.Windows },
            Head =
            {
                HiddenLayers = option == "Head.HiddenLayers" ? 1 : 0,
                Activation = HeadActivation.Identity,
                PerTarget = option == "Head.PerTarget",
            },
        };
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(
            () => _context.MulticlassClassification.Trainers.SpeechClassification("Key", "Audio", options)).Message,
            $"Option {option}: expected");
    }

    [TestMethod]
    public void Fit_OneOfSeveralNumbers_BeginsWithItsScores()
    {
        string folder = Classifier("wav2vec2-emotion");
        using SpeechScoringTransformer model = _context.Speech().LoadHuggingFace(folder);
        Assert.HasCount(3, model.Labels);
        IDataView rows = Data(["a", "b"]);
        IDataView data = _context.Transforms.CopyColumns(model.Labels[1], "Number")
            .Append(_context.Transforms.CopyColumns("valence", "Number")).Fit(rows).Transform(rows);
        float[] expected = [.. Scores(model, data).Select(s => s[1])];
        using var scratch = new Scratch();
        _context.Model.Save(model, data.Schema, scratch.At("model.zip"));
        foreach (string path in new[] { folder, scratch.At("model.zip") })
        {
            SpeechRegressionOptions options =
                SmallRuns.Still(new SpeechRegressionOptions { InitialModel = { Path = path } });
            using SpeechRegressionTransformer trained =
                _context.Regression.Trainers.SpeechRegression(model.Labels[1], "Audio", options).Fit(data);
            float[] actual = [.. trained.Transform(data).GetColumn<float>("Score")];
            for (int i = 0; i < expected.Length; i++)
            {
                Assert.AreEqual(expected[i], actual[i], 1e-6f, path);
            }
            StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(
                () => _context.Regression.Trainers.SpeechRegression("valence", "Audio", options).Fit(data)).Message,
                "Label column 'valence': expected the name of the number that InitialModel");
            options.InitialModel.Parts = InitialParts.Encoder;
            using SpeechRegressionTransformer other =
                _context.Regression.Trainers.SpeechRegression("valence", "Audio", options).Fit(data);
        }
    }

    [TestMethod]
    public void Fit_AdapterWithItsBase_BeginsWithItsScores()
    {
        using var scratch = new Scratch();
        // The base model around the adapter's folder, as SaveHuggingFace writes it.
        Copy(Path.Combine(Classifier("hubert-peft"), "base"), scratch.At("model"));
        string adapter = Path.Combine(scratch.At("model"), "adapter");
        Copy(Path.Combine(Classifier("hubert-peft"), "adapter"), adapter);
        using SpeechScoringTransformer model = _context.Speech().LoadHuggingFace(adapter);
        IDataView data = Data(model.Labels);
        float[][] expected = Scores(model, data);
        // Folded into the weights, and trained on as the adapter that it is.
        foreach (LoraOptions lora in new[] { new LoraOptions(), model.Model.Facts.Lora! })
        {
            var options = new SpeechClassificationOptions { InitialModel = { Path = adapter }, Lora = lora };
            using SpeechClassificationTransformer trained = Fit(SmallRuns.Still(options), data);
            AssertSame(expected, Scores(trained, data));
        }
    }

    [TestMethod]
    public void LoadHuggingFace_ShardsAndNoFeatureExtractor_SameScores()
    {
        using var scratch = new Scratch();
        string source = Classifier("hubert-softmax"), folder = scratch.At("shards");
        Directory.CreateDirectory(folder);
        File.Copy(Path.Combine(source, "config.json"), Path.Combine(folder, "config.json"));
        using (var file = SafetensorsFile.Open(Path.Combine(source, "model.safetensors")))
        using (torch.NewDisposeScope())
        {
            var map = new JsonObject();
            string[][] shards =
                [.. file.Entries.Keys.Order(StringComparer.Ordinal).Chunk((file.Entries.Count / 3) + 1)];
            for (int i = 0; i < shards.Length; i++)
            {
                string name = $"model-0000{i + 1}-of-0000{shards.Length}.safetensors";
                SafetensorsFile.Write(Path.Combine(folder, name), [.. shards[i].Select(t => (t, file.Read(t)))],
                    new Dictionary<string, string> { ["format"] = "pt" });
                Array.ForEach(shards[i], t => map[t] = name);
            }
            File.WriteAllText(Path.Combine(folder, "model.safetensors.index.json"),
                new JsonObject { ["metadata"] = new JsonObject(), ["weight_map"] = map }.ToJsonString());
        }
        using SpeechScoringTransformer expected = _context.Speech().LoadHuggingFace(source);
        // Its file says what the class has by default: normalised waveforms.
        using SpeechScoringTransformer actual = _context.Speech().LoadHuggingFace(folder);
        IDataView data = Data(expected.Labels);
        AssertSame(Scores(expected, data), Scores(actual, data));
    }

    private static string Classifier(string name) =>
        Path.Combine(RepositoryFiles.Fixtures, "golden", "classifiers", name);

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.GetFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }

    private SpeechClassificationTransformer Fit(SpeechClassificationOptions options, IDataView data) =>
        _context.MulticlassClassification.Trainers.SpeechClassification("Key", "Audio", options).Fit(data);

    /// <summary>The folder is of Python's class, and says the scores by what Python reads of it.</summary>
    private void AssertPython(SpeechScoringTransformer model, IDataView data)
    {
        using var scratch = new Scratch();
        string folder = scratch.At("out");
        _context.Speech().SaveHuggingFace(model, folder);
        Assert.AreEqual("ASTForAudioClassification",
            EncoderFiles.Json(Path.Combine(folder, "config.json"))["architectures"]![0]!.ToString());
        using SpeechScoringTransformer own = _context.Speech().LoadHuggingFace(folder);
        AssertSame(Scores(model, data), Scores(own, data));
        File.Delete(Path.Combine(folder, "speechml.json"));
        File.Delete(Path.Combine(folder, "head.safetensors"));
        using SpeechScoringTransformer python = _context.Speech().LoadHuggingFace(folder);
        CollectionAssert.AreEqual(model.Labels.ToArray(), python.Labels.ToArray());
        AssertSame(Scores(model, data), Scores(python, data));
    }

    private static float[][] Scores(ITransformer model, IDataView data) =>
        HubModels.Read(model.Transform(data), "Score");

    private static void AssertSame(float[][] expected, float[][] actual)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            for (int k = 0; k < expected[i].Length; k++)
            {
                Assert.AreEqual(expected[i][k], actual[i][k], 1e-6f, $"clip {i}, label {k}");
            }
        }
    }

    /// <summary>Six clips whose keys are the labels in their order.</summary>
    private IDataView Data(IReadOnlyList<string> labels)
    {
        IDataView rows = _context.Data.LoadFromEnumerable(Enumerable.Range(0, 6).Select(i => new Row
        {
            Audio = MLAudio.FromSamples(
                [.. Enumerable.Range(0, 9_000 + (i * 700)).Select(k => MathF.Sin(k * 0.03f * (i + 1)) * 0.4f)], 16_000),
            Label = labels[i % labels.Count],
            Number = i * 0.2f,
        }));
        IDataView keys = _context.Data.LoadFromEnumerable(labels.Select(l => new Key { Label = l }));
        return _context.Transforms.Conversion.MapValueToKey("Key", "Label", keyData: keys).Fit(rows).Transform(rows);
    }

    private sealed class Row
    {
        public MLAudio? Audio { get; set; }

        public string Label { get; set; } = "";

        public float Number { get; set; }
    }

    private sealed class Key
    {
        public string Label { get; set; } = "";
    }
}
