using SpeechML.TestSupport;

namespace SpeechML.Tool.Tests;

/// <summary>What first steps get wrong: one line that says what was expected, what was got and what to give.</summary>
[TestClass]
public sealed class WrongInputTests
{
    private static readonly string s_wav = Directory.GetFiles(RepositoryFiles.Prompts, "*.wav")[0];

    private static string[] Data(string task, string label) =>
    [
        "check", "--metadata-file", Path.Combine(RepositoryFiles.Prompts, "metadata.csv"),
        "--audio-folder", RepositoryFiles.Prompts, "--audio-key", "original_audio_id", "--subject", "subject",
        "--encoder", RepositoryFiles.TinyEncoder("hubert-base-like"), "--task", task, "--label", label,
    ];

    [TestMethod]
    public void Predict_NoModel_NamesWhatAModelIs()
    {
        using var scratch = new Scratch();
        string folder = scratch.At("none");
        const string Zip = "expected the folder of a run or study, a model zip, ";
        const string Hub = "or a model of the Hugging Face Hub by its folder or id, got";
        const string Onnx = $"{Zip}an ONNX file that export --onnx wrote, {Hub}";
        Fails(1, $"Model '{folder}': {Onnx} no file or folder of this name.",
            "predict", "--model", folder, "--file", s_wav);
        Fails(1, $"Model '{folder}': {Zip}{Hub} no file or folder of this name.",
            "explain", "--model", folder, "--file", s_wav);
        Directory.CreateDirectory(folder);
        Fails(1, $"Model '{folder}': {Zip}{Hub} a folder without train_config.json (of a run), study.jsonl (of a " +
            "study) and config.json (of a model of the Hub).", "export", "--model", folder, "--output",
            scratch.At("out"));
        Fails(1, $"Model '{s_wav}': {Zip}{Hub} a recording. Recordings are given by --file.",
            "explain", "--model", s_wav, "--file", s_wav, "--output", scratch.At("x.html"));
        // Beside a run no id of the Hub is meant, which would be asked for on the network.
        File.WriteAllText(Path.Combine(folder, "old.zip"), "no zip");
        (int code, _, string error) = ToolHost.RunIn(
            scratch.Folder, "predict", "--model", "none/1", "--file", s_wav);
        Assert.AreEqual(1, code);
        Assert.AreEqual($"Model 'none/1': {Onnx} no file or folder of this name.\n", error);
    }

    [TestMethod]
    public void Verbs_OtherKindsOfModels_SayWhatItIsAndWhatToDo()
    {
        using var scratch = new Scratch();
        string run = TinyRun.Folder, zip = Path.Combine(run, "best", "model.zip"), onnx = scratch.At("model.onnx");
        string unfinished = scratch.At("runs/1"), copy = scratch.At("copy.zip");
        File.WriteAllText(onnx, "");
        File.Copy(zip, copy);
        Directory.CreateDirectory(unfinished);
        File.WriteAllText(Path.Combine(unfinished, "train_config.json"), "{}");
        foreach (string[] verb in new string[][] { ["explain", "--file", s_wav], ["export", "--output", "x"] })
        {
            Fails(1, $"Model '{onnx}': expected the folder of a run or study, a model zip, or a model of the Hugging " +
                "Face Hub by its folder or id, got an ONNX file, which has scores and nothing behind them: predict " +
                "takes it. Name the run or zip that it was exported from.", [.. verb, "--model", onnx]);
            Fails(1, $"Run '{unfinished}': expected a saved model, got none: its training has not ended. Finish it " +
                $"with train --output {unfinished} --resume.", [.. verb, "--model", unfinished]);
        }
        foreach ((string verb, string purpose, string expected) in new[]
        {
            ("evaluate", "evaluate it on", "the folder of a run of train"),
            ("report", "report on", "the folder of a run (train) or of a study (sweep)"),
            ("compare", "compare on", "the folder of a run of train"),
        })
        {
            Fails(1, $"Run '{onnx}': expected {expected}, got an ONNX file, which has no data to {purpose}. predict " +
                "takes it.", verb, onnx);
            Fails(1, $"Run '{zip}': expected {expected}, got a model zip. It lies in the run '{run}': name that.",
                verb, zip);
            Fails(1, $"Run '{copy}': expected {expected}, got a model zip, which has no data to {purpose}. predict, " +
                "explain and export take it.", verb, copy);
            Fails(1, $"Run '{scratch.At("runs")}': expected {expected}, got a folder of runs: name one of them, such " +
                $"as '{unfinished}'.", verb, scratch.At("runs"));
            Fails(1, $"Run '{s_wav}': expected {expected}, got a recording.", verb, s_wav);
            Fails(1, $"Run '{scratch.At("rnus")}': expected {expected}, got no file or folder of this name; near it " +
                $"is '{scratch.At("runs")}'.", verb, scratch.At("rnus"));
        }
    }

