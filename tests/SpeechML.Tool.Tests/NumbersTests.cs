using SpeechML.TestSupport;

namespace SpeechML.Tool.Tests;

/// <summary>Several numbers at once: trained, evaluated, predicted, each by its name.</summary>
[TestClass]
public sealed class NumbersTests
{
    private const string First = "slow_rate", Second = "monopitch_monoloudness";

    private static readonly string[] s_data =
    [
        "--metadata-file", Path.Combine(RepositoryFiles.Prompts, "metadata.csv"),
        "--audio-folder", RepositoryFiles.Prompts, "--audio-key", "original_audio_id", "--subject", "subject",
        "--max-clips", "24", "--max-seconds", "0.5", "--split.seed", "1", "--task", "Regression",
    ];

    private static readonly string[] s_model =
    [
        "--resamples", "20", "--worst-clips", "1", "--encoder", RepositoryFiles.TinyEncoder("hubert-base-like"),
        "--epochs", "2", "--freezing", "all", "--layers", "last",
    ];

    [TestMethod]
    public void Train_TwoColumns_HasFiguresAndScoresOfEach()
    {
        using var scratch = new Scratch();
        string run = scratch.At("run");
        string error = ToolHost.Run(
            ["train", .. s_data, .. s_model, "--label", $"{First},pitch", "--output", run, "--quiet"]).Error;
        StringAssert.StartsWith(error, "Label 'pitch': expected a column of the metadata, which has ");
        StringAssert.StartsWith(
            ToolHost.Run(
                ["train", .. s_data, .. s_model, "--label", $"{First},language", "--output", run, "--quiet"]).Error,
            "Label 'language': expected numbers for the task Regression, got ");

        ToolHost.Succeed(
            ["train", .. s_data, .. s_model, "--label", $"{First}, {Second}", "--output", run, "--quiet"]);
        SpeechRun opened = SpeechRun.Open(run);
        RunEvaluation test = opened.Evaluations.Single(e => e.Split == "test");
        CollectionAssert.AreEqual(new[] { First, Second }, test.Labels.Select(l => l.Label).ToArray());
        Assert.IsTrue(test.Labels.All(l => l.Figures.ContainsKey("mae") && l.Present > 0));
        Assert.AreEqual(2, test.Figures["mae"].Labels);
        CollectionAssert.AreEquivalent(new[] { "", First, Second }, opened.Baselines
            .Where(b => b.Split == "test").Select(b => b.Label).Distinct().ToArray());
        string page = File.ReadAllText(Path.Combine(run, "report.html"));
        StringAssert.Contains(page, "Mean over numbers");
        StringAssert.Contains(page, $"{Second}. Prediction against truth");
        Assert.DoesNotContain("ROC curve", page);
        byte[] before = File.ReadAllBytes(Path.Combine(run, "predictions.csv"));
        ToolHost.Succeed("evaluate", run, "--quiet");
        CollectionAssert.AreEqual(before, File.ReadAllBytes(Path.Combine(run, "predictions.csv")));

        string scores = ToolHost.Succeed("predict", "--model", run, "--file",
            Directory.GetFiles(RepositoryFiles.Prompts, "*.wav").Order().First());
        StringAssert.StartsWith(scores, $"file,value:{First},value:{Second},error\n");
    }

    [TestMethod]
    public void Check_TwoColumns_DescribesEach()
    {
        string text = ToolHost.Run(
            ["check", .. s_data, "--encoder", "", "--label", $"{First},{Second}"]).Output;
        StringAssert.Contains(text, First);
        StringAssert.Contains(text, Second);
    }
}
