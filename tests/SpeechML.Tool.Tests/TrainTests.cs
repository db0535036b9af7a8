using System.Diagnostics;
using System.IO.Compression;
using System.Text.Json;
using SpeechML.TestSupport;
using SpeechML.TestSupport.GoogleCloud;

namespace SpeechML.Tool.Tests;

/// <summary><c>speechml train</c> and <c>evaluate</c>: from two files, resumed, in a bucket.</summary>
[TestClass]
public sealed class TrainTests
{
    /// <summary>What two runs of the same settings have to the byte.</summary>
    private static readonly string[] s_same =
        ["load.json", "model.json", "train_config.json", "split.csv", "evaluation.json", "predictions.csv"];

    [TestMethod]
    public void Run_ConfigurationWrittenByARun_StartsTheSameRunAgain()
    {
        using var scratch = new Scratch();
        (string load, string model) = WriteConfigs(scratch);
        string first = scratch.At("first"), second = scratch.At("second");

        AssertEnds(0, "", ["train", "--load-config", load, "--model-config", model, "--output", first, "--debug",
            .. TinyRun.WithoutBaselines, "--resamples", "50", "--trainer.head.dropout", "0.1",
            "--trainer.encoder-learning-rate", "2e-5"]);
        // In a process of its own: what a run gives must not depend on what ran before it.
        AssertEndsAlone(0, "", null, null, "train", "--load-config", Path.Combine(first, "load.json"),
            "--model-config", Path.Combine(first, "model.json"), "--output", second);

        foreach (string file in s_same)
        {
            Assert.AreEqual(File.ReadAllText(Path.Combine(first, file)), File.ReadAllText(Path.Combine(second, file)),
                file);
        }
        Assert.AreEqual(Weights(File.ReadAllBytes(Path.Combine(first, "best", "model.zip"))),
            Weights(File.ReadAllBytes(Path.Combine(second, "best", "model.zip"))));
        using JsonDocument written = JsonDocument.Parse(File.ReadAllText(Path.Combine(first, "model.json")));
        Assert.AreEqual(0.1, written.RootElement.GetProperty("trainer").GetProperty("head").GetProperty("dropout")
            .GetDouble());
        Assert.AreEqual(1, written.RootElement.GetProperty("trainer").GetProperty("epochs").GetInt32());
        foreach (string file in new[]
        {
            "report.html", "train_log.jsonl", "model_config.json", "clips/clips.json",
        })
        {
            Assert.IsTrue(File.Exists(Path.Combine(first, file)), file);
        }

        // Resumed, the finished run gives its model at once; judged again, the same predictions.
        byte[] before = File.ReadAllBytes(Path.Combine(first, "predictions.csv"));
        AssertEnds(0, "", "train", "--output", first, "--resume");
        CollectionAssert.AreEqual(before, File.ReadAllBytes(Path.Combine(first, "predictions.csv")));
        File.Delete(Path.Combine(first, "predictions.csv"));
        AssertEnds(0, "", "evaluate", first);
        CollectionAssert.AreEqual(before, File.ReadAllBytes(Path.Combine(first, "predictions.csv")));

        // Other settings are another run.
        AssertEnds(
            1, $"'{Path.Combine(first, "load.json")}': expected the settings that the run was begun with, got " +
            $"others: \"sampleRate\": 16000, then, \"sampleRate\": 8000, now. Start another run in another folder.\n",
            "train", "--output", first, "--resume", "--sample-rate", "8000");
    }

    [TestMethod]
    public void Run_FilesAndOutputInABucket_IsTheLocalRun()
    {
        using var scratch = new Scratch();
        using var bucket = new TestBucket();
        (string load, string model) = WriteConfigs(scratch);
        string local = scratch.At("local");
        string[] small = ["--trainer.epochs", "2", "--resamples", "20", "--worst-clips", "1",
            .. TinyRun.WithoutBaselines];
        AssertEnds(0, "", ["train", "--load-config", load, "--model-config", model, "--output", local, .. small]);
        Assert.IsFalse(File.Exists(Path.Combine(local, "baselines.json")));

        foreach (string file in Directory.GetFiles(RepositoryFiles.Prompts))
        {
            bucket.Server.Backend.Put($"data/{Path.GetFileName(file)}", File.ReadAllBytes(file));
        }
        foreach (string file in Directory.GetFiles(RepositoryFiles.TinyEncoder("whisper-80")))
        {
            bucket.Server.Backend.Put($"encoder/{Path.GetFileName(file)}", File.ReadAllBytes(file));
        }
        StoragePath.WriteAllBytes(TestBucket.At("configs/load.json"), File.ReadAllBytes(load));
        StoragePath.WriteAllBytes(TestBucket.At("configs/model.json"), File.ReadAllBytes(model));
        string[] places = ["--metadata-file", TestBucket.At("data/metadata.csv"), "--audio-folder",
            TestBucket.At("data"), "--trainer.encoder", TestBucket.At("encoder")];
        AssertEndsAlone(0, "", bucket.Server.Address, scratch.At("cache"),
            ["train", "--load-config", TestBucket.At("configs/load.json"), "--model-config",
            TestBucket.At("configs/model.json"), "--output", TestBucket.At("runs/1"), .. places, .. small]);
        AssertEndsAlone(0, "", bucket.Server.Address, scratch.At("cache"), "evaluate", TestBucket.At("runs/1"));

        foreach (string file in s_same.Where(f => f is not ("load.json" or "model.json" or "train_config.json")))
        {
            Assert.AreEqual(File.ReadAllText(Path.Combine(local, file)),
                StoragePath.ReadAllText(TestBucket.At($"runs/1/{file}")), file);
        }
        Assert.AreEqual(Weights(File.ReadAllBytes(Path.Combine(local, "best", "model.zip"))),
            Weights(StoragePath.ReadAllBytes(TestBucket.At("runs/1/best/model.zip"))));
        StringAssert.StartsWith(StoragePath.ReadAllText(TestBucket.At("runs/1/report.html")), "<!DOCTYPE html>");
        AssertEndsAlone(
            1, "Output folder 'gs://test-bucket/runs/1': expected one that does not exist, or --resume, got a folder " +
            "that is there.\n", bucket.Server.Address, scratch.At("cache"), "train", "--load-config", load,
            "--model-config", model, "--output", TestBucket.At("runs/1/"));
    }

