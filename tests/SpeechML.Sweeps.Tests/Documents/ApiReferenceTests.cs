using System.Text.Json;
using SpeechML.TestSupport;

namespace SpeechML.Sweeps.Tests.Documents;

/// <summary>The site of pages and public members (docs/docfx.json).</summary>
[TestClass]
public sealed class ApiReferenceTests
{
    private const string Version = "2.81.0";

    /// <summary>Every package that has public members; SpeechML.AutoML is built on demand only.</summary>
    [TestMethod]
    public void Site_OfPagesAndMembers_HasEveryPackage()
    {
        string root = RepositoryFiles.Root;
        string[] packages = [.. Directory.GetFiles(Path.Combine(root, "src"), "PublicAPI.Unshipped.txt",
            SearchOption.AllDirectories).Select(f => Path.GetFileName(Path.GetDirectoryName(f))!)
            .Where(n => n != "SpeechML.AutoML").Order(StringComparer.Ordinal)];
        using JsonDocument settings =
            JsonDocument.Parse(File.ReadAllText(Path.Combine(root, "docs", "docfx.json")));
        string[] listed = [.. settings.RootElement.GetProperty("metadata")[0].GetProperty("src")[0].GetProperty("files")
            .EnumerateArray().Select(f => Path.GetFileNameWithoutExtension(f.GetString()!))];
        CollectionAssert.AreEqual(packages, listed);
    }

    [TestMethod]
    [TestCategory("Slow")]
    public void Site_OfPagesAndMembers_Builds()
    {
        using var scratch = new Scratch();
        string tools = scratch.At("tools"), site = scratch.At("site");
        (int code, string said) =
            Run("dotnet", "tool", "install", "docfx", "--tool-path", tools, "--version", Version);
        if (code != 0)
        {
            Assert.Inconclusive($"docfx {Version} could not be restored: {said.Split('\n')[0]}");
        }
        string program = Path.Combine(tools, OperatingSystem.IsWindows() ? "docfx.exe" : "docfx");
        (code, said) = Run(program, Path.Combine("docs", "docfx.json"), "--output", site);
        Assert.AreEqual(0, code, said);
        StringAssert.Contains(said, " 0 error(s)");
        foreach (string page in new[]
        {
            "Microsoft.ML.SpeechTrainersCatalog", "SpeechML.SpeechRun", "SpeechML.SpeechOnnxTransformer",
        })
        {
            Assert.HasCount(1, Directory.GetFiles(site, $"{page}.html", SearchOption.AllDirectories));
        }
        Assert.HasCount(1, Directory.GetFiles(site, "getting-started.html", SearchOption.AllDirectories));
    }

    private static (int Code, string Said) Run(string program, params string[] arguments)
    {
        (int code, string output, string error) = ChildProgram.Run(
            program, arguments, start => start.WorkingDirectory = RepositoryFiles.Root);
        return (code, output + error);
    }
}
