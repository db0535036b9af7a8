using SpeechML.Encoders.Adapters;
using SpeechML.Encoders.Adapters.Lora;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Tests.Adapters;

/// <summary>Whatever a PEFT folder holds for the encoder is applied, or refused by name; heads are ignored.</summary>
[TestClass]
public sealed class PeftPartsTests
{
    private const string Root = "base_model.model.";

    [TestMethod]
    [DataRow("hubert", "hubert.feature_extractor.conv_layers.0.conv.lora_A.weight")]
    [DataRow("hubert", "hubert.feature_extractor.conv_layers.0.conv.weight")]
    [DataRow("hubert", "hubert.masked_spec_embed")]
    [DataRow("hubert", "hubert.encoder.layer_norm.weight")]
    [DataRow("hubert", "hubert.encoder.pos_conv_embed.conv.lora_B.weight")]
    [DataRow("hubert", "hubert.feature_projection.layer_norm.bias")]
    [DataRow("hubert", "hubert.some_new_part.weight")]
    [DataRow("wavlm", "wavlm.encoder.layers.0.attention.rel_attn_embed.weight")]
    [DataRow("whisper", "model.encoder.conv1.lora_A.weight")]
    [DataRow("whisper", "model.encoder.conv2.lora_B.weight")]
    [DataRow("whisper", "model.encoder.layer_norm.weight")]
    [DataRow("whisper", "model.encoder.embed_positions.weight")]
    [DataRow("whisper", "model.encoder.layers.0.final_layer_norm.weight")]
    public void Load_PartOfTheEncoderThatIsNoLinearMap_IsRefusedByName(string encoder, string tensor)
    {
        using var scratch = new Scratch();
        string folder = Write(scratch, encoder, Root + tensor, prefixed: true);
        using SpeechEncoder target = TinyEncoders.Create(encoder);
        CheckpointException error = Assert.ThrowsExactly<CheckpointException>(() => LoraAdapter.Load(target, folder));
        Assert.AreEqual(Root + tensor, error.Tensor);
        StringAssert.Contains(error.Message, "merge_and_unload");
    }

    [TestMethod]
    [DataRow("hubert", "masked_spec_embed")]
    [DataRow("hubert", "feature_extractor.conv_layers.0.conv.weight")]
    [DataRow("whisper", "conv1.lora_A.weight")]
    [DataRow("whisper", "layer_norm.weight")]
    public void Load_BareEncodersPart_IsRefusedByName(string encoder, string tensor)
    {
        using var scratch = new Scratch();
        string folder = Write(scratch, encoder, Root + tensor, prefixed: false);
        using SpeechEncoder target = TinyEncoders.Create(encoder);
        Assert.AreEqual(
            Root + tensor,
            Assert.ThrowsExactly<CheckpointException>(() => LoraAdapter.Load(target, folder)).Tensor);
    }

    [TestMethod]
    [DataRow("hubert", "classifier.weight", true)]
    [DataRow("hubert", "projector.bias", true)]
    [DataRow("hubert", "classifier.weight", false)]
    [DataRow("whisper", "model.decoder.layers.0.self_attn.q_proj.lora_A.weight", true)]
    [DataRow("whisper", "proj_out.weight", true)]
    public void Load_HeadOrDecoder_IsIgnored(string encoder, string tensor, bool prefixed)
    {
        using var scratch = new Scratch();
        string folder = Write(scratch, encoder, Root + tensor, prefixed);
        using SpeechEncoder target = TinyEncoders.Create(encoder);
        Assert.HasCount(2, LoraAdapter.Load(target, folder).Modules);
    }

    [TestMethod]
    public void Load_ValueThatIsNoNumber_IsRefusedByName()
    {
        using var scratch = new Scratch();
        string folder = Write(scratch, "hubert", null, prefixed: true, damage: true);
        using SpeechEncoder target = TinyEncoders.Create("hubert");
        CheckpointException error = Assert.ThrowsExactly<CheckpointException>(() => LoraAdapter.Load(target, folder));
        StringAssert.StartsWith(error.Tensor, Root + "hubert.encoder.layers.");
        StringAssert.Contains(error.Message, "expected finite numbers");
    }

    /// <summary>An adapter on the q projections of both layers, with one tensor more.</summary>
    private static string Write(Scratch scratch, string encoder, string? more, bool prefixed, bool damage = false)
    {
        using DisposeScope scope = NewDisposeScope();
        string folder = scratch.At("adapter");
        using SpeechEncoder source = TinyEncoders.Create(encoder);
        LoraAdapter adapter = LoraAdapter.Attach(
            source, new LoraRules { Rank = 2, Alpha = 4, Targets = NameSelector.Ends(["q_proj"]) }, seed: 1);
        adapter.Save(folder);
        string prefix = encoder == "whisper" ? "model.encoder." : encoder + ".";
        string path = Path.Combine(folder, "adapter_model.safetensors");
        var tensors = new List<(string, Tensor)>();
        using (SafetensorsFile file = SafetensorsFile.Open(path))
        {
            foreach (string name in file.Entries.Keys)
            {
                Tensor value = file.Read(name);
                // A configuration without 'architectures' is that of a bare HuBERT, and of a whole Whisper.
                string own = Root + (prefixed ? prefix : "") + name[(Root.Length + adapter.Prefix.Length)..];
                tensors.Add((own, damage ? value * float.NaN : value));
            }
        }
        if (more is not null)
        {
            tensors.Add((more, ones(2, 2)));
        }
        SafetensorsFile.Write(path, tensors);
        return folder;
    }
}
