using SpeechML.TestSupport;

namespace SpeechML.Tool.Tests;

/// <summary>What options stand for that are not given: which ratings there are, how clips are divided.</summary>
[TestClass]
public sealed class DefaultDataTests
{
    private static readonly string[] s_data =
    [
        "--metadata-file", Path.Combine(RepositoryFiles.Prompts, "metadata.csv"),
        "--audio-folder", RepositoryFiles.Prompts, "--audio-key", "original_audio_id", "--subject", "subject",
        "--encoder", RepositoryFiles.TinyEncoder("hubert-base-like"),
    ];

    [TestMethod]
    public void Split_OfALabelOfTexts_BalancesIt()
    {
        string[] arguments = ["check", .. s_data, "--task", "Multiclass", "--label", "language", "--quiet"];
        (_, string output, _) = ToolHost.Run(arguments);
        (_, string asked, _) = ToolHost.Run([.. arguments, "--stratify-columns", "language"]);
        Assert.AreEqual(asked, output);
        Assert.DoesNotContain("MissingClass", output);
    }

    [TestMethod]
    public void Features_WithoutThoseOfTheColumns_AreTheRatedColumns()
    {
        string[] arguments = ["check", .. s_data, "--task", "MultiLabel", "--quiet"];
        (_, string output, string error) = ToolHost.Run([.. arguments, "--features", "slow_rate", "hoarse_harsh"]);
        StringAssert.Contains(output, "  Labels.hoarse_harsh (train): ", error);
        (_, string asked, _) =
            ToolHost.Run([.. arguments, "--columns.features", "slow_rate", "hoarse_harsh"]);
        Assert.AreEqual(asked, output);
    }

    /// <summary>A later version may divide the same clips otherwise; here another seed does.</summary>
    [TestMethod]
    public void Evaluate_RunWhoseClipsWouldBeDividedOtherwiseToday_KeepsItsSplit()
    {
        using var scratch = new Scratch();
        string run = scratch.At("run"), load = Path.Combine(run, "load.json");
        foreach (string file in Directory.GetFiles(TinyRun.Folder, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(run, Path.GetRelativePath(TinyRun.Folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
        string predictions = File.ReadAllText(Path.Combine(run, "predictions.csv"));
        File.WriteAllText(load, File.ReadAllText(load).Replace("\"seed\": 1", "\"seed\": 2", StringComparison.Ordinal));
        StringAssert.Contains(File.ReadAllText(load), "\"seed\": 2");
        File.Delete(Path.Combine(run, "predictions.csv"));
        ToolHost.Succeed("evaluate", run, "--quiet");
        Assert.AreEqual(predictions, File.ReadAllText(Path.Combine(run, "predictions.csv")));
    }
}
