using System.Text.Json;
using System.Text.Json.Nodes;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Tests.Adapters;

/// <summary>
/// LoRA, rsLoRA and DoRA against the PEFT library (WavLM: against W + scaling · B A, where PEFT does nothing).
/// </summary>
[TestClass]
[TestCategory("Golden")]
public sealed class LoraGoldenTests
{
    [TestMethod]
    [DynamicData(nameof(AdapterCase.All), typeof(AdapterCase))]
    public void Encode_WithLoadedAdapter_EveryLevelAsReference(string name)
    {
        AdapterCase reference = AdapterCase.Open(name);
        using SpeechEncoder encoder = reference.LoadBase();
        _ = LoraAdapter.Load(encoder, reference.Folder);
        using GoldenTensors golden = reference.OpenGolden();
        AssertOutputs(reference, golden, encoder);
    }

    /// <summary>In double precision no rounding of this side is left: what differs is the reference's own.</summary>
    [TestMethod]
    [DynamicData(nameof(AdapterCase.All), typeof(AdapterCase))]
    public void Encode_InDoublePrecision_EveryLevelAsReference(string name)
    {
        AdapterCase reference = AdapterCase.Open(name);
        using SpeechEncoder encoder = reference.LoadBase();
        _ = LoraAdapter.Load(encoder, reference.Folder);
        EncoderInput input = reference.Input(encoder);
        _ = encoder.to(ScalarType.Float64);
        using GoldenTensors golden = reference.OpenGolden();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        EncodedFrames encoded = encoder.Encode(new EncoderInput(input.Values.to(ScalarType.Float64), input.Lengths));
        foreach ((int level, Tensor hidden) in encoded.HiddenStates)
        {
            reference.AssertLevel(golden, $"clip0.hidden.{level}", hidden.to(ScalarType.Float32),
                singlePrecision: false);
        }
        reference.AssertLevel(golden, "clip0.last", encoded.LastHiddenState!.to(ScalarType.Float32),
            singlePrecision: false);
    }

    [TestMethod]
    [DynamicData(nameof(AdapterCase.All), typeof(AdapterCase))]
    public void Encode_WithGradients_EveryGradientAsReference(string name)
    {
        AdapterCase reference = AdapterCase.Open(name);
        using SpeechEncoder encoder = reference.LoadBase();
        LoraAdapter adapter = LoraAdapter.Load(encoder, reference.Folder);
        using GoldenTensors golden = reference.OpenGolden();
        double share = EncoderCases.Gradients(reference.Facts);
        using DisposeScope scope = NewDisposeScope();
        Tensor last = encoder.Encode(reference.Input(encoder)).LastHiddenState!;
        // Whisper's R is one period of it; that of masked frames, which are not computed here, is 0.
        Tensor weights = golden.Read("R");
        Tensor all = weights.repeat(Math.Max(1, last.shape[1] / weights.shape[0]), 1).narrow(0, 0, last.shape[1]);
        (last * all).sum().backward();

        Dictionary<string, Parameter> parameters = PeftParameters(adapter);
        string[] gradients = [.. golden.Names.Where(n => n.StartsWith("grad.", StringComparison.Ordinal))
            .Select(n => n["grad.".Length..])];
        CollectionAssert.AreEquivalent(gradients, parameters.Keys);
        foreach (string parameter in gradients)
        {
            golden.IsGradientClose($"grad.{parameter}", parameters[parameter].grad!, share);
        }
        foreach ((string parameter, Parameter value) in encoder.named_parameters()
            .Where(p => !LoraAdapter.IsAdapterParameter(p.name)))
        {
            Assert.IsFalse(value.requires_grad, parameter);
            Assert.IsNull(value.grad, parameter);
        }
    }

