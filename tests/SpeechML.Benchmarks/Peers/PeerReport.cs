using System.Globalization;
using System.Text;

namespace SpeechML.Benchmarks.Peers;

/// <summary>Keeps the results as JSON and writes the table of <c>docs/benchmarks.md</c>.</summary>
internal static class PeerReport
{
    private static readonly BenchmarkPage<PeerResult> s_page = new("benchmarks.json", "results");

    public static void Add(IReadOnlyList<PeerResult> results) =>
        s_page.Replace(results, old => results.Any(r => r.Case == old.Case && r.Peer == old.Peer),
            r => Array.FindIndex([.. PeerCases.All], c => c.Name == r.Case) is >= 0 and var at ? at : int.MaxValue,
            Table);

    private static string Table(IReadOnlyList<PeerResult> all)
    {
        var table = new StringBuilder();
        table.Append(
            "| work | peer | ratio | spread | aim | ours, s | peer, s | runs | memory ratio | ours, MB | load | " +
            "outputs differ by |\n");
        table.Append("|---|---|---|---|---|---|---|---|---|---|---|---|\n");
        foreach (PeerResult r in all)
        {
            table.Append(CultureInfo.InvariantCulture,
                $"| {r.What} | {r.Peer} | **{r.Ratio:F3}** | {r.Lowest:F3}-{r.Highest:F3} | " +
                $"{(double.IsNaN(r.Target) ? "" : r.Target.ToString("F2", CultureInfo.InvariantCulture))} | " +
                $"{r.OurSeconds:F3} | {r.PeerSeconds:F3} | {r.Runs} | {r.OurPeak / r.PeerPeak:F2} | {r.OurPeak:F0} | " +
                $"{r.Load:F1} | {r.Difference:0.0e+0} |\n");
        }
        foreach ((string what, string note) in all.Where(r => r.Note.Length > 0).Select(r => (r.What, r.Note))
            .Distinct())
        {
            table.Append(CultureInfo.InvariantCulture, $"\n- {what}: {note}");
        }
        return table.ToString();
    }
}
