using System.Text.RegularExpressions;
using System.Xml.Linq;
using SpeechML.TestSupport;

namespace SpeechML.Sweeps.Tests.Documents;

/// <summary>The picture and the stops of <c>docs/concepts/architecture.md</c> are those of the tree.</summary>
[TestClass]
public sealed partial class ArchitecturePageTests
{
    private const int MaxStops = 12;

    private static readonly string s_page =
        File.ReadAllText(Path.Combine(RepositoryFiles.Root, "docs", "concepts", "architecture.md"));

    private static readonly string s_source = Path.Combine(RepositoryFiles.Root, "src");

    [TestMethod]
    public void Picture_EveryProject_StandsUnderWhatItReferences()
    {
        string[] projects = [.. new[] { s_source, Path.Combine(RepositoryFiles.Root, "tools") }
            .SelectMany(f => Directory.GetFiles(f, "*.csproj", SearchOption.AllDirectories))];
        List<(string Name, int Column, string Text)> lines = [.. PictureLine().Matches(s_page.Split("```")[1])
            .Select(m => (m.Groups[1].Value, m.Groups[1].Index - m.Index, m.Groups[2].Value))];
        CollectionAssert.AreEquivalent(
            projects.Select(Path.GetFileNameWithoutExtension).ToArray(), lines.Select(l => l.Name).ToArray());
        foreach (string project in projects)
        {
            int at = lines.FindIndex(l => l.Name == Path.GetFileNameWithoutExtension(project));
            (string name, _, string text) = lines[at];
            string[] references = [.. XDocument.Load(project).Descendants("ProjectReference")
                .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')))];
            string? parent = Ancestors(lines, at).FirstOrDefault();
            // What stands beside the tree's own arrow is named in words: "on Data and Encoders".
            string[] drawn = text.Split(':')[0] is var words && words.Contains("on ", StringComparison.Ordinal)
                ? [.. OtherAssembly().Matches(words).Select(m => "SpeechML." + m.Value)] : [];
            string[] beyond = [.. references.Except(drawn).Except(Ancestors(lines, at))];
            Assert.HasCount(0, beyond, $"{name}: not drawn: {string.Join(", ", beyond)}");
            foreach (string reference in references)
            {
                Assert.IsTrue(lines[..at].Any(l => l.Name == reference), $"{name} stands above {reference}");
            }
            if (parent is not null && references.Length > 0)
            {
                Assert.IsTrue(references.Contains(parent) || drawn.All(references.Contains), $"{name} under {parent}");
            }
        }
    }

    [TestMethod]
    public void Stops_OfAClip_AreInTheTreeAndNoMoreThanTwelve()
    {
        Match[] stops = Stop().Matches(s_page).ToArray();
        CollectionAssert.AreEqual(
            Enumerable.Range(1, stops.Length).Select(i => $"{i}").ToArray(),
            stops.Select(s => s.Groups[1].Value).ToArray());
        Assert.IsInRange(1, MaxStops, stops.Length);
        foreach (Match place in stops.SelectMany(s => Place().Matches(s.Groups[2].Value)))
        {
            string path = Path.Combine(s_source, place.Groups[1].Value);
            string member = Path.GetExtension(path)[(Path.HasExtension(path) ? 1 : 0)..];
            bool there = Directory.Exists(path) || File.Exists(path + ".cs")
                || (File.Exists(Path.ChangeExtension(path, "cs"))
                    && File.ReadAllText(Path.ChangeExtension(path, "cs"))
                        .Contains($" {member}(", StringComparison.Ordinal));
            Assert.IsTrue(there, $"no '{place.Groups[1].Value}' in src");
        }
    }

    /// <summary>The assemblies that one hangs under in the picture, the nearest first.</summary>
    private static IEnumerable<string> Ancestors(List<(string Name, int Column, string Text)> lines, int at)
    {
        int column = lines[at].Column;
        foreach ((string name, int other, _) in lines[..at].AsEnumerable().Reverse().Where(l => l.Column < column))
        {
            if (other < column)
            {
                column = other;
                yield return name;
            }
        }
    }

    [GeneratedRegex(@"^[ │├└─]*(SpeechML(?:\.\w+)?) +(.*)$", RegexOptions.Multiline)]
    private static partial Regex PictureLine();

    [GeneratedRegex(@"\b[A-Z]\w+")]
    private static partial Regex OtherAssembly();

    [GeneratedRegex(@"^\| (\d+) \|[^|]*\|([^|]*)\|", RegexOptions.Multiline)]
    private static partial Regex Stop();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Place();
}
