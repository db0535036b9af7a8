using System.Text.Json.Nodes;
using Microsoft.ML;
using SpeechML.Model;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Tests.Transforms;

/// <summary>
/// Fine-tuned models as Hugging Face folders: what is in them, and that they are read as what was written.
/// </summary>
[TestClass]
public sealed class SpeechModelFolderTests
{
    private static readonly string[] s_files =
        ["README.md", "config.json", "head.safetensors", "model.safetensors", "preprocessor_config.json",
        "speechml.json"];
    private static readonly string[] s_adapterFiles =
        ["adapter/adapter_config.json", "adapter/adapter_model.safetensors"];

    private readonly SmallRuns _runs = new();

    [TestMethod]
    [DataRow("hubert-base-like")]
    [DataRow("wav2vec2-large-like")]
    [DataRow("wavlm-base-like")]
    [DataRow("whisper-80")]
    public void SaveHuggingFace_Untrained_EncoderFilesAsTheSourcesWithoutLabels(string encoder)
    {
        using var scratch = new Scratch();
        // No class of Python has the deviation: the folder is of the encoder.
        SpeechClassificationOptions options = SmallRuns.Still(SmallRuns.Options(encoder));
        options.Pooling = SpeechPooling.MeanStd;
        using SpeechClassificationTransformer model = _runs.Fit(options);
        string folder = Save(model, scratch.At("out"));
        string source = RepositoryFiles.TinyEncoder(encoder);
        CollectionAssert.AreEqual(s_files, Files(folder));
        JsonObject config = EncoderFiles.Json(Path.Combine(folder, "config.json")).AsObject();
        // Of the source's; by labels Python's pipeline would take the folder for a classifier.
        JsonObject expected = EncoderFiles.Json(Path.Combine(source, "config.json")).AsObject();
        foreach (string field in new[] { "id2label", "label2id", "num_labels" })
        {
            Assert.IsFalse(config.ContainsKey(field), field);
            expected.Remove(field);
        }
        JsonObject facts = EncoderFiles.Json(Path.Combine(folder, "speechml.json")).AsObject();
        Assert.HasCount(5, facts["labels"]!["values"]!.AsArray());
        StringAssert.Contains(File.ReadAllText(Path.Combine(folder, "README.md")),
            "The hidden state in use is `model(...).last_hidden_state`.");
        Assert.IsTrue(JsonNode.DeepEquals(expected, config));
        string prefix = EncoderFiles.Json(
            Path.Combine(source, "golden.json"))["parameter_prefix"]!.GetValue<string>();
        EncoderFiles.AssertSameTensors(
            Path.Combine(source, "model.safetensors"), Path.Combine(folder, "model.safetensors"), prefix);
    }

    [TestMethod]
    [DataRow("hubert-base-like", -1)]
    [DataRow("wav2vec2-large-like", -1)]
    [DataRow("wav2vec2-large-like", 1)]
    [DataRow("wavlm-base-like", 1)]
    [DataRow("whisper-80", -1)]
    [DataRow("whisper-80", 1)]
    [DataRow("whisper-80", 0)]
    public void SaveHuggingFace_Trained_EncoderLoaderGivesTheModelsHiddenState(string encoder, int layer)
    {
        using var scratch = new Scratch();
        SpeechClassificationOptions options = SmallRuns.Options(encoder);
        options.Layers = layer < 0 ? EncoderLayers.Last : $"{layer}";
        using SpeechClassificationTransformer model = _runs.Fit(options);
        string folder = Save(model, scratch.At("out"));
        using SpeechEncoder read = EncoderLoader.Load(folder, context: WhisperContext.Trimmed);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        float[] clip = [.. Enumerable.Range(0, 8000).Select(i => MathF.Sin(i * 0.07f) * 0.3f)];
        SpeechEncoder tuned = model.Model.Network.Encoder;
        EncodedFrames expected = tuned.Encode(tuned.Prepare([clip]));
        EncodedFrames actual = read.Encode(read.Prepare([clip]));
        Tensor State(EncodedFrames frames) => layer < 0 ? frames.LastHiddenState! : frames.HiddenStates[layer];
        CollectionAssert.AreEqual(GoldenTensors.ToFloats(State(expected)), GoldenTensors.ToFloats(State(actual)));
    }

    [TestMethod]
    public void SaveHuggingFace_Adapter_FilesNamedAsPeftsBesideThePretrainedEncoder()
    {
        using var scratch = new Scratch();
        SpeechClassificationOptions options = SmallRuns.Options();
        (options.Lora, options.EncoderLearningRate) = (new LoraOptions { Rank = 2, Alpha = 4 }, 1e-2);
        options.Pooling = SpeechPooling.MeanStd; // of the encoder, not of a class with a head
        using SpeechClassificationTransformer model = _runs.Fit(options);
        string folder = Save(model, scratch.At("out"));
        CollectionAssert.AreEqual(
            s_files.Concat(s_adapterFiles).Order(StringComparer.Ordinal).ToArray(), Files(folder));
        EncoderFiles.AssertSameTensors(
            Path.Combine(options.Encoder, "model.safetensors"), Path.Combine(folder, "model.safetensors"), "");

        string reference = Path.Combine(RepositoryFiles.Fixtures, "golden", "adapters", "hubert-qv");
        using SafetensorsFile want = SafetensorsFile.Open(Path.Combine(reference, "adapter_model.safetensors"));
        using SafetensorsFile got = SafetensorsFile.Open(Path.Combine(folder, "adapter", "adapter_model.safetensors"));
        CollectionAssert.AreEqual(
            want.Entries.Keys.Order(StringComparer.Ordinal).ToArray(),
            got.Entries.Keys.Order(StringComparer.Ordinal).ToArray());
        JsonObject theirs = EncoderFiles.Json(Path.Combine(reference, "adapter_config.json")).AsObject();
        JsonObject mine = EncoderFiles.Json(Path.Combine(folder, "adapter", "adapter_config.json")).AsObject();
        CollectionAssert.AreEqual(theirs.Select(f => f.Key).ToArray(), mine.Select(f => f.Key).ToArray());
        Assert.AreEqual(2, mine["r"]!.GetValue<int>());
        Assert.AreEqual(4, mine["lora_alpha"]!.GetValue<int>());
        Assert.IsTrue(JsonNode.DeepEquals(theirs["target_modules"], mine["target_modules"]));

        // Merged on request: no adapter, other weights.
        string merged = scratch.At("merged");
        _runs.Context.Speech().SaveHuggingFace(model, merged, mergeAdapter: true);
        CollectionAssert.AreEqual(s_files, Files(merged));
        Assert.IsNull(SpeechModelFolder.ReadFacts(merged).Lora);
        CollectionAssert.AreNotEqual(
            File.ReadAllBytes(Path.Combine(folder, "model.safetensors")),
            File.ReadAllBytes(Path.Combine(merged, "model.safetensors")));
    }

