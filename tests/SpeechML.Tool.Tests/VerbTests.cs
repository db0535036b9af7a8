using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using SpeechML.TestSupport;

namespace SpeechML.Tool.Tests;

/// <summary>The other verbs, the help, and the words that a shell completes.</summary>
[TestClass]
public sealed class VerbTests
{
    private const int ScreenLines = 50;
    private const int ScreenColumns = 100;

    [TestMethod]
    public void Help_OfEveryVerbAndGroup_FitsAScreenAndNamesEveryOption()
    {
        string[] verbs = ["check", "train", "evaluate", "predict", "sweep", "report", "export", "compare",
            "explain", "measure", "completion"];
        string all = Screen("--help");
        Assert.AreEqual(all, ToolProcess.Succeed("--help"));
        foreach (string verb in verbs)
        {
            StringAssert.Contains(all, $"\n  {verb} ");
        }
        StringAssert.Contains(all, "Exit codes: 0 done; 1 failed; 2 wrong command line; 3 done");
        // As the classes list them: a new tuner or pruner is a choice without a line in the tool.
        string sweep = Screen("sweep", "--help");
        StringAssert.Contains(sweep, "How options are chosen: grid, random or tpe");
        StringAssert.Contains(sweep, "Which trials are stopped early: asha or none");
        string train = Screen("train", "--help");
        string[] groups = [.. Regex.Matches(train.Split("More options, by group")[1], @"(?m)^  ([a-z-]+) ")
            .Select(m => m.Groups[1].Value)];
        Assert.IsGreaterThan(15, groups.Length);
        string[] texts = [.. groups.Select(g => Screen("train", "--help-options", g))];
        string epochs = texts[Array.IndexOf(groups, "training")];
        StringAssert.Contains(epochs, "  --epochs <integer>              Passes over the training data. [10]\n");
        // Every option of the configuration files is in one group, by its whole or its short name.
        string[] shown = [.. texts.SelectMany(t => Regex.Matches(t, @"(?m)^  (--[a-z0-9.-]+) <").Select(
            m => m.Groups[1].Value))];
        foreach (ConfigOption option in SpeechConfig.Options<SpeechLoadConfig>()
            .Concat(SpeechConfig.Options<SpeechModelConfig>()))
        {
            string tail = option.Name.Replace("--trainer.", "--", StringComparison.Ordinal)
                .Replace("--columns.", "--", StringComparison.Ordinal);
            Assert.AreEqual(1, shown.Count(s => s == option.Name) + (tail == option.Name ? 0
                : shown.Count(s => s == tail) - (SharesItsTail(option, tail) ? 1 : 0)), option.Name);
        }
        (int code, _, string error) = ToolHost.Run("train", "--help-options", "lorra");
        Assert.AreEqual(2, code);
        StringAssert.StartsWith(error, "Group of options: expected one of data, columns, audio,");
    }

    [TestMethod]
    [DataRow("Command line: '--trainer.epoch' is not an option of 'speechml train'; the nearest is " +
        "'--trainer.epochs'.\nSee 'speechml train --help'.\n", "train", "--output", "x", "--trainer.epoch", "3")]
    [DataRow("Command line: 'trian' is not a verb of 'speechml'; the nearest is 'train'.\nSee 'speechml --help'.\n",
        "trian")]
    [DataRow("Option '--model' is required.\nSee 'speechml predict --help'.\n", "predict", "--folder", "x")]
    public void CommandLine_Wrong_SaysSoInTheLastLines(string expected, params string[] arguments)
    {
        (int code, string output, string error) = ToolProcess.Run(arguments);
        Assert.AreEqual(expected, error);
        Assert.AreEqual("", output);
        Assert.AreEqual(2, code);
    }

    [TestMethod]
    public void Check_CleanAndFaultyData_EndsWithZeroAndThree()
    {
        using var scratch = new Scratch();
        string[] arguments = [.. TinyRun.Arguments.Skip(2).Where((a, i) =>
            a != "--max-clips" && TinyRun.Arguments[i + 1] != "--max-clips")];
        (int code, string output, string error) =
            ToolHost.Run(["check", .. TinyRun.Arguments, "--measures", "--json"]);
        using JsonDocument report = JsonDocument.Parse(output);
        Assert.AreEqual(report.RootElement.GetProperty("findings").GetArrayLength() == 0 ? 0 : 3, code, error);
        Assert.AreEqual(24, report.RootElement.GetProperty("parts").EnumerateArray()
            .Sum(p => p.GetProperty("clips").GetInt32()));
        Assert.IsTrue(report.RootElement.GetProperty("measures").GetProperty("labels").EnumerateArray()
            .All(l => l.GetProperty("measures").GetArrayLength() is 0 or 54));

        string metadata = scratch.At("metadata.csv");
        File.WriteAllText(metadata, File.ReadAllText(Path.Combine(RepositoryFiles.Prompts, "metadata.csv"))
            .Replace("en00-01", "nowhere", StringComparison.Ordinal));
        (code, output, error) = ToolHost.Run(
            ["check", .. arguments, "--metadata-file", metadata, "--html", scratch.At("c.html")]);
        Assert.AreEqual(3, code, error);
        StringAssert.Contains(output, "nowhere");
        StringAssert.Contains(File.ReadAllText(scratch.At("c.html")), "nowhere");
    }

