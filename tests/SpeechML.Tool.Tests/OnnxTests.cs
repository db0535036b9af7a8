using System.Globalization;
using SpeechML.TestSupport;

namespace SpeechML.Tool.Tests;

/// <summary><c>speechml export --onnx</c>, and <c>predict</c> with the file.</summary>
[TestClass]
public sealed class OnnxTests
{
    [TestMethod]
    public void Predict_OnnxOfAModelWithMeasures_ScoresAsTheRun()
    {
        using var scratch = new Scratch();
        string run = scratch.At("run"), file = scratch.At("model.onnx");
        // Clips are trimmed and cut before the model: steps beside the graph.
        ToolHost.Succeed(["train", .. TinyRun.Arguments, .. TinyRun.WithoutBaselines, "--trim-silence.top-db", "30",
            "--extra-features", "Voice", "--output", run, "--quiet"]);
        ToolHost.Succeed("export", "--model", run, "--onnx", "--output", file);
        string[] wavs = [.. Directory.GetFiles(RepositoryFiles.Prompts, "*.wav").Order(StringComparer.Ordinal).Take(3)];

        string[] expected = ToolHost.Succeed(["predict", "--model", run, "--file", .. wavs]).Split('\n');
        string[] actual = ToolProcess.Succeed(["predict", "--model", file, "--file", .. wavs]).Split('\n');

        Assert.HasCount(expected.Length, actual);
        Assert.AreEqual(expected[0], actual[0]);
        for (int line = 1; line <= wavs.Length; line++)
        {
            string[] want = expected[line].Split(','), got = actual[line].Split(',');
            CollectionAssert.AreEqual(want[..2], got[..2]);
            for (int i = 2; i < want.Length - 1; i++)
            {
                Assert.AreEqual(double.Parse(want[i], CultureInfo.InvariantCulture),
                    double.Parse(got[i], CultureInfo.InvariantCulture), 1e-4, expected[line]);
            }
        }
    }
}
