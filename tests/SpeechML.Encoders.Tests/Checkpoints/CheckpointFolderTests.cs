using TorchSharp;

namespace SpeechML.Encoders.Tests.Checkpoints;

[TestClass]
public sealed class CheckpointFolderTests
{
    private string _folder = "";

    [TestInitialize]
    public void CreateFolder() => _folder = Directory.CreateTempSubdirectory("speechml-folder").FullName;

    [TestCleanup]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public void Open_SafetensorsBesideBin_TakesSafetensors()
    {
        Write("config.json", """{"model_type":"hubert"}""");
        Write("preprocessor_config.json", """{"do_normalize":true}""");
        Write("pytorch_model.bin", "not read");
        WriteTensor("model.safetensors", "a");

        using CheckpointFolder folder = CheckpointFolder.Open(_folder);

        Assert.AreEqual("hubert", folder.Config.GetProperty("model_type").GetString());
        Assert.IsTrue(folder.PreprocessorConfig!.Value.GetProperty("do_normalize").GetBoolean());
        Assert.AreEqual(Path.Combine(_folder, "model.safetensors"), folder.FileOf("a"));
        CollectionAssert.AreEqual(new long[] { 2 }, folder.Tensors["a"].Shape);
        CheckpointException error = Assert.ThrowsExactly<CheckpointException>(() => folder.Read("b"));
        Assert.AreEqual($"'{_folder}': tensor 'b': expected a tensor of this name, got none among its 1.",
            error.Message);
    }

    [TestMethod]
    public void Open_TensorInAnotherShard_IsRefused()
    {
        Write("config.json", "{}");
        WriteTensor("s1.safetensors", "a");
        WriteTensor("s2.safetensors", "b");
        Write("model.safetensors.index.json", """{"weight_map":{"a":"s2.safetensors","b":"s1.safetensors"}}""");

        Refuses($"'{Path.Combine(_folder, "s2.safetensors")}': tensor 'a': expected this tensor, as the index says, " +
            $"got it in 's1.safetensors'.");
    }

    [TestMethod]
    public void Open_NoFolder_SaysWhatWasLookedFor()
    {
        string none = Path.Combine(_folder, "none");

        CheckpointException error = Assert.ThrowsExactly<CheckpointException>(() => CheckpointFolder.Open(none));

        Assert.AreEqual(
            $"'{none}': expected a model folder with 'config.json' and one of 'model.safetensors', " +
            $"'model.safetensors.index.json', 'pytorch_model.bin', "
            + "'pytorch_model.bin.index.json', got nothing: there is no such folder.",
            error.Message);
    }

    [TestMethod]
    public void Open_NoConfig_SaysWhatWasLookedFor()
    {
        WriteTensor("model.safetensors", "a");

        Refuses($"'{_folder}': expected a model folder with 'config.json' and one of 'model.safetensors', " +
            $"'model.safetensors.index.json', 'pytorch_model.bin', "
            + "'pytorch_model.bin.index.json', got no 'config.json'.");
    }

    [TestMethod]
    public void Open_NoWeights_SaysWhatIsThere()
    {
        Write("config.json", "{}");
        Write("flax_model.msgpack", "x");

        Refuses($"'{_folder}': expected weights: one of 'model.safetensors', 'model.safetensors.index.json', " +
            $"'pytorch_model.bin', 'pytorch_model.bin.index.json', "
            + "got none of them among its 2 entries ('config.json', 'flax_model.msgpack').");
    }

    [TestMethod]
    [DataRow("[]", "expected a JSON object, got array.")]
    [DataRow("{", "expected a JSON object with unique keys, got what is not: ")]
    [DataRow("""{"a":1,"a":2}""", "expected a JSON object with unique keys, got what is not: ")]
    public void Open_BrokenConfig_IsRefused(string config, string message)
    {
        Write("config.json", config);
        WriteTensor("model.safetensors", "a");

        CheckpointException error = Assert.ThrowsExactly<CheckpointException>(() => CheckpointFolder.Open(_folder));

        StringAssert.StartsWith(error.Message, $"'{Path.Combine(_folder, "config.json")}': {message}");
    }

    [TestMethod]
    [DataRow("../s.safetensors")]
    [DataRow("/s.safetensors")]
    [DataRow("C:s.safetensors")]
    [DataRow("..\\s.safetensors")]
    [DataRow("sub/s.safetensors")]
    [DataRow("..")]
    [DataRow("")]
    public void Open_ShardOutsideTheFolder_IsRefused(string shard)
    {
        Write("config.json", "{}");
        Write("model.safetensors.index.json",
            $$$"""{"weight_map":{"a":"{{{shard.Replace("\\", "\\\\", StringComparison.Ordinal)}}}"}}""");

        Refuses($"'{Path.Combine(_folder, "model.safetensors.index.json")}': tensor 'a': expected the name of a " +
            $"shard in the same folder, got '{shard}'.");
    }

    private void Refuses(string message)
    {
        CheckpointException error = Assert.ThrowsExactly<CheckpointException>(() => CheckpointFolder.Open(_folder));
        Assert.AreEqual(message, error.Message);
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text);

    private void WriteTensor(string file, string name)
    {
        using torch.Tensor tensor = torch.ones(2);
        SafetensorsFile.Write(Path.Combine(_folder, file), [(name, tensor)]);
    }
}