    [TestMethod]
    public void Verbs_FolderOfAStudyOrOfItsModel_TakeTheModelInIt()
    {
        using var scratch = new Scratch();
        string study = scratch.At("study");
        Directory.CreateDirectory(study);
        File.WriteAllText(Path.Combine(study, "study.jsonl"), "");
        Fails(1, $"Study '{study}': expected model.zip, which sweep writes at its end, got none. The same sweep " +
            "command goes on.", "predict", "--model", study, "--file", s_wav);
        File.Copy(Path.Combine(TinyRun.Folder, "best", "model.zip"), Path.Combine(study, "model.zip"));
        string expected = ToolHost.Succeed("predict", "--model", TinyRun.Folder, "--file", s_wav);
        foreach (string model in new[] { study, study + "/", Path.Combine(TinyRun.Folder, "best") })
        {
            Assert.AreEqual(expected, ToolHost.Succeed("predict", "--model", model, "--file", s_wav));
        }
        Fails(1, $"Run '{study}': expected the folder of a run of train, got the folder of a study, whose trials are " +
            "no runs. report takes it; predict, explain and export take its best model.", "evaluate", study);
    }

    [TestMethod]
    public void Predict_NoAudio_SaysSoOfTheFolder()
    {
        using var scratch = new Scratch();
        string folder = scratch.At("none");
        string model = TinyRun.Folder;
        Fails(1, $"Folder '{folder}': expected a folder of audio files, got no folder of this name.",
            "predict", "--model", model, "--folder", folder);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "notes.txt"), "no audio");
        string expected = $"Folder '{folder}': expected audio files (.wav, .flac, .mp3, .m4a and others), got files " +
            "with .txt only.";
        Fails(1, expected, "predict", "--model", model, "--folder", folder);
        Fails(1, expected, "measure", "--folder", folder, "--output", scratch.At("m.csv"));
    }

    [TestMethod]
    public void Labels_OfAnotherKind_NameTheOptionThatIsMissing()
    {
        Fails(1, "Label 'hoarse_harsh': expected --positive-value with the text that counts as yes, got none; the " +
            "column has '1.0', '2.0', '3.0', '1.5', '4.0', '-1.0'. If these are ratings: --features hoarse_harsh, " +
            "and --rating-threshold.", Data("Binary", "hoarse_harsh"));
        Fails(1, "Label 'language': expected numbers for the task Regression, got 'en'. Give another --label or " +
            "--task.", Data("Regression", "language"));
        Fails(1, "Column 'language': expected 'EN' and other values, got 'en', 'es', 'fr', 'it', 'ru'.",
            [.. Data("Binary", "language"), "--positive-value", "EN"]);
    }

    [TestMethod]
    public void Table_MissingOrOfOneSubject_IsNamed()
    {
        using var scratch = new Scratch();
        string table = scratch.At("table.csv");
        string[] arguments = Data("Multiclass", "language");
        arguments[2] = table;
        Fails(1, $"'{table}': expected a text file, got no file of this name.", arguments);
        File.WriteAllText(scratch.At("tabel.csv"), "");
        Fails(1, $"'{table}': expected a text file, got no file of this name; near it is '{scratch.At("tabel.csv")}'.",
            arguments);
        string[] lines = File.ReadAllLines(Path.Combine(RepositoryFiles.Prompts, "metadata.csv"));
        File.WriteAllLines(table, lines.Where(
            (line, i) => i == 0 || line.Contains(",en00,", StringComparison.Ordinal)));
        Fails(1, "Split into 3 parts expected at least as many subjects, got 1. Give a part the share 0, or name " +
            "another subject column.", arguments);
    }

    [TestMethod]
    public void Check_NoFileIsThere_GivesNoLengths()
    {
        using var scratch = new Scratch();
        string[] arguments = Data("Multiclass", "language");
        arguments[4] = scratch.At("none");
        (int code, string output, _) = ToolHost.Run(arguments);
        Assert.AreEqual(3, code);
        StringAssert.StartsWith(output, "115 clips, none of which could be read\n");
        StringAssert.Contains(output, $"in folder '{scratch.At("none")}' (which does not exist)");
    }

    [TestMethod]
    public void Export_FlagsThatDoNotGoTogether_AreRefused()
    {
        const string See = "\nSee 'speechml export --help'.";
        Fails(2, $"Command line: expected --half beside --onnx only, got it without.{See}",
            "export", "--model", "x", "--output", "y", "--half");
        Fails(2, "Command line: expected --merge-adapter or --onnx, got both. In an ONNX file adapters are folded in " +
            $"always.{See}", "export", "--model", "x", "--output", "y", "--onnx", "--merge-adapter");
    }

    private static void Fails(int code, string message, params string[] arguments)
    {
        (int got, string output, string error) = ToolHost.Run(arguments);
        Assert.AreEqual($"{message}\n", error);
        Assert.AreEqual("", output);
        Assert.AreEqual(code, got);
    }
}
