using System.Text.Json;
using System.Text.Json.Serialization;

namespace SpeechML.Benchmarks;

/// <summary>
/// Results that are kept as JSON in <c>docs</c> and shown between two marks of <c>docs/benchmarks.md</c>. A result
/// stays until it is measured again.
/// </summary>
/// <param name="json">Name of the JSON file.</param>
/// <param name="section">What the marks name.</param>
internal sealed class BenchmarkPage<T>(string json, string section)
{
    private static readonly JsonSerializerOptions s_json =
        new() { WriteIndented = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    private readonly string _begin = $"<!-- {section}: written by ./build.sh bench, not by hand -->";
    private readonly string _end = $"<!-- end of {section} -->";

    /// <summary>Puts new results in the place of old ones, and writes both files.</summary>
    /// <param name="results">The new ones.</param>
    /// <param name="replaced">Which old ones go.</param>
    /// <param name="order">The place of a result.</param>
    /// <param name="show">All of them as Markdown.</param>
    public void Replace(IReadOnlyList<T> results, Func<T, bool> replaced, Func<T, int> order, Func<IReadOnlyList<T>,
        string> show)
    {
        string kept = Path.Combine(Repository.Root, "docs", json);
        T[] all = [.. (File.Exists(kept) ? JsonSerializer.Deserialize<T[]>(File.ReadAllText(kept), s_json)! : [])
            .Where(old => !replaced(old)).Concat(results).OrderBy(order)];
        File.WriteAllText(kept, JsonSerializer.Serialize(all, s_json) + "\n");
        string path = Path.Combine(Repository.Root, "docs", "benchmarks.md");
        string text = File.ReadAllText(path);
        int from = text.IndexOf(_begin, StringComparison.Ordinal);
        int to = text.IndexOf(_end, StringComparison.Ordinal);
        if (from < 0 || to < from)
        {
            throw new InvalidOperationException(
                $"{path}: expected the lines '{_begin}' and '{_end}', found no such pair.");
        }
        File.WriteAllText(path, $"{text[..from]}{_begin}\n\n{show(all)}\n\n{text[to..]}");
    }
}