    [TestMethod]
    public void EvaluateReportExport_OfARun_WriteWhatTheyShould()
    {
        using var scratch = new Scratch();
        string run = TinyRun.Folder;
        Assert.IsTrue(File.Exists(Path.Combine(run, "baselines.json")));
        byte[] before = File.ReadAllBytes(Path.Combine(run, "predictions.csv"));
        using JsonDocument evaluated = JsonDocument.Parse(ToolProcess.Succeed("evaluate", run, "--json"));
        CollectionAssert.AreEqual(before, File.ReadAllBytes(Path.Combine(run, "predictions.csv")));
        Assert.AreEqual(2, evaluated.RootElement.GetProperty("evaluations").GetArrayLength());
        Assert.IsGreaterThan(0, evaluated.RootElement.GetProperty("outcome").GetProperty("bestEpoch").GetInt32());

        File.Delete(Path.Combine(run, "report.html"));
        Assert.AreEqual($"report: {Path.Combine(run, "report.html")}\n", ToolProcess.Succeed("report", run));
        StringAssert.StartsWith(File.ReadAllText(Path.Combine(run, "report.html")), "<!DOCTYPE html>");

        string exported = scratch.At("exported");
        Assert.AreEqual($"model: {exported}\n", ToolProcess.Succeed("export", "--model", run, "--output", exported));
        Assert.IsTrue(File.Exists(Path.Combine(exported, "model.safetensors")));
        Assert.IsTrue(File.Exists(Path.Combine(exported, "head.safetensors")));

        string copy = scratch.At("other");
        CopyFolder(run, copy);
        string page = scratch.At("comparison.html");
        using JsonDocument compared = JsonDocument.Parse(
            ToolProcess.Succeed("compare", run, copy, "--output", page, "--json"));
        JsonElement differences = compared.RootElement.GetProperty("differences");
        Assert.IsGreaterThan(0, differences.GetArrayLength());
        double[] estimates = [.. differences.EnumerateArray().Select(d => d.GetProperty("estimate"))
            .Where(e => e.ValueKind == JsonValueKind.Number).Select(e => e.GetDouble())];
        Assert.IsGreaterThan(0, estimates.Length);
        Assert.IsTrue(estimates.All(e => e == 0), "a run and its copy");
        StringAssert.StartsWith(File.ReadAllText(page), "<!DOCTYPE html>");

        string csv = scratch.At("clip.csv"), figure = scratch.At("clip.svg");
        string clip = Directory.GetFiles(RepositoryFiles.Prompts, "*.wav").Order(StringComparer.Ordinal).First();
        string told = ToolProcess.Succeed("explain", "--model", run, "--file", clip, "--output", csv, figure);
        StringAssert.StartsWith(told, "target ");
        StringAssert.Contains(told, $"written: {figure}\n");
        StringAssert.StartsWith(File.ReadAllText(csv), "method,target,start_seconds,");
        StringAssert.Contains(File.ReadAllText(figure), "<svg");
        (int refused, _, string odd) = ToolHost.Run(
            "explain", "--model", run, "--file", clip, "--output", scratch.At("clip.txt"));
        Assert.AreEqual(2, refused);
        StringAssert.Contains(odd, "expected --output to end in .html, .svg, .png, .csv or .json");

        (int code, _, string error) = ToolHost.Run("report", scratch.At("none"));
        Assert.AreEqual(1, code);
        StringAssert.StartsWith(error, $"Run '{scratch.At("none")}': expected the folder of a run (train) or of a " +
            "study (sweep), got no file or folder of this name");
    }

