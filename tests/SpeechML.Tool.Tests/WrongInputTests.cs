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
        const string What = "expected the folder of a run, a model zip, an ONNX file that export --onnx wrote, or a " +
            "model of the Hugging Face Hub by its folder or id, got";
        Fails(1, $"Model '{folder}': {What} no such file, nor train_config.json in a folder of this name.",
            "predict", "--model", folder, "--file", s_wav);
        Directory.CreateDirectory(folder);
        Fails(1, $"Model '{folder}': {What} a folder without train_config.json and config.json and " +
            "adapter_config.json.", "export", "--model", folder, "--output", scratch.At("out"));
        Fails(1, $"Model '{s_wav}': expected a model zip, got a file that is no zip.",
            "explain", "--model", s_wav, "--file", s_wav, "--output", scratch.At("x.html"));
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
        string expected = $"Folder '{folder}': expected audio files ({string.Join(", ", AudioPath.Extensions)}), " +
            "got none.";
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
        (int code, string output, _) = ToolProcess.Run(arguments);
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
        (int got, string output, string error) = ToolProcess.Run(arguments);
        Assert.AreEqual($"{message}\n", error);
        Assert.AreEqual("", output);
        Assert.AreEqual(code, got);
    }
}
