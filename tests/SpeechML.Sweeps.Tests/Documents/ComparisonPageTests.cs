using System.Text.RegularExpressions;
using SpeechML.TestSupport;

namespace SpeechML.Sweeps.Tests.Documents;

/// <summary>docs/concepts/comparison.md: what this library lacks is argued, and what it has leads to a page.</summary>
[TestClass]
public sealed partial class ComparisonPageTests
{
    private const int Rows = 30;
    private const int ReasonLetters = 40;

    [TestMethod]
    public void Rows_OfTheTable_AnswerOrArgue()
    {
        string page = Path.Combine(RepositoryFiles.Root, "docs", "concepts", "comparison.md");
        string[][] rows = [.. File.ReadLines(page).Where(l => l.StartsWith("| ", StringComparison.Ordinal)).Skip(1)
            .Select(l => l.Split('|')[1..^1])];
        Assert.IsGreaterThanOrEqualTo(Rows, rows.Length);
        foreach (string[] row in rows)
        {
            Assert.HasCount(6, row, row[0]);
            string ours = row[^1].Trim();
            Assert.IsGreaterThan(0, ours.Length, row[0]);
            Assert.AreNotEqual("no", ours, row[0]);
            foreach (Match no in Lacking().Matches(ours))
            {
                Assert.IsGreaterThan(ReasonLetters, ours.Length - no.Index - no.Length,
                    $"{row[0]}: a reason behind '{no.Value}'");
            }
        }
    }

    [GeneratedRegex(@"\*\*no[^*]*\*\*")]
    private static partial Regex Lacking();
}
