using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Trainers;

/// <summary>
/// Families whose hidden states are not simply frames, or whose maps have other names, in a trainer: three steps move
/// what trains, and the saved model scores the same.
/// </summary>
[TestClass]
public sealed class FamilyTrainingTests
{
    private const string Ast = "audio-spectrogram-transformer";

    [TestMethod]
    [DataRow("data2vec-audio", EncoderLayers.Last, LayerFreezing.None, 0, false)]
    [DataRow("sew", EncoderLayers.Last, LayerFreezing.Auto, 0, true)]
    [DataRow("sew", "1", "0", 0, false)]
    [DataRow("wav2vec2-conformer", "all", LayerFreezing.None, 0, true)]
    [DataRow("wav2vec2-conformer-rotary", "1", LayerFreezing.Auto, 2, false)]
    [DataRow("wav2vec2-bert", EncoderLayers.Last, LayerFreezing.Auto, 2, false)]
    [DataRow("wav2vec2-bert", "0,1", LayerFreezing.All, 0, false)]
    [DataRow(Ast, EncoderLayers.Last, LayerFreezing.Auto, 2, false)]
    [DataRow(Ast, "1", "0", 0, true)]
    [DataRow(Ast, "1,2", LayerFreezing.All, 0, false)]
    public void Fit_ThreeSteps_LearnsAndSurvivesItsZip(
        string encoder, string layers, string freezing, int rank, bool recompute)
    {
        string folder;
        using (SpeechEncoder source = TinyEncoders.Create(encoder))
        {
            folder = TinyEncoders.WriteFolder(source, TinyEncoders.Config(encoder));
        }
        try
        {
            var options = new SpeechClassificationOptions
            {
                Encoder = folder,
                Layers = layers,
                LayerCombination = LayerCombination.WeightedSum,
                Freezing = freezing,
                Lora = { Rank = rank },
                // The smallest Audio Spectrogram Transformer takes 0.4 s at once.
                RecomputeActivations = recompute,
                Epochs = 3,
                BatchSize = 8,
                EncoderLearningRate = 1e-3,
                HeadLearningRate = 2e-2,
                Head = new HeadOptions { LayerNorm = true },
                Schedule = { Decay = LearningRateDecay.Constant, WarmupRatio = 0 },
            };
            var mlContext = new MLContext(seed: 1);
            IDataView data = Prompts.View(mlContext, 8);
            var losses = new List<double>();
            using TransformerChain<SpeechClassificationTransformer> model = PromptAudio.Pipeline(mlContext)
                .Append(mlContext.Transforms.Conversion.MapValueToKey("Label"))
                .Append(mlContext.MulticlassClassification.Trainers.SpeechClassification(
                    "Label", "Audio", options, new Recorder(losses))).Fit(data);
            Assert.HasCount(3, losses);
            Assert.IsTrue(losses.TrueForAll(double.IsFinite));
            Assert.IsLessThan(losses[0], losses[^1]);
            using var scratch = new Scratch();
            mlContext.Model.Save(model, data.Schema, scratch.At("model.zip"));
            using var loaded = (TransformerChain<ITransformer>)mlContext.Model.Load(scratch.At("model.zip"), out _);
            PipelineTests.AssertEqual([.. model.Transform(data).GetColumn<float[]>("Score")],
                [.. loaded.Transform(data).GetColumn<float[]>("Score")], 0);
            AssertFolder(mlContext, model.LastTransformer, encoder, scratch.At("out"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    [DataRow(LayerFreezing.RequiredOnly, 0, true)]
    [DataRow("0", 0, true)]
    [DataRow(LayerFreezing.RequiredOnly, 2, false)]
    [DataRow(LayerFreezing.All, 0, false)]
    public void Fit_Conformer_StatisticsMoveWhereTheirNormTrains(string freezing, int rank, bool moves)
    {
        using SpeechEncoder source = TinyEncoders.Create("wav2vec2-conformer");
        string[] rates = ["hidden_dropout", "attention_dropout", "activation_dropout", "feat_proj_dropout",
            "conformer_conv_dropout"];
        string folder = TinyEncoders.WriteFolder(source, TinyEncoders.Config(
            "wav2vec2-conformer", [.. rates.Select(r => (r, (JsonNode?)0.0))]));
        try
        {
            float[][] plain = Statistics(folder, freezing, rank, recompute: false);
            float[][] recomputed = Statistics(folder, freezing, rank, recompute: true);
            float[][] stored = [.. Statistics(source)];
            Assert.HasCount(stored.Length, plain);
            for (int layer = 0; layer < stored.Length; layer++)
            {
                // Layer 0 is frozen where layer 1 alone trains.
                bool trained = moves && (freezing != "0" || layer > 0);
                Assert.AreEqual(!trained, stored[layer].SequenceEqual(plain[layer]), $"layer {layer}");
                for (int i = 0; i < stored[layer].Length; i++)
                {
                    Assert.AreEqual(plain[layer][i], recomputed[layer][i], 1e-4f, $"layer {layer}, recomputed");
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static float[][] Statistics(string folder, string freezing, int rank, bool recompute)
    {
        var options = new SpeechClassificationOptions
        {
            Encoder = folder,
            Layers = EncoderLayers.Last,
            Freezing = freezing,
            Lora = { Rank = rank },
            RecomputeActivations = recompute,
            Epochs = 1,
            BatchSize = 4,
        };
        var mlContext = new MLContext(seed: 1);
        using TransformerChain<SpeechClassificationTransformer> model = PromptAudio.Pipeline(mlContext)
            .Append(mlContext.Transforms.Conversion.MapValueToKey("Label"))
            .Append(mlContext.MulticlassClassification.Trainers.SpeechClassification("Label", "Audio", options))
            .Fit(Prompts.View(mlContext, 4));
        return [.. Statistics(model.LastTransformer.Model.Network.Encoder)];
    }

    /// <summary>Stored means of each layer's norm.</summary>
    private static IEnumerable<float[]> Statistics(SpeechEncoder encoder) => encoder.state_dict()
        .Where(t => t.Key.EndsWith("running_mean", StringComparison.Ordinal))
        .OrderBy(t => t.Key, StringComparer.Ordinal)
        .Select(t => t.Value.data<float>().ToArray());

    /// <summary>The head has a norm, which no class of Python has: the folder holds a program.</summary>
    private static void AssertFolder(
        MLContext mlContext, SpeechClassificationTransformer model, string encoder, string folder)
    {
        mlContext.Speech().SaveHuggingFace(model, folder);
        string program = File.ReadAllText(Path.Combine(folder, "README.md"));
        StringAssert.Contains(program, "```python");
        if (encoder == Ast)
        {
            // 5 bands and 13 times of patches of 4 every 3, of 16 bands and 40 frames.
            StringAssert.Contains(program, ".unflatten(1, (5, 13)).mean(1)");
            StringAssert.Contains(program, "[:, :(min((len(clip) - 400) // 160 + 1, 40) - 4) // 3 + 1]");
        }
        Assert.AreEqual(encoder == "wav2vec2-bert",
            program.Contains("[:, :((len(clip) - 400) // 160 + 1) // 2]", StringComparison.Ordinal));
        using SpeechEncoder read = EncoderLoader.Load(folder);
        Assert.AreEqual(model.Model.Network.Encoder.Config.ModelType, read.Config.ModelType);
    }

    private sealed class Recorder(List<double> losses) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => losses.Add(value.Loss);
    }
}
