using System.Text.Json.Nodes;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Tests;

/// <summary>Written folders are what Python wrote, and give the same hidden states when read.</summary>
[TestClass]
public sealed class EncoderFolderTests
{
    public static IEnumerable<object[]> Containers()
    {
        List<object[]> cases = [.. Golden.Cases("checkpoints")
            .Where(n => File.Exists(Golden.At("checkpoints", n, "config.json"))).Select(n => new object[] { n })];
        return cases.Count > 0 ? cases : [[EncoderCases.Absent]];
    }

    [TestMethod]
    [TestCategory("Golden")]
    [DynamicData(nameof(EncoderCases.All), typeof(EncoderCases))]
    public void Save_LoadedAndUnchanged_FilesAsPythonWroteThem(string name)
    {
        string source = EncoderCases.Folder(name);
        using var scratch = new Scratch();
        using (SpeechEncoder encoder = EncoderLoader.Load(source))
        {
            EncoderFolder.Save(encoder, scratch.At("out"));
        }
        bool keepsPrefix = true;
        foreach (string file in new[] { "config.json", "preprocessor_config.json" })
        {
            JsonObject expected = EncoderFiles.Json(Path.Combine(source, file)).AsObject();
            // The head that they name is not written, nor the class that has it.
            foreach (string field in new[] { "id2label", "label2id", "num_labels" })
            {
                expected.Remove(field);
            }
            if (expected["architectures"] is JsonArray { Count: 1 } classes
                && EncoderNames.IsClassifier(classes[0]!.ToString()))
            {
                keepsPrefix = false;
                expected["architectures"] = new JsonArray(EncoderFamily.All
                    .Single(f => f.ModelType == expected["model_type"]!.ToString()).PythonClass);
            }
            Assert.IsTrue(JsonNode.DeepEquals(
                expected, EncoderFiles.Json(Path.Combine(scratch.At("out"), file))), file);
        }
        string prefix = EncoderCases.Facts(name).GetProperty("parameter_prefix").GetString()!;
        EncoderFiles.AssertSameTensors(Path.Combine(source, "model.safetensors"),
            Path.Combine(scratch.At("out"), "model.safetensors"), prefix, keepsPrefix);
    }

    [TestMethod]
    [TestCategory("Golden")]
    [DynamicData(nameof(EncoderCases.All), typeof(EncoderCases))]
    public void Save_CutAtAnyLayer_FolderGivesTheReferencesHiddenStates(string name)
    {
        string source = EncoderCases.Folder(name);
        using GoldenTensors golden = EncoderCases.Open(name);
        (double rtol, double atol) = EncoderCases.Activations(EncoderCases.Facts(name));
        int all = EncoderLoader.ReadConfig(source).LayerCount;
        for (int layers = 0; layers < all; layers++)
        {
            using var scratch = new Scratch();
            using DisposeScope scope = NewDisposeScope();
            using IDisposable still = no_grad();
            using SpeechEncoder cut = EncoderLoader.Load(source, layers);
            EncoderFolder.Save(cut, scratch.At("out"));
            using SpeechEncoder read = EncoderLoader.Load(scratch.At("out"));
            EncodedFrames expected = cut.Encode(cut.Prepare([golden.Waveform("clip0.waveform")]));
            EncodedFrames actual = read.Encode(read.Prepare([golden.Waveform("clip0.waveform")]));
            for (int level = 0; level <= layers; level++)
            {
                CollectionAssert.AreEqual(
                    GoldenTensors.ToFloats(expected.HiddenStates[level]),
                    GoldenTensors.ToFloats(actual.HiddenStates[level]), $"cut at {layers}, hidden state {level}");
                if (golden.Has($"clip0.hidden.{level}"))
                {
                    // Where the reference has frames of padding, they are not computed here.
                    Tensor hidden = actual.HiddenStates[level][0];
                    GoldenTensors.AssertClose($"clip0.hidden.{level}",
                        golden.Read($"clip0.hidden.{level}").narrow(0, 0, hidden.shape[0]), hidden, rtol, atol);
                }
            }
            JsonNode config = EncoderFiles.Json(Path.Combine(scratch.At("out"), "config.json"));
            Assert.AreEqual(all, config[EncoderFolder.SourceLayersField]!.GetValue<int>());
            Assert.AreEqual(read.Config.LayerCount,
                (config["num_hidden_layers"] ?? config["encoder_layers"])!.GetValue<int>());
        }
    }

