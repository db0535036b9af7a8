using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using Microsoft.ML;
using SpeechML.Tests.Support;

namespace SpeechML.Tests.Configuration;

/// <summary>The sample RunFromConfig as a user starts it, in a process of its own.</summary>
[TestClass]
public sealed class RunFromConfigTests
{
    private static readonly string s_program = typeof(RunFromConfigTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RunFromConfig").Value!;

    [TestMethod]
    public void Run_ConfigurationWrittenByARun_StartsTheSameRunAgain()
    {
        using var scratch = new Scratch();
        (string load, string model) = WriteConfigs(scratch);
        string first = scratch.At("first"), second = scratch.At("second");

        AssertEnds(0, "", "--load-config", load, "--model-config", model, "--output", first, "--debug", "--trainer.head.dropout", "0.1", "--trainer.encoder-learning-rate", "2e-5");
        string sampled = Path.Combine(first, "load.json");
        AssertEnds(0, "", "--load-config", sampled, "--model-config", Path.Combine(first, "model.json"), "--output", second, "--debug");

        foreach (string file in new[] { "load.json", "model.json", "split.csv", "evaluation.json" })
        {
            Assert.AreEqual(File.ReadAllText(Path.Combine(first, file)), File.ReadAllText(Path.Combine(second, file)), file);
        }
        using JsonDocument written = JsonDocument.Parse(File.ReadAllText(Path.Combine(first, "model.json")));
        Assert.AreEqual(0.1, written.RootElement.GetProperty("trainer").GetProperty("head").GetProperty("dropout").GetDouble());
        Assert.AreEqual(1, written.RootElement.GetProperty("trainer").GetProperty("epochs").GetInt32());

        // Resumed, the finished run gives its model at once; judged again, the same figures.
        string before = File.ReadAllText(Path.Combine(first, "evaluation.json"));
        AssertEnds(0, "", "--output", first, "--resume", "--debug");
        File.Delete(Path.Combine(first, "evaluation.json"));
        AssertEnds(0, "", "--output", first, "--eval-only", "--debug");
        Assert.AreEqual(before, File.ReadAllText(Path.Combine(first, "evaluation.json")));

        using var loaded = (IDisposable)new MLContext().Model.Load(Path.Combine(first, "model.zip"), out DataViewSchema schema);
        Assert.IsNotNull(schema.GetColumnOrNull("original_audio_id"));
    }

    [TestMethod]
    public void Run_WrongCall_SaysWhyAndEndsWithOne()
    {
        using var scratch = new Scratch();
        (string load, string model) = WriteConfigs(scratch);
        AssertEnds(1, $"Output folder '{scratch.Folder}': expected one that does not exist, or --resume, got a folder that is there.\n", "--load-config", load, "--model-config", model, "--output", scratch.Folder);
        AssertEnds(1, $"Output folder '{scratch.At("none")}': expected the folder of an earlier run, got none.\n", "--output", scratch.At("none"), "--resume");
        AssertEnds(1, "Command line, option '--trainer.epochs': expected a whole number, got 'many'.\n", "--load-config", load, "--model-config", model, "--output", scratch.At("none"), "--trainer.epochs", "many");
        Assert.IsFalse(Directory.Exists(scratch.At("none")));
    }

    private static (string Load, string Model) WriteConfigs(Scratch scratch)
    {
        SpeechLoadConfig load = SpeechConfig.Load<SpeechLoadConfig>(Path.Combine(RepositoryFiles.Root, "samples", "RunFromConfig", "configs", "load.json"), new Dictionary<string, IReadOnlyList<string>>
        {
            ["metadataFile"] = [Path.Combine(RepositoryFiles.Prompts, "metadata.csv")],
            ["audioFolder"] = [RepositoryFiles.Prompts],
        });
        SpeechModelConfig model = SpeechConfig.Load<SpeechModelConfig>(Path.Combine(RepositoryFiles.Root, "samples", "RunFromConfig", "configs", "model.json"), new Dictionary<string, IReadOnlyList<string>>
        {
            ["trainer.encoder"] = [RepositoryFiles.TinyEncoder("whisper-80")],
            ["trainer.layer"] = ["1"],
        });
        SpeechConfig.Save(load, scratch.At("load.json"));
        SpeechConfig.Save(model, scratch.At("model.json"));
        return (scratch.At("load.json"), scratch.At("model.json"));
    }

    private static void AssertEnds(int code, string error, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [s_program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.AreEqual(error, errors, output.Result);
        Assert.AreEqual(code, process.ExitCode, output.Result);
    }
}
