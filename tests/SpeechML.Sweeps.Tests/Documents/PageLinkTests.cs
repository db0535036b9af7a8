using System.Text.RegularExpressions;
using SpeechML.TestSupport;

namespace SpeechML.Sweeps.Tests.Documents;

/// <summary>Links between pages lead somewhere, and every page of the documents is in their index.</summary>
[TestClass]
public sealed partial class PageLinkTests
{
    private static readonly string s_root = RepositoryFiles.Root;

    [TestMethod]
    public void Links_OfPages_LeadToFilesAndHeadings()
    {
        var odd = new List<string>();
        foreach (string page in Pages())
        {
            string text = Fenced().Replace(File.ReadAllText(page), "");
            foreach (string target in Link().Matches(text).Select(m => m.Groups[1].Value)
                .Where(t => !t.Contains("://", StringComparison.Ordinal) && !t.StartsWith('{')))
            {
                string[] parts = target.Split('#');
                string file = parts[0].Length == 0 ? page : Path.Combine(Path.GetDirectoryName(page)!, parts[0]);
                bool isThere = File.Exists(file) || Directory.Exists(file);
                if (!isThere || (parts.Length > 1 && !Anchors(file).Contains(parts[1])))
                {
                    odd.Add($"{Path.GetRelativePath(s_root, page)}: {target}");
                }
            }
        }
        CollectionAssert.AreEqual(Array.Empty<string>(), odd, string.Join('\n', odd));
    }

    [TestMethod]
    public void Links_ToDecisions_HaveTheirNumbers()
    {
        string[] odd = [.. Pages().SelectMany(page => DecisionLink().Matches(File.ReadAllText(page))
            .Where(m => m.Groups[1].Value != m.Groups[2].Value)
            .Select(m => $"{Path.GetRelativePath(s_root, page)}: {m.Value}"))];
        CollectionAssert.AreEqual(Array.Empty<string>(), odd, string.Join('\n', odd));
    }

    /// <summary>A page that is named as a path is no link: whoever reads it cannot follow it.</summary>
    [TestMethod]
    public void Pages_NameOtherPages_AsLinks()
    {
        string[] odd = [.. Directory.GetFiles(Path.Combine(s_root, "docs"), "*.md", SearchOption.AllDirectories)
            .SelectMany(page => PlainPath().Matches(Fenced().Replace(File.ReadAllText(page), ""))
                .Select(m => $"{Path.GetRelativePath(s_root, page)}: {m.Value}"))];
        CollectionAssert.AreEqual(Array.Empty<string>(), odd, string.Join('\n', odd));
    }

    /// <summary>What comments, messages and pages call <c>docs/…</c> or <c>samples/…</c> is there.</summary>
    [TestMethod]
    public void Names_OfPagesAndSamples_AreThere()
    {
        IEnumerable<string> sources = new[] { "src", "tools", "samples" }.SelectMany(f => Directory.GetFiles(
            Path.Combine(s_root, f), "*.cs", SearchOption.AllDirectories))
            .Where(f => !f.Split(Path.DirectorySeparatorChar).Any(p => p is "obj" or "bin"));
        string[] odd = [.. Pages().Concat(sources).SelectMany(file => Named().Matches(File.ReadAllText(file))
            .Where(m => !Path.Exists(Path.Combine(s_root, m.Value)))
            .Select(m => $"{Path.GetRelativePath(s_root, file)}: {m.Value}"))];
        CollectionAssert.AreEqual(Array.Empty<string>(), odd, string.Join('\n', odd));
    }

    [TestMethod]
    public void Pages_OfGuidesAndConcepts_AreInTheIndex()
    {
        string docs = Path.Combine(s_root, "docs");
        string index = File.ReadAllText(Path.Combine(docs, "README.md"));
        string[] missing = [.. new[] { "guides", "concepts" }
            .SelectMany(f => Directory.GetFiles(Path.Combine(docs, f), "*.md"))
            .Select(p => Path.GetRelativePath(docs, p).Replace('\\', '/'))
            .Where(p => !index.Contains($"({p}", StringComparison.Ordinal))];
        CollectionAssert.AreEqual(Array.Empty<string>(), missing, string.Join('\n', missing));
    }

    private static IEnumerable<string> Pages() =>
        Directory.GetFiles(Path.Combine(s_root, "docs"), "*.md", SearchOption.AllDirectories)
            .Concat(new[] { "README.md", "CONTRIBUTING.md", "SECURITY.md", Path.Combine("samples", "README.md") }
                .Select(p => Path.Combine(s_root, p)))
            .Concat(new[] { "src", "tools" }.SelectMany(
                f => Directory.GetFiles(Path.Combine(s_root, f), "README.md", SearchOption.AllDirectories)));

    // As the usual renderers name headings: lower case, spaces to hyphens, other signs left out.
    private static HashSet<string> Anchors(string file) =>
        [.. File.ReadLines(file).Where(l => l.StartsWith('#')).Select(l => string.Concat(
            l.TrimStart('#').Trim().ToLowerInvariant().Select(c => c == ' ' ? "-"
                : char.IsLetterOrDigit(c) || c is '-' or '_' ? c.ToString() : "")))];

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"\[decision (\d+)\]\((?:[^)]*/)?(\d{4})-[^)]*\)")]
    private static partial Regex DecisionLink();

    [GeneratedRegex(@"(?<![(/\w])docs/[a-z0-9/-]+\.md")]
    private static partial Regex PlainPath();

    [GeneratedRegex(@"(?<![\w/])(docs/[a-zA-Z0-9/_-]+\.md|samples/[A-Z][A-Za-z]+)\b")]
    private static partial Regex Named();

    [GeneratedRegex(@"(?ms)^```.*?^```|`[^`\n]*`")]
    private static partial Regex Fenced();
}
