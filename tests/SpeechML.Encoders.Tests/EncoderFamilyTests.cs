using System.Text.RegularExpressions;
using SpeechML.TestSupport;

namespace SpeechML.Encoders.Tests;

/// <summary>
/// A family is a folder and a line: nothing else in the sources knows one, but the ONNX graphs, which are written
/// family by family.
/// </summary>
[TestClass]
public sealed partial class EncoderFamilyTests
{
    private const string Graphs = "SpeechML.OnnxConverter/Encoders/";

    public static IEnumerable<object[]> ModelTypes => EncoderFamily.All.Select(f => new object[] { f.ModelType });

    [TestMethod]
    [DynamicData(nameof(ModelTypes))]
    public void All_Family_IsNamedInItsFolderOnly(string modelType)
    {
        string src = Path.Combine(RepositoryFiles.Root, "src");
        string[] naming = [.. Directory.EnumerateFiles(src, "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}",
                StringComparison.Ordinal))
            .Where(f => File.ReadLines(f).Any(l => !Comment().IsMatch(l)
                && l.Contains($"\"{modelType}\"", StringComparison.Ordinal)))
            .Select(f => Path.GetRelativePath(src, f).Replace('\\', '/')).Order(StringComparer.Ordinal)];
        Assert.IsNotEmpty(naming);
        Assert.IsTrue(
            Array.TrueForAll(naming, f => f.StartsWith("SpeechML.Encoders/Families/", StringComparison.Ordinal)
                || f.StartsWith(Graphs, StringComparison.Ordinal)),
            string.Join(", ", naming));
    }

    [TestMethod]
    public void All_NamespacesOfFamilies_AreUsedByTheListAlone()
    {
        string src = Path.Combine(RepositoryFiles.Root, "src");
        string[] users = [.. Directory.EnumerateFiles(src, "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}Families{Path.DirectorySeparatorChar}",
                StringComparison.Ordinal))
            .Where(f => File.ReadLines(f).Any(
                l => l.StartsWith("using SpeechML.Encoders.Families.", StringComparison.Ordinal)))
            .Where(f => !Path.GetRelativePath(src, f).Replace('\\', '/').StartsWith(Graphs, StringComparison.Ordinal))
            .Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];
        // The second is the spectrum of one family's positional convolution, which a new family has no need of.
        CollectionAssert.AreEqual(new[] { "EncoderFamily.cs", "KernelSpectrum.cs" }, users);
    }

    [TestMethod]
    [DynamicData(nameof(ModelTypes))]
    public void All_Family_IsComplete(string modelType)
    {
        EncoderFamily family = EncoderFamily.All.Single(f => f.ModelType == modelType);
        Assert.IsNotEmpty(family.Known);
        Assert.IsTrue(family.Known.All(e => e.Config.ModelType == modelType));
        Assert.AreEqual("", family.Prefixes[^1], "a checkpoint of the bare encoder");
        foreach (string prefix in family.PythonPrefixes.Values)
        {
            CollectionAssert.Contains(family.Prefixes.ToArray(), prefix);
        }
    }

    [GeneratedRegex(@"^\s*//")]
    private static partial Regex Comment();
}
