using System.Globalization;
using System.Text.Json;
using SpeechML.TestSupport;

namespace SpeechML.Tool.Tests;

/// <summary><c>speechml measure</c>: a table, its units, contours, and files that are no audio.</summary>
[TestClass]
public sealed class MeasureTests
{
    [TestMethod]
    public void Measure_Folder_WritesRowsUnitsAndContours()
    {
        using var scratch = new Scratch();
        string clips = scratch.At("clips");
        Directory.CreateDirectory(Path.Combine(clips, "a"));
        string source =
            Directory.EnumerateFiles(RepositoryFiles.Prompts, "*.wav").Order(StringComparer.Ordinal).First();
        File.Copy(source, Path.Combine(clips, "a", "one, first.wav"));
        File.WriteAllText(Path.Combine(clips, "broken.wav"), "no audio");
        string table = scratch.At("t.csv"), contours = scratch.At("c.jsonl");
        (int code, string output, string error) = ToolProcess.Run(
            "measure", "--folder", clips, "--output", table, "--contours", contours, "--pages", scratch.At("pages"),
            "--quiet");
        StringAssert.Contains(File.ReadAllText(scratch.At("pages/a/one, first.wav.html")), "<figure id=\"voice\"");
        Assert.AreEqual(3, code, error);
        StringAssert.Contains(output, "1 of 2 files measured");
        StringAssert.Contains(error, "not measured: broken.wav: ");
        string[] lines = File.ReadAllLines(table);
        Assert.HasCount(2, lines);
        Assert.AreEqual(
            string.Join(',', VoiceMeasures.All.Select(m => m.Name).Prepend("file")), lines[0]);
        StringAssert.StartsWith(lines[1], "\"a/one, first.wav\",");
        double[] want = VoiceMeasures.Measure(MLAudio.FromFile(source));
        string[] cells = lines[1]["\"a/one, first.wav\",".Length..].Split(',');
        Assert.AreEqual(want[0], double.Parse(cells[0], CultureInfo.InvariantCulture), 1e-6 * want[0]);
        Assert.HasCount(want.Length, cells);
        string[] units = File.ReadAllLines(scratch.At("t.units.csv"));
        Assert.AreEqual("f0_mean,Hz,pitch,mean fundamental frequency", units[1]);
        Assert.HasCount(want.Length + 1, units);
        JsonElement line = JsonDocument.Parse(File.ReadAllLines(contours).Single()).RootElement;
        VoiceAnalysis analysis = VoiceMeasures.Analyze(MLAudio.FromFile(source));
        Assert.AreEqual(
            analysis.Pitch.Times.Count, line.GetProperty("pitch").GetProperty("f0").GetArrayLength());
        Assert.AreEqual(analysis.Intervals.Count, line.GetProperty("intervals").GetArrayLength());
    }

    [TestMethod]
    public void Measure_WrongOption_IsNamed()
    {
        using var scratch = new Scratch();
        (int code, _, string error) = ToolHost.Run(
            "measure", "--folder", scratch.Folder, "--pitch-floor", "900");
        Assert.AreEqual(1, code);
        StringAssert.Contains(error, "Pitch.Ceiling: expected a frequency above Floor, 900 Hz, got '600'");
    }
}