    [TestMethod]
    [DynamicData(nameof(AdapterCase.All), typeof(AdapterCase))]
    public void Scaling_EveryMap_AsReference(string name)
    {
        AdapterCase reference = AdapterCase.Open(name);
        using SpeechEncoder encoder = reference.LoadBase();
        LoraAdapter adapter = LoraAdapter.Load(encoder, reference.Folder);
        Dictionary<string, double> expected = reference.Facts.GetProperty("scaling").EnumerateObject()
            .Where(s => s.Name.StartsWith(reference.Prefix, StringComparison.Ordinal)
                && !s.Name.Contains("decoder", StringComparison.Ordinal))
            .ToDictionary(s => s.Name, s => s.Value.GetDouble());
        CollectionAssert.AreEquivalent(
            expected.Keys, adapter.Modules.Select(module => reference.Prefix + module).ToArray());
        foreach ((string module, double scaling) in expected)
        {
            Assert.AreEqual(scaling, adapter.Rules.ScalingOf(module), 1e-12 * scaling, module);
        }
    }

    [TestMethod]
    [DynamicData(nameof(AdapterCase.All), typeof(AdapterCase))]
    public void Merge_LoadedAdapter_WeightsAndOutputsAsReference(string name)
    {
        AdapterCase reference = AdapterCase.Open(name);
        using SpeechEncoder encoder = reference.LoadBase();
        using SpeechEncoder plain = reference.LoadBase();
        using GoldenTensors golden = reference.OpenGolden();
        LoraAdapter.Load(encoder, reference.Folder).Merge();
        JsonElement tolerance = reference.Facts.GetProperty("tolerances").GetProperty("merged");
        Dictionary<string, Tensor> merged = encoder.state_dict();
        Dictionary<string, Tensor> before = plain.state_dict();
        CollectionAssert.AreEquivalent(before.Keys, merged.Keys);
        string[] changed = [.. golden.Names.Where(n => n.StartsWith("merged.", StringComparison.Ordinal))
            .Select(n => n["merged.".Length..])];
        Assert.IsNotEmpty(changed);
        foreach ((string parameter, Tensor value) in merged)
        {
            if (changed.Contains(reference.Prefix + parameter))
            {
                golden.AreClose($"merged.{reference.Prefix}{parameter}", value,
                    tolerance.GetProperty("rtol").GetDouble(), tolerance.GetProperty("atol").GetDouble());
            }
            else
            {
                Assert.IsTrue(value.equal(before[parameter]).all().item<bool>(), parameter);
            }
        }
        AssertOutputs(reference, golden, encoder);
    }

    [TestMethod]
    [DynamicData(nameof(AdapterCase.All), typeof(AdapterCase))]
    public void Save_LoadedAdapter_NamesValuesAndConfigAsPeft(string name)
    {
        AdapterCase reference = AdapterCase.Open(name);
        using SpeechEncoder encoder = reference.LoadBase();
        LoraAdapter adapter = LoraAdapter.Load(encoder, reference.Folder);
        using var scratch = new Scratch();
        string folder = scratch.At("adapter");
        adapter.Save(folder);
        using SafetensorsFile written = SafetensorsFile.Open(Path.Combine(folder, "adapter_model.safetensors"));
        using SafetensorsFile source =
            SafetensorsFile.Open(Path.Combine(reference.Folder, "adapter_model.safetensors"));
        // Decoder layers are not the encoder's.
        string[] expected = [.. source.Entries.Keys.Where(
            n => n.StartsWith(reference.PeftPrefix, StringComparison.Ordinal))];
        CollectionAssert.AreEquivalent(expected, written.Entries.Keys.ToArray());
        foreach (string tensor in expected)
        {
            CollectionAssert.AreEqual(source.Entries[tensor].Shape, written.Entries[tensor].Shape, tensor);
            CollectionAssert.AreEqual(source.ReadBytes(tensor), written.ReadBytes(tensor), tensor);
        }
        Assert.AreEqual("pt", written.Metadata["format"]);
        Assert.AreEqual(File.ReadAllText(Path.Combine(reference.Folder, "adapter_config.json")),
            File.ReadAllText(Path.Combine(folder, "adapter_config.json")));
    }

