using System.Diagnostics;
using System.Text.Json;
using SpeechML.TestSupport;

namespace SpeechML.Tool.Tests;

/// <summary><c>speechml predict</c>: order, bad files, formats, broken runs.</summary>
[TestClass]
public sealed class PredictTests
{
    private const int Files = 2500;

    private static string[] Wavs { get; } =
        [.. Directory.GetFiles(RepositoryFiles.Prompts, "*.wav").Order(StringComparer.Ordinal)];

    [TestMethod]
    public void Predict_FolderWithABadFile_KeepsTheOrderAndEndsWithThree()
    {
        using var scratch = new Scratch();
        string folder = scratch.At("wavs");
        Directory.CreateDirectory(Path.Combine(folder, "more"));
        File.Copy(Wavs[0], Path.Combine(folder, "b.wav"));
        File.Copy(Wavs[1], Path.Combine(folder, "more", "=c.wav"));
        File.WriteAllText(Path.Combine(folder, "a.wav"), "no audio at all");
        File.WriteAllText(Path.Combine(folder, "notes.txt"), "left alone");
        string scores = scratch.At("scores.csv");

        (int code, string output, string error) = ToolProcess.Run(
            "predict", "--model", TinyRun.Folder, "--folder", folder, "--output", scores);

        Assert.AreEqual(3, code, error);
        Assert.AreEqual("", output);
        string[] lines = File.ReadAllLines(scores);
        Assert.AreEqual(
            "file,decision,probability:en,probability:es,probability:fr,probability:it,probability:ru,error", lines[0]);
        Assert.HasCount(4, lines);
        StringAssert.StartsWith(lines[1], $"{Path.Combine(folder, "a.wav")},,,,,,,");
        StringAssert.Contains(lines[1], "expected the signature of WAV");
        StringAssert.Matches(lines[2], new($"^{folder}/b.wav,(en|es|fr|it|ru),0\\.\\d+,"));
        StringAssert.StartsWith(lines[3], $"{folder}/more/=c.wav,");
        StringAssert.EndsWith(error, $"not scored: {folder}/a.wav: {lines[1].Split(",,,,,,,")[1].Trim('"')
            .Replace("\"\"", "\"", StringComparison.Ordinal)}\n");
        StringAssert.Contains(error, "2 of 3 files scored");
    }

    [TestMethod]
    public void Predict_ListStandardInputAndFiles_GiveTheSameLines()
    {
        using var scratch = new Scratch();
        string[] files = [Wavs[3], Wavs[1], Wavs[2]];
        File.WriteAllLines(scratch.At("list.txt"), files);
        string model = Path.Combine(TinyRun.Folder, "best", "model.zip");

        string list = ToolHost.Succeed("predict", "--model", model, "--list", scratch.At("list.txt"), "--json");
        (int code, string input, _) = ToolProcess.RunWith(
            string.Join('\n', files) + "\n", null, "predict", "--model", model, "-", "--format", "jsonl");
        string named = ToolHost.Succeed(["predict", "--model", model, "--format", "jsonl", "--file", .. files]);

        Assert.AreEqual(0, code);
        Assert.AreEqual(list, input);
        Assert.AreEqual(list, named);
        using JsonDocument first = JsonDocument.Parse(list.Split('\n')[0]);
        Assert.AreEqual(files[0], first.RootElement.GetProperty("file").GetString());
        JsonElement probabilities = first.RootElement.GetProperty("probabilities");
        Assert.AreEqual(1, probabilities.EnumerateObject().Sum(p => p.Value.GetDouble()), 1e-5);
        Assert.AreEqual(first.RootElement.GetProperty("decision").GetString(),
            probabilities.EnumerateObject().MaxBy(p => p.Value.GetDouble()).Name);
    }

    [TestMethod]
    public void Predict_KilledAndStoppedOnTheWay_EndsAsAnUnbrokenRun()
    {
        using var scratch = new Scratch();
        string wav = scratch.At("short.wav"), list = scratch.At("list.txt");
        File.WriteAllBytes(wav, WavBytes.Pcm16(
            [.. Enumerable.Range(0, 1600).Select(i => (short)(9000 * Math.Sin(0.1 * i)))], 1, 16_000));
        File.WriteAllLines(list, Enumerable.Repeat(wav, Files)); // a name many times is many lines
        string whole = scratch.At("whole.csv"), broken = scratch.At("broken.csv");
        string[] arguments = ["predict", "--model", TinyRun.Folder, "--list", list, "--output"];

        using (Process killed = ToolProcess.Start(null, [.. arguments, broken]))
        {
            WaitForLines(scratch, 65);
            killed.Kill();
            killed.WaitForExit();
        }
        Assert.IsFalse(File.Exists(broken));
        File.AppendAllText(Partial(scratch), "half a li");
        using (Process stopped = ToolProcess.Start(null, [.. arguments, broken]))
        {
            WaitForLines(scratch, File.ReadAllLines(Partial(scratch)).Length + 63);
            ToolProcess.Interrupt(stopped);
            stopped.WaitForExit();
            Assert.AreEqual(130, stopped.ExitCode);
            StringAssert.EndsWith(stopped.StandardError.ReadToEnd(), "Stopped. The same command goes on.\n");
        }
        (int code, _, string error) = ToolHost.Run([.. arguments, broken]);
        Assert.AreEqual(0, code, error);
        StringAssert.Contains(error, $"of {Files} files were scored before");
        ToolHost.Succeed([.. arguments, whole]);

        Assert.AreEqual(File.ReadAllText(whole), File.ReadAllText(broken));
        Assert.HasCount(0, Directory.GetFiles(scratch.Folder, "*.partial"));
        (code, _, error) = ToolHost.Run([.. arguments, broken]);
        Assert.AreEqual(1, code);
        Assert.AreEqual($"File of scores '{broken}': expected no such file, got one. Give --overwrite, or another " +
            "name.\n", error);
    }

    [TestMethod]
    public void Predict_WrongCalls_SayWhy()
    {
        (int code, _, string error) = ToolHost.Run("predict", "--model", "none.zip");
        Assert.AreEqual(2, code);
        StringAssert.StartsWith(error, "Command line: expected one of --folder, --list, --file or -");
        (code, _, error) = ToolHost.Run("predict", "--model", "none.zip", "--file", "a.wav");
        Assert.AreEqual(1, code);
        StringAssert.StartsWith(error, "Model 'none.zip': expected the folder of a run or study, a model zip, ");
        StringAssert.EndsWith(error, "got no file or folder of this name.\n");
    }

    private static string Partial(Scratch scratch) => Directory.GetFiles(scratch.Folder, "*.partial").Single();

    private static void WaitForLines(Scratch scratch, int lines)
    {
        var clock = Stopwatch.StartNew();
        while (!(Directory.GetFiles(scratch.Folder, "*.partial") is [var partial] && CountLines(partial) >= lines))
        {
            Assert.IsLessThan(60, clock.Elapsed.TotalSeconds);
            Thread.Sleep(5);
        }
    }

    private static int CountLines(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        return reader.ReadToEnd().Count(c => c == '\n');
    }
}
