using System.Text.Json.Nodes;
using Microsoft.ML;
using SpeechML.Model;
using SpeechML.Tests.Trainers;
using SpeechML.Tests.Training.Extras;
using SpeechML.TestSupport;

namespace SpeechML.Tests.Training.Settings;

/// <summary>Settings to begin with, as plain values.</summary>
[TestClass]
public sealed class PresetTests
{
    private static readonly Dictionary<string, Func<SpeechBinaryOptions>> s_presets = new()
    {
        ["LinearProbe"] = () => SpeechPresets.LinearProbe<SpeechBinaryOptions>(Encoder),
        ["Lora"] = () => SpeechPresets.Lora<SpeechBinaryOptions>(Encoder),
        ["FullFineTuning"] = () => SpeechPresets.FullFineTuning<SpeechBinaryOptions>(Encoder),
        ["VoiceQuality"] = () => SpeechPresets.VoiceQuality<SpeechBinaryOptions>(Encoder),
    };

    private static string Encoder => RepositoryFiles.TinyEncoder("hubert-base-like");

    [TestMethod]
    [DataRow("LinearProbe", "freezing")]
    [DataRow("Lora", "encoderLearningRate,lora")]
    [DataRow("FullFineTuning", "freezing")]
    [DataRow("VoiceQuality", "extraFeatures,freezing")]
    public void Preset_Values_AreTheDefaultsButForThese(string name, string changed)
    {
        JsonObject preset = ModelManifest.Record(s_presets[name]()),
            plain = ModelManifest.Record(new SpeechBinaryOptions { Encoder = Encoder });
        string[] other = [.. preset.Where(p => !JsonNode.DeepEquals(p.Value, plain[p.Key])).Select(p => p.Key)
            .Order(StringComparer.Ordinal)];
        Assert.AreEqual(changed, string.Join(',', other));
        // Each call gives values of its own.
        SpeechBinaryOptions one = s_presets[name]();
        (one.Epochs, one.Lora.Rank, one.Head.HiddenLayers) = (77, 3, 2);
        Assert.AreNotEqual(77, s_presets[name]().Epochs);
        Assert.AreNotEqual(3, s_presets[name]().Lora.Rank);
        Assert.AreNotEqual(2, s_presets[name]().Head.HiddenLayers);
    }

    [TestMethod]
    [DataRow("LinearProbe", false)]
    [DataRow("Lora", true)]
    [DataRow("FullFineTuning", false)]
    [DataRow("VoiceQuality", false)]
    public void Fit_Preset_TrainsWhatItSays(string name, bool adapts)
    {
        var mlContext = new MLContext(seed: 1);
        IDataView data = MeasuredClips.View(mlContext, MeasuredClips.Rows(16));
        using SpeechBinaryTransformer model = Fit(s_presets[name]());
        Assert.AreEqual(adapts, model.Model.Facts.Lora is not null);
        Assert.IsNotNull(model.Model.Facts.LayerSearch, "layers are looked for");
        float[] scores = Scores(model);
        Assert.IsTrue(scores.All(float.IsFinite));
        if (name == "LinearProbe")
        {
            using SpeechBinaryTransformer plain = Fit(new SpeechBinaryOptions { Encoder = Encoder });
            PipelineTests.AssertEqual([Scores(plain)], [scores], 0);
        }
        if (name == "VoiceQuality")
        {
            // The numbers decide the label, the audio says nothing.
            Assert.IsNotNull(model.Model.Facts.ExtraFeatures);
            Assert.IsTrue(scores.Select((s, i) => s > 0 == (i % 2 == 0)).All(right => right));
        }

        SpeechBinaryTransformer Fit(SpeechBinaryOptions options)
        {
            (options.Epochs, options.SubjectColumnName) = (1, "Subject");
            return mlContext.BinaryClassification.Trainers.SpeechClassification("Label", "Audio", options).Fit(data);
        }

        float[] Scores(SpeechBinaryTransformer fitted) =>
            [.. MeasuredClips.Scores(fitted, "binary", data).Select(s => s[0])];
    }
}
