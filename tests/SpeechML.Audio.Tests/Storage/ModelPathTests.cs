using SpeechML.Audio.Storage;
using SpeechML.TestSupport;

namespace SpeechML.Audio.Tests.Storage;

/// <summary>What lies at a path where a model is expected.</summary>
[TestClass]
public sealed class ModelPathTests
{
    [TestMethod]
    public void Of_EveryKind_IsToldByNamesAndFirstBytes()
    {
        using var scratch = new Scratch();
        string Put(string name, string text = "PK\u0003\u0004")
        {
            string path = scratch.At(name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
            return path;
        }
        Check(Put("a.zip"), ModelPathKind.Zip, "a model zip", scratch.At("a.zip"));
        Check(Put("no ending"), ModelPathKind.Zip, "a model zip", scratch.At("no ending"));
        Check(Put("b.zip", "text"), ModelPathKind.OtherFile, "a file that is no zip and no ONNX file");
        Check(Put("empty.zip", ""), ModelPathKind.OtherFile, "an empty file");
        Check(Put("m.ONNX", "text"), ModelPathKind.Onnx, "an ONNX file");
        Check(Put("v.wav", "RIFF0000WAVE"), ModelPathKind.Audio, "a recording");
        Check(Put("v.flac", ""), ModelPathKind.Audio, "a recording");
        Check(Put("hub/model.safetensors", "x"), ModelPathKind.OtherFile,
            "a file of weights alone: name its folder");
        Check(scratch.At("hub"), ModelPathKind.OtherFolder,
            "a folder without train_config.json (of a run), study.jsonl (of a study) and config.json (of a model of " +
            "the Hub)");
        Put("hub/config.json", "{}");
        Check(scratch.At("hub") + "/", ModelPathKind.HuggingFace, "a model of the Hugging Face Hub");

        Put("runs/1/train_config.json", "{}");
        Check(scratch.At("runs"), ModelPathKind.Runs,
            $"a folder of runs: name one of them, such as '{scratch.At("runs/1")}'");
        Check(scratch.At("runs/1"), ModelPathKind.Run, "the folder of a run that has no saved model yet");
        string last = Put("runs/1/last/model.zip");
        Check(scratch.At("runs/1"), ModelPathKind.Run, "the folder of a run", last);
        string best = Put("runs/1/best/model.zip");
        Check(scratch.At("runs/1/"), ModelPathKind.Run, "the folder of a run", best);
        Check(scratch.At("runs/1/best"), ModelPathKind.Zip, "a folder with model.zip", best);
        Assert.AreEqual(scratch.At("runs/1"), ModelPath.Of(best).Run);
        Assert.AreEqual(scratch.At("runs/1"), ModelPath.Of(scratch.At("runs/1/best")).Run);
        Assert.IsNull(ModelPath.Of(scratch.At("a.zip")).Run);

        Put("study/study.jsonl", "");
        Check(scratch.At("study"), ModelPathKind.Study, "the folder of a study");
        string found = Put("study/model.zip");
        Check(scratch.At("study"), ModelPathKind.Study, "the folder of a study", found);

        Check(scratch.At("rnus"), ModelPathKind.Nothing,
            $"no file or folder of this name; near it is '{scratch.At("runs")}'");
        Check(scratch.At("nowhere/at/all"), ModelPathKind.Nothing, "no file or folder of this name");
        Assert.IsTrue(ModelPath.LiesBesideModels(scratch.At("runs/2")));
        Assert.IsTrue(ModelPath.LiesBesideModels(scratch.At("a2.zip")));
        Assert.IsFalse(ModelPath.LiesBesideModels(scratch.At("hub/other")));
        Assert.IsFalse(ModelPath.LiesBesideModels("organisation/name"));
        Assert.IsFalse(ModelPath.LiesBesideModels("name"));
    }

    private static void Check(string path, ModelPathKind kind, string words, string? zip = null)
    {
        ModelPath found = ModelPath.Of(path);
        Assert.AreEqual(kind, found.Kind, path);
        Assert.AreEqual(words, found.Words, path);
        Assert.AreEqual(zip, found.Zip, path);
    }
}
