using System.Text.Json;
using System.Text.Json.Nodes;
using SpeechML.TrainingSupport;

namespace SpeechML.Encoders.Tests;

/// <summary>Nulls and numbers in configurations as Python takes them, and configurations written back as they were.
/// </summary>
[TestClass]
public sealed class PythonConfigurationTests
{
    private readonly List<string> _folders = [];

    [TestCleanup]
    public void Delete() => _folders.ForEach(f => Directory.Delete(f, recursive: true));

    /// <summary>None is false in Python, whatever the default of the flag.</summary>
    [TestMethod]
    [DataRow("""{"do_normalize": null}""", false)]
    [DataRow("""{"do_normalize": false}""", false)]
    [DataRow("""{"do_normalize": true}""", true)]
    [DataRow("""{"sampling_rate": null}""", true)]
    [DataRow("{}", true)]
    public void Parse_FlagOfPreprocessor_AsPythonTakesIt(string json, bool normalize) => Assert.AreEqual(
        normalize, FeatureExtractorSettings.Parse(JsonSerializer.Deserialize<JsonElement>(json)).Normalize);

    [TestMethod]
    [DataRow("feat_proj_layer_norm", "feature_projection.layer_norm.weight")]
    [DataRow("conv_bias", "feature_extractor.conv_layers.0.conv.bias")]
    public void Create_FlagNull_IsFalse(string field, string parameter)
    {
        using SpeechEncoder none = EncoderLoader.Create(TinyEncoders.Config("hubert", (field, null)));
        using SpeechEncoder off = EncoderLoader.Create(TinyEncoders.Config("hubert", (field, false)));
        using SpeechEncoder on = EncoderLoader.Create(TinyEncoders.Config("hubert", (field, true)));
        Assert.IsTrue(on.state_dict().ContainsKey(parameter));
        Assert.IsFalse(none.state_dict().ContainsKey(parameter));
        CollectionAssert.AreEqual(off.state_dict().Keys.ToArray(), none.state_dict().Keys.ToArray());
    }

    /// <summary>With None for a number, or an activation's name, transformers cannot build the model.</summary>
    [TestMethod]
    [DataRow("num_conv_pos_embeddings")]
    [DataRow("layer_norm_eps")]
    [DataRow("hidden_dropout")]
    [DataRow("hidden_act")]
    [DataRow("feat_extract_norm")]
    public void Create_NumberOrTextNull_NamesTheField(string field)
    {
        CheckpointException error = Assert.ThrowsExactly<CheckpointException>(
            () => EncoderLoader.Create(TinyEncoders.Config("hubert", (field, null))));
        StringAssert.Contains(error.Message, $"field '{field}'", StringComparison.Ordinal);
        StringAssert.Contains(error.Message, "got nothing", StringComparison.Ordinal);
    }

    [TestMethod]
    public void Load_InfinityWhereTheFieldIsNotUsed_LoadsAndIsWrittenBackAsANumber()
    {
        string folder = Folder("hubert");
        string path = Path.Combine(folder, "config.json"), text = File.ReadAllText(path).Trim();
        File.WriteAllText(path, text[..^1] + """
            , "loss_scale": Infinity, "other": [NaN, -Infinity], "text": "a \"NaN\" Infinity"}
            """);
        using SpeechEncoder encoder = EncoderLoader.Load(folder);
        string saved = Path.Combine(folder, "saved");
        EncoderFolder.Save(encoder, saved);
        JsonNode written = EncoderFiles.Json(Path.Combine(saved, "config.json"));
        Assert.AreEqual("Infinity", written["loss_scale"]!["__float__"]!.GetValue<string>());
        Assert.AreEqual("NaN", written["other"]![0]!["__float__"]!.GetValue<string>());
        Assert.AreEqual("-Infinity", written["other"]![1]!["__float__"]!.GetValue<string>());
        Assert.AreEqual("a \"NaN\" Infinity", written["text"]!.GetValue<string>());
        EncoderLoader.Load(saved).Dispose();
    }

    [TestMethod]
    [DataRow("hidden_dropout", "NaN")]
    [DataRow("hidden_size", "Infinity")]
    public void Load_InfinityWhereTheFieldIsUsed_NamesTheField(string field, string value)
    {
        string folder = Folder("hubert");
        string path = Path.Combine(folder, "config.json");
        JsonObject config = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        config[field] = "HERE";
        File.WriteAllText(path, config.ToJsonString().Replace("\"HERE\"", value, StringComparison.Ordinal));
        CheckpointException error = Assert.ThrowsExactly<CheckpointException>(() => EncoderLoader.Load(folder));
        StringAssert.Contains(error.Message, $"field '{field}'", StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("hubert", """
        {"do_normalize": true, "return_attention_mask": true, "feature_size": 1, "padding_value": -1, "own": {"a": [1]},
         "sampling_rate": 16000}
        """)]
    [DataRow("wavlm", """{"do_normalize": null, "return_attention_mask": false, "processor_class": "X"}""")]
    [DataRow("whisper", """{"feature_size": 80, "return_attention_mask": true, "dither": 0.0, "chunk_length": 30}""")]
    public void Save_PreprocessorThatWasRead_IsWrittenBackUnchanged(string name, string json)
    {
        string folder = Folder(name);
        File.WriteAllText(Path.Combine(folder, "preprocessor_config.json"), json);
        using SpeechEncoder encoder = EncoderLoader.Load(folder);
        // As a model file keeps it.
        FeatureExtractorSettings kept = JsonSerializer.Deserialize<FeatureExtractorSettings>(
            JsonSerializer.Serialize(encoder.Features, JsonSerializerOptions.Web), JsonSerializerOptions.Web)!;
        using SpeechEncoder again =
            EncoderLoader.Create(JsonSerializer.Deserialize<JsonElement>(encoder.ConfigJson), features: kept);
        TinyEncoders.FillAtRandom(again);
        foreach (SpeechEncoder its in new[] { encoder, again })
        {
            string saved = Path.Combine(folder, "saved");
            EncoderFolder.Save(its, saved, overwrite: true);
            Assert.IsTrue(JsonNode.DeepEquals(
                JsonNode.Parse(json), EncoderFiles.Json(Path.Combine(saved, "preprocessor_config.json"))));
        }
    }

    private string Folder(string name)
    {
        using SpeechEncoder encoder = TinyEncoders.Create(name);
        string folder = TinyEncoders.WriteFolder(encoder, TinyEncoders.Config(name));
        _folders.Add(folder);
        return folder;
    }
}