    [TestMethod]
    [DynamicData(nameof(AdapterCase.All), typeof(AdapterCase))]
    public void Attach_OptionsOfLoadedAdapterAndItsValues_SameOutputsAndConfig(string name)
    {
        AdapterCase reference = AdapterCase.Open(name);
        using SpeechEncoder first = reference.LoadBase();
        LoraAdapter loaded = LoraAdapter.Load(first, reference.Folder);
        using SpeechEncoder second = reference.LoadBase();
        LoraAdapter attached = LoraAdapter.Attach(second, loaded.Options, seed: 3);
        CollectionAssert.AreEqual(loaded.Modules.ToArray(), attached.Modules.ToArray());
        Dictionary<string, Tensor> values = first.state_dict();
        EncoderLoader.Fill(second, parameter => values[parameter].detach().clone());
        using GoldenTensors golden = reference.OpenGolden();
        AssertOutputs(reference, golden, second);

        // Written anew, the configuration has PEFT's fields, and what says how to adapt is the same unless it had to be
        // spelled out.
        using var scratch = new Scratch();
        attached.Save(scratch.At("adapter"), reference.Facts.GetProperty("base").GetString());
        JsonObject written = JsonNode.Parse(
            File.ReadAllText(Path.Combine(scratch.At("adapter"), "adapter_config.json")))!.AsObject();
        JsonObject source = JsonNode.Parse(
            File.ReadAllText(Path.Combine(reference.Folder, "adapter_config.json")))!.AsObject();
        CollectionAssert.AreEqual(source.Select(f => f.Key).ToArray(), written.Select(f => f.Key).ToArray());
        bool spelledOut = source["target_modules"] is JsonValue;
        foreach ((string field, JsonNode? value) in source)
        {
            // Which name the list of layers has, options do not say; any will do.
            if (field != "layers_pattern"
                && !(spelledOut && field is "target_modules" or "rank_pattern" or "alpha_pattern"))
            {
                Assert.IsTrue(JsonNode.DeepEquals(value, written[field]), $"{field}: {written[field]?.ToJsonString()}");
            }
        }
        // And it is read back.
        using SpeechEncoder third = reference.LoadBase();
        CollectionAssert.AreEqual(loaded.Modules.ToArray(),
            LoraAdapter.Load(third, scratch.At("adapter")).Modules.ToArray());
        AssertOutputs(reference, golden, third);
    }

    [TestMethod]
    [DynamicData(nameof(AdapterCase.All), typeof(AdapterCase))]
    public void SaveEncoder_WithLoadedAdapter_FolderHasMergedWeights(string name)
    {
        AdapterCase reference = AdapterCase.Open(name);
        using SpeechEncoder encoder = reference.LoadBase();
        _ = LoraAdapter.Load(encoder, reference.Folder);
        using var scratch = new Scratch();
        EncoderFolder.Save(encoder, scratch.At("merged"));
        EncoderFolder.Save(encoder, scratch.At("base"), mergeAdapter: false);
        using GoldenTensors golden = reference.OpenGolden();
        using SpeechEncoder merged = EncoderLoader.Load(scratch.At("merged"));
        AssertOutputs(reference, golden, merged);
        // The encoder itself still has its adapter, and the base beside it is the source's.
        AssertOutputs(reference, golden, encoder);
        using SpeechEncoder unmerged = EncoderLoader.Load(scratch.At("base"));
        _ = LoraAdapter.Load(unmerged, reference.Folder);
        AssertOutputs(reference, golden, unmerged);
    }

    private static Dictionary<string, Parameter> PeftParameters(LoraAdapter adapter) =>
        adapter.Sites.SelectMany(site => site.PeftParameters())
        .ToDictionary(p => $"base_model.model.{adapter.Prefix}{p.Name}", p => p.Parameter);

    private static void AssertOutputs(AdapterCase reference, GoldenTensors golden, SpeechEncoder encoder)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        EncodedFrames encoded = encoder.Encode(reference.Input(encoder));
        Assert.AreEqual(encoder.Config.LayerCount + 1, encoded.HiddenStates.Count);
        foreach ((int level, Tensor hidden) in encoded.HiddenStates)
        {
            reference.AssertLevel(golden, $"clip0.hidden.{level}", hidden);
        }
        reference.AssertLevel(golden, "clip0.last", encoded.LastHiddenState!);
    }
}