    private static void CopyFolder(string from, string to)
    {
        foreach (string file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    [TestMethod]
    public void Sweep_TwoTrialsThenOneMore_ResumesTheStudyAndSavesAModelThatScores()
    {
        using var scratch = new Scratch();
        string study = scratch.At("study");
        string[] arguments = ["sweep", .. TinyRun.Arguments, "--study", study, "--vary", "HeadLearningRate",
            "--tuner", "random", "--metric", "loss", "--trials"];
        ToolProcess.Succeed([.. arguments, "2"]);
        (int code, string output, string error) = ToolHost.Run([.. arguments, "3", "--json"]);

        Assert.AreEqual(0, code, error);
        StringAssert.Contains(error, $"The study is there already and goes on: {study}\n");
        StringAssert.Matches(error, new Regex("\n {4}1  Finished .*\n {4}2  Finished .*\n2 of 3 trials ended before"));
        using JsonDocument result = JsonDocument.Parse(output);
        Assert.AreEqual(3, result.RootElement.GetProperty("trials").GetInt32());
        StringAssert.StartsWith(File.ReadAllText(Path.Combine(study, "report.html")), "<!DOCTYPE html>");
        string scores = ToolHost.Succeed("predict", "--model", Path.Combine(study, "model.zip"), "--file",
            Directory.GetFiles(RepositoryFiles.Prompts, "*.wav")[0]);
        Assert.HasCount(3, scores.Split('\n'));
    }

    [TestMethod]
    public void Completion_OfVerbsAndOptions_ComesFromTheTool()
    {
        StringAssert.Contains(ToolHost.Succeed("completion", "bash"), "complete -o default -F");
        StringAssert.Contains(ToolHost.Succeed("completion", "zsh"), "compdef _speechml speechml");
        StringAssert.Contains(ToolHost.Succeed("completion", "pwsh"), "Register-ArgumentCompleter");
        CollectionAssert.Contains(ToolHost.Succeed("[suggest:11]", "speechml tr").Split('\n'), "train");
    }

    [TestMethod]
    [DataRow("speechml train --lora.ra", "--lora.rank --lora.rank-pattern")]
    [DataRow("speechml train --task ", "Binary MultiLabel Multiclass Ordinal Regression")]
    [DataRow("speechml train --head.layer-norm ", "false true")]
    [DataRow("speechml train --encoder whisper-me", "whisper-medium")]
    [DataRow("speechml train --freezing ex", "exclude-last")]
    [DataRow("speechml train --help-options lo", "long-audio lora loss")]
    [DataRow("speechml predict --format ", "csv jsonl")]
    [DataRow("speechml sweep --metric kappa", "kappa kappaLinear kappaQuadratic")]
    [DataRow("speechml sweep --pruner ", "asha none")]
    public void Completion_OfValues_AreTheWordsThatAreTaken(string line, string words) => Assert.AreEqual(words,
        string.Join(' ', ToolHost.Succeed($"[suggest:{line.Length}]", line).Split('\n').Where(w => w.Length > 0)
            .Order(StringComparer.Ordinal)));

    [TestMethod]
    public void Completion_OfBash_CompletesInAShell()
    {
        if (OperatingSystem.IsWindows())
        {
            throw new AssertInconclusiveException("The stand-in for the installed tool is a shell script.");
        }
        using var scratch = new Scratch();
        string tool = scratch.At("speechml");
        File.WriteAllText(tool, $"#!/bin/sh\nexec dotnet '{RepositoryFiles.Tool}' \"$@\"\n");
        File.SetUnixFileMode(tool, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        const string Script = """
            eval "$(speechml completion bash)"
            COMP_LINE='speechml ev'; COMP_POINT=11; COMP_WORDS=(speechml ev); COMP_CWORD=1
            _speechml_complete; echo "${COMPREPLY[@]}"
            """;
        var start = new ProcessStartInfo("bash", ["-c", Script]) { RedirectStandardOutput = true };
        start.Environment["PATH"] = $"{scratch.Folder}:{Environment.GetEnvironmentVariable("PATH")}";
        using Process shell = Process.Start(start)!;
        Assert.AreEqual("evaluate\n", shell.StandardOutput.ReadToEnd());
    }

    // --features filters, --columns.features names columns.
    private static bool SharesItsTail(ConfigOption option, string tail) =>
        SpeechConfig.Options<SpeechLoadConfig>().Concat(SpeechConfig.Options<SpeechModelConfig>())
            .Any(o => o.Name == tail && o != option);

    private static string Screen(params string[] arguments)
    {
        string text = ToolHost.Succeed(arguments);
        string[] lines = text.TrimEnd('\n').Split('\n');
        Assert.IsLessThanOrEqualTo(ScreenLines, lines.Length, text);
        Assert.IsLessThanOrEqualTo(ScreenColumns, lines.Max(l => l.Length), text);
        return text;
    }
}