    [TestMethod]
    public void Train_StoppedByCtrlC_ResumesToTheSameModel()
    {
        using var scratch = new Scratch();
        string whole = scratch.At("whole"), broken = scratch.At("broken");
        string[] arguments = ["train", .. TinyRun.Arguments.Where(a => a is not ("--epochs" or "2")),
            "--epochs", "150", .. TinyRun.WithoutBaselines, "--output"];
        using (Process stopped = ToolProcess.Start(null, [.. arguments, broken]))
        {
            while (stopped.StandardError.ReadLine() is { } line && !line.Contains("epoch   3/150"))
            {
            }
            ToolProcess.Interrupt(stopped);
            StringAssert.EndsWith(stopped.StandardError.ReadToEnd(),
                "Stopped. The same command with --resume goes on.\n");
            stopped.WaitForExit();
            Assert.AreEqual(130, stopped.ExitCode);
        }
        AssertEnds(0, "", "train", "--output", broken, "--resume");
        AssertEnds(0, "", [.. arguments, whole]);

        Assert.AreEqual(File.ReadAllText(Path.Combine(whole, "predictions.csv")),
            File.ReadAllText(Path.Combine(broken, "predictions.csv")));
        Assert.AreEqual(Weights(File.ReadAllBytes(Path.Combine(whole, "best", "model.zip"))),
            Weights(File.ReadAllBytes(Path.Combine(broken, "best", "model.zip"))));
    }

    [TestMethod]
    public void Run_WrongCall_SaysWhyAndEndsWithOne()
    {
        using var scratch = new Scratch();
        (string load, string model) = WriteConfigs(scratch);
        AssertEnds(
            1, $"Output folder '{scratch.Folder}': expected one that does not exist, or --resume, got a folder that " +
            $"is there.\n", "train", "--load-config", load, "--model-config", model, "--output", scratch.Folder);
        AssertEnds(1, $"Output folder '{scratch.At("none")}': expected the folder of an earlier run, got none.\n",
            "train", "--output", scratch.At("none"), "--resume");
        AssertEnds(1, "Command line, option '--trainer.epochs': expected a whole number, got 'many'.\n",
            "train", "--load-config", load, "--model-config", model, "--output", scratch.At("none"),
            "--trainer.epochs", "many");
        Assert.IsFalse(Directory.Exists(scratch.At("none")));
    }

    private static (string Load, string Model) WriteConfigs(Scratch scratch)
    {
        SpeechLoadConfig load =
            SpeechConfig.Load<SpeechLoadConfig>(
            Path.Combine(RepositoryFiles.Root, "samples", "configs", "load.json"),
            new Dictionary<string, IReadOnlyList<string>>
            {
                ["metadataFile"] = [Path.Combine(RepositoryFiles.Prompts, "metadata.csv")],
                ["audioFolder"] = [RepositoryFiles.Prompts],
                ["maxClips"] = ["24"],
                ["maxSeconds"] = ["0.5"],
            });
        SpeechModelConfig model =
            SpeechConfig.Load<SpeechModelConfig>(
            Path.Combine(RepositoryFiles.Root, "samples", "configs", "model.json"),
            new Dictionary<string, IReadOnlyList<string>>
            {
                ["trainer.encoder"] = [RepositoryFiles.TinyEncoder("whisper-80")],
                ["trainer.layer"] = ["1"],
                ["trainer.whisperContext"] = [nameof(WhisperContext.Trimmed)],
            });
        SpeechConfig.Save(load, scratch.At("load.json"));
        SpeechConfig.Save(model, scratch.At("model.json"));
        return (scratch.At("load.json"), scratch.At("model.json"));
    }

    private static string Weights(byte[] zip)
    {
        using var archive = new ZipArchive(new MemoryStream(zip));
        using Stream weights = archive.Entries.Single(e => e.Name == "weights.safetensors").Open();
        using var bytes = new MemoryStream();
        weights.CopyTo(bytes);
        return Convert.ToBase64String(bytes.ToArray());
    }

    private static void AssertEnds(int code, string error, params string[] arguments) =>
        AssertAnswer(code, error, ToolHost.Run([.. arguments, "--quiet"]));

    /// <summary>In a process of its own.</summary>
    private static void AssertEndsAlone(
        int code, string error, Uri? emulator, string? home, params string[] arguments) =>
        AssertAnswer(code, error, ToolProcess.RunWith(null, environment =>
        {
            if (emulator is not null)
            {
                environment["STORAGE_EMULATOR_HOST"] = emulator.ToString();
                environment["XDG_DATA_HOME"] = home; // where the cache is
            }
        }, [.. arguments, "--quiet"]));

    private static void AssertAnswer(int code, string error, (int Code, string Output, string Error) answer)
    {
        Assert.AreEqual(error, answer.Error, answer.Output);
        Assert.AreEqual(code, answer.Code, answer.Output);
    }
}
