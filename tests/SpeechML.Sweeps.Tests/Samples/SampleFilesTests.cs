using SpeechML.TestSupport;

namespace SpeechML.Sweeps.Tests.Samples;

/// <summary>
/// Samples are short, say what they show and how they are started, and are known to <c>build.sh samples</c>.
/// </summary>
[TestClass]
public sealed class SampleFilesTests
{
    private const int MaxLines = 60;
    private const int HeadLines = 6;

    /// <summary>Whole programs with several roles or parts, not one task each.</summary>
    private static readonly string[] s_programs = ["Demo", "GoogleCloud", "ScoringService", "SweepCluster"];

    private static readonly string s_folder = Path.Combine(RepositoryFiles.Root, "samples");

    private static IEnumerable<string> Names => Directory.GetDirectories(s_folder)
        .Where(f => File.Exists(Path.Combine(f, "Program.cs"))).Select(f => Path.GetFileName(f));

    [TestMethod]
    public void Samples_OfOneTask_AreShort()
    {
        string[] odd = [.. Names.Except(s_programs)
            .SelectMany(n => Directory.GetFiles(Path.Combine(s_folder, n), "*.cs"))
            .Select(f => (File: f, Lines: File.ReadLines(f).Count())).Where(f => f.Lines > MaxLines)
            .Select(f => $"{f.File}: expected at most {MaxLines} lines, got {f.Lines}")];
        CollectionAssert.AreEqual(Array.Empty<string>(), odd, string.Join('\n', odd));
    }

    [TestMethod]
    public void Samples_OnTheirFirstLines_SayWhatTheyShowAndHowTheyStart()
    {
        foreach (string name in Names)
        {
            string[] head = [.. File.ReadLines(Path.Combine(s_folder, name, "Program.cs")).Take(HeadLines)];
            StringAssert.StartsWith(head[0], "// ", name);
            Assert.IsGreaterThan(40, head[0].Length, name);
            Assert.Contains($"samples/{name}", string.Join('\n', head), name);
        }
    }

    [TestMethod]
    public void Samples_InTheIndex_AndInTheBuild()
    {
        string index = File.ReadAllText(Path.Combine(s_folder, "README.md"));
        string build = File.ReadAllText(Path.Combine(RepositoryFiles.Root, "build.sh"));
        string loop = build.Split('\n').Single(l => l.Contains("for name in CheckData", StringComparison.Ordinal));
        foreach (string name in Names)
        {
            StringAssert.Contains(index, $"| `{name}` |");
            Assert.Contains(name, loop.Split(' ', ';'), name);
        }
    }
}