    [TestMethod]
    [TestCategory("Golden")]
    [DynamicData(nameof(Containers))]
    public void Save_FromAnyContainerAndNaming_SameWeightsUnderTodaysNames(string name)
    {
        if (name == EncoderCases.Absent)
        {
            Assert.Inconclusive("No checkpoints among the reference values.");
        }
        using var scratch = new Scratch();
        using SpeechEncoder encoder = EncoderLoader.Load(Golden.At("checkpoints", name));
        EncoderFolder.Save(encoder, scratch.At("out"));
        using SpeechEncoder read = EncoderLoader.Load(scratch.At("out"));
        AssertSameWeights(encoder, read);
        using SafetensorsFile file = SafetensorsFile.Open(Path.Combine(scratch.At("out"), "model.safetensors"));
        Assert.IsFalse(file.Entries.Keys.Any(
            k => k.EndsWith("weight_g", StringComparison.Ordinal) || k.EndsWith("weight_v", StringComparison.Ordinal)));
        Assert.IsTrue(file.Entries.Values.All(e => e.DType is "F32" or "I64"));
        JsonNode config = EncoderFiles.Json(Path.Combine(scratch.At("out"), "config.json"));
        Assert.AreEqual("float32", (config["dtype"] ?? config["torch_dtype"] ?? "float32").ToString());
    }

    [TestMethod]
    [DynamicData(nameof(TinyEncoders.Names), typeof(TinyEncoders))]
    public void Save_Twice_SameBytes(string name)
    {
        using var scratch = new Scratch();
        using SpeechEncoder encoder = TinyEncoders.Create(name);
        EncoderFolder.Save(encoder, scratch.At("a"));
        EncoderFolder.Save(encoder, scratch.At("b"));
        string[] files = [.. Directory.GetFiles(scratch.At("a")).Select(f => Path.GetFileName(f)!)
            .Order(StringComparer.Ordinal)];
        CollectionAssert.AreEqual(new[] { "config.json", "model.safetensors", "preprocessor_config.json" }, files);
        foreach (string file in files)
        {
            CollectionAssert.AreEqual(
                File.ReadAllBytes(Path.Combine(scratch.At("a"), file)),
                File.ReadAllBytes(Path.Combine(scratch.At("b"), file)), file);
        }
        using SpeechEncoder read = EncoderLoader.Load(scratch.At("a"));
        AssertSameWeights(encoder, read);
    }

    [TestMethod]
    public void Save_FolderNotEmpty_RefusedUnlessTold()
    {
        using var scratch = new Scratch();
        Directory.CreateDirectory(scratch.At("out"));
        File.WriteAllText(Path.Combine(scratch.At("out"), "config.json"), "mine");
        using SpeechEncoder encoder = TinyEncoders.Create("hubert");
        var error = Assert.ThrowsExactly<CheckpointException>(() => EncoderFolder.Save(encoder, scratch.At("out")));
        Assert.AreEqual(
            $"'{scratch.At("out")}': expected a new or empty folder, or to be told to overwrite, got one that holds " +
            $"'config.json'.", error.Message);
        Assert.AreEqual("mine", File.ReadAllText(Path.Combine(scratch.At("out"), "config.json")));

        EncoderFolder.Save(encoder, scratch.At("out"), overwrite: true);
        using SpeechEncoder read = EncoderLoader.Load(scratch.At("out"));
        AssertSameWeights(encoder, read);
        Assert.HasCount(1, Directory.GetFileSystemEntries(scratch.Folder));
    }

    private static void AssertSameWeights(SpeechEncoder expected, SpeechEncoder actual)
    {
        Dictionary<string, Tensor> want = expected.state_dict();
        Dictionary<string, Tensor> got = actual.state_dict();
        CollectionAssert.AreEquivalent(want.Keys, got.Keys);
        foreach ((string name, Tensor value) in want)
        {
            CollectionAssert.AreEqual(GoldenTensors.ToFloats(value), GoldenTensors.ToFloats(got[name]), name);
        }
    }
}
