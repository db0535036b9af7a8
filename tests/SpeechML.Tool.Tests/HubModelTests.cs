using System.Text;
using System.Text.Json;
using SpeechML.TestSupport;

namespace SpeechML.Tool.Tests;

/// <summary>Models of the Hugging Face Hub on the command line, by folder and by id, without a network.</summary>
[TestClass]
public sealed class HubModelTests
{
    private const string Base = "org/base";

    private static readonly string s_classifiers = Path.Combine(RepositoryFiles.Fixtures, "golden", "classifiers");
    private static readonly string s_model = Path.Combine(s_classifiers, "hubert-softmax");

    /// <summary>Of 8,000 Hz: the encoders take 16,000.</summary>
    private static string[] Wavs { get; } =
        [.. Directory.GetFiles(RepositoryFiles.Prompts, "*.wav").Order(StringComparer.Ordinal).Take(2)];

    [TestMethod]
    public void Predict_FolderOfTheHub_ProbabilitiesOfItsLabels()
    {
        using var scratch = new Scratch();
        Directory.CreateDirectory(scratch.At("wavs"));
        Array.ForEach(Wavs, w => File.Copy(w, Path.Combine(scratch.At("wavs"), Path.GetFileName(w))));
        string[] lines = ToolProcess.Succeed("predict", "--model", s_model, "--folder", scratch.At("wavs"))
            .TrimEnd('\n').Split('\n');
        Assert.AreEqual("file,decision,probability:label 0,probability:label 1,probability:label 2," +
            "probability:label 3,error", lines[0]);
        Assert.HasCount(3, lines);
        StringAssert.Matches(lines[1], new("^.*wav,label \\d,[0-9.]+,[0-9.]+,[0-9.]+,[0-9.]+,$"));

        // What export writes of it scores the same, in both forms.
        ToolHost.Succeed("export", "--model", s_model, "--output", scratch.At("again"));
        ToolHost.Succeed("export", "--model", s_model, "--onnx", "--output", scratch.At("model.onnx"));
        double[][] expected = Scores(s_model);
        foreach (string written in new[] { scratch.At("again"), scratch.At("model.onnx") })
        {
            double[][] actual = Scores(written);
            for (int i = 0; i < expected.Length; i++)
            {
                Assert.AreEqual(1, expected[i].Sum(), 1e-5);
                for (int k = 0; k < expected[i].Length; k++)
                {
                    Assert.AreEqual(expected[i][k], actual[i][k], 1e-5, $"{written}, clip {i}, label {k}");
                }
            }
        }
    }

    [TestMethod]
    public void Explain_FolderOfTheHub_ARecordingOfAnotherRate()
    {
        using var scratch = new Scratch();
        string output = ToolHost.Succeed("explain", "--model", s_model, "--file", Wavs[0], "--target", "label 1",
            "--output", scratch.At("clip.csv"));
        StringAssert.Contains(output, "label 1");
        Assert.IsTrue(File.Exists(scratch.At("clip.csv")));
    }

    [TestMethod]
    [DataRow("evaluate")]
    [DataRow("report")]
    [DataRow("compare")]
    public void RunVerb_FolderOfTheHub_RefusedByName(string verb)
    {
        (int code, _, string error) =
            ToolHost.Run([verb, s_model, .. verb == "compare" ? [s_model] : Array.Empty<string>()]);
        Assert.AreEqual(1, code);
        StringAssert.StartsWith(error, $"Run '{s_model}': expected the folder of a run");
        StringAssert.Contains(error, "got a model of the Hugging Face Hub, which has no data to ");
    }

    [TestMethod]
    [DataRow("classifiers/wavlm-xvector", "got one of speakers' embeddings: use mlContext.Transforms.EmbedSpeaker")]
    [DataRow("encoders/hubert-base-like", "field 'architectures': expected a class with a head over whole clips")]
    public void Predict_FolderThatIsNoClassifier_RefusedByName(string folder, string message)
    {
        (int code, _, string error) = ToolHost.Run(
            "predict", "--model", Path.Combine(RepositoryFiles.Fixtures, "golden", folder), "--file", Wavs[0]);
        Assert.AreEqual(1, code);
        StringAssert.Contains(error, message);
    }

