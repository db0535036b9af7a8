using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SpeechML.Benchmarks.Peers;

/// <summary>Keeps the results as JSON and writes the table between two marks of <c>docs/benchmarks.md</c>. A row keeps its last measurement until it is measured again.</summary>
internal static class PeerReport
{
    private const string Begin = "<!-- results: written by ./build.sh bench, not by hand -->";
    private const string End = "<!-- end of results -->";

    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    public static void Add(string root, IReadOnlyList<PeerResult> results)
    {
        string json = Path.Combine(root, "docs", "benchmarks.json");
        List<PeerResult> all = File.Exists(json) ? JsonSerializer.Deserialize<List<PeerResult>>(File.ReadAllText(json), s_json)! : [];
        _ = all.RemoveAll(old => results.Any(r => r.Case == old.Case && r.Peer == old.Peer));
        all.AddRange(results);
        string[] order = [.. PeerCases.All.Select(c => c.Name)];
        all = [.. all.OrderBy(r => Array.IndexOf(order, r.Case))];
        File.WriteAllText(json, JsonSerializer.Serialize(all, s_json) + "\n");
        WriteTable(Path.Combine(root, "docs", "benchmarks.md"), all);
    }

    private static void WriteTable(string path, List<PeerResult> all)
    {
        var table = new StringBuilder($"{Begin}\n\n");
        table.Append("| work | peer | ratio | spread | aim | ours, s | peer, s | runs | memory ratio | ours, MB | load | outputs differ by |\n");
        table.Append("|---|---|---|---|---|---|---|---|---|---|---|---|\n");
        foreach (PeerResult r in all)
        {
            table.Append(CultureInfo.InvariantCulture, $"| {r.What} | {r.Peer} | **{r.Ratio:F3}** | {r.Lowest:F3}-{r.Highest:F3} | {(double.IsNaN(r.Target) ? "" : r.Target.ToString("F2", CultureInfo.InvariantCulture))} | {r.OurSeconds:F3} | {r.PeerSeconds:F3} | {r.Runs} | {r.OurPeak / r.PeerPeak:F2} | {r.OurPeak:F0} | {r.Load:F1} | {r.Difference:0.0e+0} |\n");
        }
        foreach ((string what, string note) in all.Where(r => r.Note.Length > 0).Select(r => (r.What, r.Note)).Distinct())
        {
            table.Append(CultureInfo.InvariantCulture, $"\n- {what}: {note}");
        }
        table.Append($"\n\n{End}");
        string text = File.Exists(path) ? File.ReadAllText(path) : $"# Benchmarks\n\n{Begin}\n{End}\n";
        int from = text.IndexOf(Begin, StringComparison.Ordinal);
        int to = text.IndexOf(End, StringComparison.Ordinal) + End.Length;
        File.WriteAllText(path, text[..from] + table + text[to..]);
    }
}
