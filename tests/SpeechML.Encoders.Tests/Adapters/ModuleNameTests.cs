using System.Text.Json.Nodes;
using SpeechML.Encoders.Checkpoints;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Tests.Adapters;

/// <summary>
/// Adapters on encoders whose maps have other names: in PEFT folders they are those of the Python module, which in
/// transformers 5's Audio Spectrogram Transformer are not the checkpoint's.
/// </summary>
[TestClass]
public sealed class ModuleNameTests
{
    private const string Ast = "audio-spectrogram-transformer";

    private static readonly (string InMemory, string Stored)[] s_versions =
    [
        ("layers.", "encoder.layer."), ("attention.q_proj", "attention.attention.query"),
        ("attention.v_proj", "attention.attention.value"), ("attention.o_proj", "attention.output.dense"),
        ("mlp.fc1", "intermediate.dense"), ("mlp.fc2", "output.dense"),
    ];

    [TestMethod]
    [DataRow("wav2vec2-conformer", "linear_q", "encoder.layers.0.self_attn.linear_q")]
    [DataRow("wav2vec2-bert", "linear_v", "encoder.layers.1.self_attn.linear_v")]
    [DataRow("sew", "q_proj", "encoder.layers.0.attention.q_proj")]
    [DataRow(Ast, "q_proj", "layers.0.attention.q_proj")]
    public void Attach_DefaultTargets_AreTheAttentionsMapsOfTheFamily(string name, string target, string module)
    {
        using SpeechEncoder encoder = TinyEncoders.Create(name);
        LoraAdapter adapter = LoraAdapter.Attach(encoder, new LoraOptions { Rank = 2, RankPattern = "q_proj=3" }, 1);
        Assert.HasCount(2 * encoder.Config.LayerCount, adapter.Modules);
        using var scratch = new Scratch();
        adapter.Save(scratch.At("adapter"));
        JsonNode config = EncoderFiles.Json(Path.Combine(scratch.At("adapter"), "adapter_config.json"));
        CollectionAssert.Contains(
            config["target_modules"]!.AsArray().Select(n => n!.ToString()).ToArray(), target);
        using SafetensorsFile file = SafetensorsFile.Open(Tensors(scratch.At("adapter")));
        string prefix = $"base_model.model.{module}.lora_A.weight";
        Assert.IsTrue(file.Entries.ContainsKey(prefix), string.Join(", ", file.Entries.Keys));
        Assert.AreEqual(target.Contains('q', StringComparison.Ordinal) ? 3 : 2, file.Entries[prefix].Shape[0]);
        AssertReadBack(name, scratch.At("adapter"), encoder, adapter);
    }

    [TestMethod]
    public void Load_AdapterOfEitherVersionOfTransformers_IsTheSameAndWrittenBackAsItWas()
    {
        using SpeechEncoder encoder = TinyEncoders.Create(Ast);
        LoraAdapter adapter = LoraAdapter.Attach(
            encoder, new LoraOptions { Rank = 2, Targets = "q_proj,out_proj,fc1", AlphaPattern = "fc1=3" }, 1);
        Randomize(adapter);
        using var scratch = new Scratch();
        string five = scratch.At("five"), four = scratch.At("four");
        adapter.Save(five);
        Directory.CreateDirectory(four);
        using (SafetensorsFile file = SafetensorsFile.Open(Tensors(five)))
        using (DisposeScope scope = NewDisposeScope())
        {
            SafetensorsFile.Write(
                Tensors(four), [.. file.Entries.Keys.Select(k => (Renamed(k), file.Read(k)))],
                FolderWriter.TorchMetadata);
        }
        JsonNode config = EncoderFiles.Json(Path.Combine(five, "adapter_config.json"));
        config["target_modules"] = new JsonArray("query", "attention.output.dense", "intermediate.dense");
        config["alpha_pattern"] = new JsonObject { ["intermediate.dense"] = 3 };
        File.WriteAllText(Path.Combine(four, "adapter_config.json"), config.ToJsonString());

        AssertReadBack(Ast, four, encoder, adapter);
        using SpeechEncoder older = TinyEncoders.Create(Ast);
        LoraAdapter loaded = LoraAdapter.Load(older, four);
        loaded.Save(scratch.At("again"));
        CollectionAssert.AreEqual(File.ReadAllBytes(Tensors(four)), File.ReadAllBytes(Tensors(scratch.At("again"))));
        // Its options say the same in today's names.
        using SpeechEncoder attached = TinyEncoders.Create(Ast);
        LoraAdapter again = LoraAdapter.Attach(attached, loaded.Options, 2);
        CollectionAssert.AreEqual(adapter.Modules.ToArray(), again.Modules.ToArray());
        foreach (string module in again.Modules)
        {
            string python = EncoderFamily.Of(attached).ModuleName(module);
            Assert.AreEqual(adapter.Rules.AlphaOf(python), again.Rules.AlphaOf(python), module);
        }
    }

    private static void AssertReadBack(string name, string folder, SpeechEncoder encoder, LoraAdapter adapter)
    {
        using SpeechEncoder other = TinyEncoders.Create(name);
        LoraAdapter loaded = LoraAdapter.Load(other, folder);
        CollectionAssert.AreEqual(adapter.Modules.ToArray(), loaded.Modules.ToArray());
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        float[] clip = TinyEncoders.Clip(4000, 1);
        GoldenTensors.AssertClose("last", encoder.Encode(encoder.Prepare([clip])).LastHiddenState!,
            other.Encode(other.Prepare([clip])).LastHiddenState!, 0, 0);
    }

    private static void Randomize(LoraAdapter adapter)
    {
        using IDisposable still = no_grad();
        using var generator = new Generator(5);
        foreach ((_, TorchSharp.Modules.Parameter parameter) in adapter.Parameters)
        {
            _ = parameter.uniform_(-1, 1, generator);
        }
    }

    private static string Renamed(string name) => s_versions.Aggregate(
        name, (n, v) => n.Replace(v.InMemory, v.Stored, StringComparison.Ordinal));

    private static string Tensors(string folder) => Path.Combine(folder, "adapter_model.safetensors");
}