    [TestMethod]
    public void Predict_AdapterById_FetchesItsBaseModelAtItsRevision()
    {
        using var scratch = new Scratch();
        using var hub = new FakeHub();
        string adapter = Path.Combine(s_classifiers, "hubert-peft", "adapter");
        string config = File.ReadAllText(Path.Combine(adapter, "adapter_config.json"))
            .Replace("\"../encoders/hubert-base-like\"", $"\"{Base}\"", StringComparison.Ordinal)
            .Replace("\"revision\": null", "\"revision\": \"v1\"", StringComparison.Ordinal);
        StringAssert.Contains(config, Base);
        StringAssert.Contains(config, "v1");
        hub.Files["README.md"] = [1];
        hub.Files["adapter_config.json"] = Encoding.UTF8.GetBytes(config);
        hub.Files["adapter_model.safetensors"] =
            File.ReadAllBytes(Path.Combine(adapter, "adapter_model.safetensors"));
        hub.Others[Base] = Directory.GetFiles(Path.Combine(s_classifiers, "hubert-peft", "base"))
            .ToDictionary(f => Path.GetFileName(f)!, File.ReadAllBytes);

        // The same files as folders: the base model around the adapter's.
        string folder = scratch.At("base");
        CopyFolder(Path.Combine(s_classifiers, "hubert-peft", "base"), folder);
        CopyFolder(adapter, Path.Combine(folder, "adapter"));
        double[][] expected = Scores(Path.Combine(folder, "adapter"));
        double[][] actual = Scores(FakeHub.Id, e =>
        {
            (e["HF_ENDPOINT"], e["HF_HUB_CACHE"]) = (hub.Hub.Address.ToString().TrimEnd('/'), scratch.At("cache"));
            (e["HF_HUB_OFFLINE"], e["HF_TOKEN"]) = (null, null);
        });
        CollectionAssert.AreEqual(expected[0], actual[0]);
        Assert.IsTrue(hub.Hub.Requests.Any(r => r.Path == $"/api/models/{Base}/revision/v1"));
        // Once more, with no Hub at all.
        actual = Scores(FakeHub.Id,
            e => (e["HF_HUB_OFFLINE"], e["HF_HUB_CACHE"]) = ("1", scratch.At("cache")));
        CollectionAssert.AreEqual(expected[0], actual[0]);
    }

    [TestMethod]
    public void Predict_IdThatCannotBeHad_OneLineThatSaysSo()
    {
        using var scratch = new Scratch();
        (int code, _, string error) = ToolProcess.RunWith(
            null, e => (e["HF_HUB_OFFLINE"], e["HF_HUB_CACHE"]) = ("1", scratch.At("cache")),
            "predict", "--model", "runs/tpyo", "--file", Wavs[0]);
        Assert.AreEqual(1, code, error);
        Assert.AreEqual($"Encoder 'runs/tpyo': there is no folder of this name. Hub model 'runs/tpyo' at 'main': " +
            $"expected it whole in the cache '{scratch.At("cache")}', as offline mode (HF_HUB_OFFLINE) is on; got no " +
            "such model or revision.\n", error);
    }

    private static double[][] Scores(string model, Action<IDictionary<string, string?>>? environment = null)
    {
        string[] arguments = ["predict", "--model", model, "--format", "jsonl", "--file", .. Wavs];
        (int code, string output, string error) = environment is null ? ToolHost.Run(arguments)
            : ToolProcess.RunWith(null, environment, arguments);
        Assert.AreEqual(0, code, error);
        return [.. output.TrimEnd('\n').Split('\n').Select(line => JsonDocument.Parse(line).RootElement
            .GetProperty("probabilities").EnumerateObject().Select(p => p.Value.GetDouble()).ToArray())];
    }

    private static void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.GetFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }
}
