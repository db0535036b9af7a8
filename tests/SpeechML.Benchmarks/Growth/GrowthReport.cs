using System.Globalization;
using System.Text;

namespace SpeechML.Benchmarks.Growth;

/// <summary>Keeps the results as JSON and writes a table for each case into <c>docs/benchmarks.md</c>.</summary>
internal static class GrowthReport
{
    private static readonly BenchmarkPage<GrowthResult> s_page = new("benchmarks-growth.json", "growth");

    public static void Add(GrowthResult result) =>
        s_page.Replace([result], old => old.Case == result.Case,
        r => Array.FindIndex([.. GrowthCases.All], c => c.Name == r.Case), Tables);

    private static string Tables(IReadOnlyList<GrowthResult> all)
    {
        var text = new StringBuilder();
        foreach (GrowthResult r in all)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"**{r.What}**\n\n| {r.Unit} | " +
                $"{string.Join(" | ", r.Points.Select(p => p.Size.ToString("N0", CultureInfo.InvariantCulture)))} | " +
                $"exponent | last step |\n");
            text.Append(CultureInfo.InvariantCulture, $"|---|{string.Concat(r.Points.Select(_ => "---|"))}---|---|\n");
            text.Append(CultureInfo.InvariantCulture,
                $"| time, s | " +
                $"{string.Join(" | ", r.Points.Select(p => p.Seconds.ToString("F3", CultureInfo.InvariantCulture)))} " +
                $"| {r.TimeExponent:F2} | {r.LastTimeExponent:F2} |\n");
            string memory = string.Join(
                " | ", r.Points.Select(p => p.Megabytes.ToString("F0", CultureInfo.InvariantCulture)));
            text.Append(CultureInfo.InvariantCulture,
                $"| peak memory, MB | {memory} | {r.MemoryExponent:F2} | {r.LastMemoryExponent:F2} |\n\n");
            if (r.Note.Length > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"{r.Note}\n\n");
            }
        }
        return text.ToString().TrimEnd('\n');
    }
}