    [TestMethod]
    public void SaveHuggingFace_TwiceAndReadBetween_SameBytes()
    {
        using var scratch = new Scratch();
        SpeechClassificationOptions options = SmallRuns.Options();
        (options.Lora, options.Layers, options.Pooling) =
            (new LoraOptions { Rank = 2 }, "0,1", SpeechPooling.Attention);
        using SpeechClassificationTransformer model = _runs.Fit(options);
        string a = Save(model, scratch.At("a"));
        using SpeechModel read = SpeechModelFolder.Read(a);
        SpeechModelFolder.Write(read, scratch.At("b"), mergeAdapter: false, overwrite: false);
        SpeechModelFolder.Write(read, scratch.At("b"), mergeAdapter: false, overwrite: true);
        CollectionAssert.AreEqual(Files(a), Files(scratch.At("b")));
        foreach (string file in Files(a))
        {
            CollectionAssert.AreEqual(
                File.ReadAllBytes(Path.Combine(a, file)), File.ReadAllBytes(Path.Combine(scratch.At("b"), file)), file);
        }
    }

    [TestMethod]
    public void SaveHuggingFace_FolderNotEmptyOrNoSpeechModel_Refused()
    {
        using var scratch = new Scratch();
        using SpeechClassificationTransformer model = _runs.Fit(SmallRuns.Still(SmallRuns.Options()));
        File.WriteAllText(scratch.At("mine.txt"), "");
        Assert.AreEqual(
            $"'{scratch.Folder}': expected a new or empty folder, or to be told to overwrite, got one that holds " +
            $"'mine.txt'.",
            Assert.ThrowsExactly<CheckpointException>(() => Save(model, scratch.Folder)).Message);
        Assert.HasCount(1, Directory.GetFileSystemEntries(scratch.Folder));

        ITransformer other = _runs.Context.Transforms.CopyColumns("Copy", "Label").Fit(_runs.Data);
        Assert.AreEqual(
            "Model to write: expected one fine-tuned speech model, got none among ColumnCopyingTransformer. " +
            "(Parameter 'model')",
            Assert.ThrowsExactly<ArgumentException>(() => _runs.Context.Speech()
            .SaveHuggingFace(other, scratch.At("out"))).Message);
    }

    [TestMethod]
    public void Read_HeadOfAnotherModel_NamesTheTensor()
    {
        using var scratch = new Scratch();
        SpeechClassificationOptions options = SmallRuns.Still(SmallRuns.Options());
        using SpeechClassificationTransformer model = _runs.Fit(options);
        options.Head.BottleneckSize = 3;
        options.Head.HiddenLayers = 1;
        using SpeechClassificationTransformer other = _runs.Fit(options);
        string folder = Save(model, scratch.At("a"));
        string head = Path.Combine(folder, "head.safetensors");
        File.Copy(Path.Combine(Save(other, scratch.At("b")), "head.safetensors"), head, overwrite: true);
        Assert.AreEqual(
            $"'{head}': tensor 'head.stacks.0.layers.1.bias': expected only what 'speechml.json' describes, got " +
            $"another tensor.",
            Assert.ThrowsExactly<CheckpointException>(() => SpeechModelFolder.Read(folder)).Message);
        SafetensorsFile.Write(head, []);
        StringAssert.StartsWith(
            Assert.ThrowsExactly<CheckpointException>(() => SpeechModelFolder.Read(folder)).Message,
            $"'{head}': tensor 'head.stacks.0.layers.0.");
    }

    [TestMethod]
    public void SaveHuggingFace_CutModel_ReadmeSaysWhichStatesAreTheModels()
    {
        using var scratch = new Scratch();
        SpeechClassificationOptions options = SmallRuns.Still(SmallRuns.Options("whisper-80"));
        options.Layers = "1";
        using SpeechClassificationTransformer model = _runs.Fit(options);
        string readme = File.ReadAllText(Path.Combine(Save(model, scratch.At("out")), "README.md"));
        StringAssert.Contains(readme, "`WhisperModel.from_pretrained(folder).encoder`");
        StringAssert.Contains(readme, "The pooling is `Mean` over the valid frames of `hidden_states` 1.");
        StringAssert.Contains(readme,
            "`hidden_states` 0 to 1 are the encoder's; `last_hidden_state` is not to be used, and layer 1 (counted " +
            "from 0) passes its input on");
    }

    private string Save(SpeechClassificationTransformer model, string folder)
    {
        _runs.Context.Speech().SaveHuggingFace(model, folder);
        return folder;
    }

    private static string[] Files(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(folder, f).Replace('\\', '/')).Order(StringComparer.Ordinal)];
}
