using Microsoft.ML;
using SpeechML.TestSupport;

namespace SpeechML.Tests.Hub;

/// <summary>Classifiers that have <c>pytorch_model.bin</c> alone, as many of the Hub do.</summary>
[TestClass]
public sealed class HubBinTests
{
    public static IEnumerable<object[]> Names => new[] { false, true }.SelectMany(
        speakers => HubModels.Names(speakers).SelectMany(n => new[] { false, true }.Select(
            legacy => new object[] { n[0], legacy })));

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Load_BinAlone_SameScores(string name, bool legacy)
    {
        using var golden = new HubModels(name);
        using var scratch = new Scratch();
        string copy = scratch.At("model");
        Copy(golden.Folder, copy, legacy);
        Assert.IsEmpty(Directory.GetFiles(copy, "*.safetensors", SearchOption.AllDirectories));
        string folder = golden.IsAdapter ? Path.Combine(copy, "adapter") : copy;
        var options = new HuggingFaceModelOptions { BaseModel = golden.IsAdapter ? Path.Combine(copy, "base") : "" };
        CollectionAssert.AreEqual(
            Scores(golden, golden.Model, golden.Options), Scores(golden, folder, options));
    }

    [TestMethod]
    public void Load_BinWithoutAHead_IsRefusedByTheFilesName()
    {
        using var scratch = new Scratch();
        string source = Path.Combine(RepositoryFiles.Fixtures, "golden", "classifiers", "hubert-softmax");
        string folder = scratch.At("model");
        Directory.CreateDirectory(folder);
        File.Copy(Path.Combine(source, "config.json"), Path.Combine(folder, "config.json"));
        string weights = Path.Combine(folder, "model.safetensors");
        File.Copy(Path.Combine(source, "model.safetensors"), weights);
        HeadFiles.Rewrite(weights, (name, tensor) => name == "classifier.bias" ? null : tensor);
        HeadFiles.ToBin(weights, Path.Combine(folder, "pytorch_model.bin"), legacy: false);
        string message = Assert.ThrowsExactly<CheckpointException>(
            () => new MLContext(seed: 1).Speech().LoadHuggingFace(folder)).Message;
        StringAssert.Contains(message, "pytorch_model.bin");
        StringAssert.Contains(message, "classifier.bias");
    }

    private static float[] Scores(HubModels golden, string folder, HuggingFaceModelOptions options)
    {
        IDataView data = golden.Data();
        ITransformer model = golden.IsSpeaker
            ? golden.Context.Transforms.EmbedSpeaker("Score", folder).Fit(data)
            : golden.Context.Speech().LoadHuggingFace(folder, options: options);
        using var disposed = (IDisposable)model;
        return [.. HubModels.Read(model.Transform(data), "Score").SelectMany(s => s)];
    }

    private static void Copy(string from, string to, bool legacy)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories)
            .Where(f => Path.GetFileName(f) is not ("golden.safetensors" or "golden.json")))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
            if (Path.GetExtension(target) == ".safetensors")
            {
                string name = Path.GetFileNameWithoutExtension(target) == "model"
                    ? "pytorch_model.bin" : "adapter_model.bin";
                HeadFiles.ToBin(target, Path.Combine(Path.GetDirectoryName(target)!, name), legacy);
            }
        }
    }
}
