using System.Text.RegularExpressions;
using SpeechML.TestSupport;

namespace SpeechML.Sweeps.Tests.Documents;

/// <summary>The messages that docs/guides/errors.md quotes are those of the sources.</summary>
[TestClass]
public sealed partial class ErrorsPageTests
{
    private const int Least = 40;

    // Between two parts of a message stand at most an expression and the rest of its line.
    private const int Gap = 300;

    [TestMethod]
    public void Messages_OfThePage_AreInTheSources()
    {
        string root = RepositoryFiles.Root;
        string[] sources = [.. new[] { "src", "tools" }
            .SelectMany(f => Directory.GetFiles(Path.Combine(root, f), "*.cs", SearchOption.AllDirectories))
            .Where(f => !f.Split(Path.DirectorySeparatorChar).Any(p => p is "obj" or "bin"))
            .Select(f => Joined().Replace(File.ReadAllText(f), "").Replace("\\\"", "\"", StringComparison.Ordinal)
                .Replace($"{{{nameof(TorchNativeLibrary.LibTorchVariable)}}}", TorchNativeLibrary.LibTorchVariable,
                    StringComparison.Ordinal))];
        string[] messages = [.. File.ReadLines(Path.Combine(root, "docs", "guides", "errors.md"))
            .Select(l => Quoted().Match(l)).Where(m => m.Success).Select(m => m.Groups[1].Value)];
        string[] odd = [.. messages.Where(m => !sources.Any(s => Says(s, m.Split('…'))))];
        CollectionAssert.AreEqual(Array.Empty<string>(), odd, string.Join('\n', odd));
        Assert.IsGreaterThan(Least, messages.Length);
    }

    private static bool Says(string source, string[] parts)
    {
        string[] texts = [.. parts.Where(p => p.Trim(' ', '.', '\'', ',').Length > 0)];
        for (int start = source.IndexOf(texts[0], StringComparison.Ordinal); start >= 0;
            start = source.IndexOf(texts[0], start + 1, StringComparison.Ordinal))
        {
            int end = start + texts[0].Length;
            if (texts.Skip(1).All(t =>
            {
                int next = source.IndexOf(t, end, Math.Min(Gap, source.Length - end), StringComparison.Ordinal);
                end = next + t.Length;
                return next >= 0;
            }))
            {
                return true;
            }
        }
        return false;
    }

    // One text over several lines of source.
    [GeneratedRegex("""(?<!\\)"\)?\s*\+\s*(string\.Create\(\s*CultureInfo\.InvariantCulture,\s*)?\$?["]""")]
    private static partial Regex Joined();

    [GeneratedRegex("^\\| `([^`]+)` \\|")]
    private static partial Regex Quoted();
}
