using System.Text.Json;

namespace SpeechML.TestSupport;

/// <summary>
/// The folder of reference values: the one named by <c>SPEECHML_GOLDEN</c>, else the repository's own fixtures.
/// </summary>
internal static class Golden
{
    public static string Folder { get; } =
        Environment.GetEnvironmentVariable("SPEECHML_GOLDEN") is { Length: > 0 } named ? Path.GetFullPath(named)
            : Path.Combine(RepositoryFiles.Fixtures, "golden");

    public static string At(params string[] parts) => Path.Combine([Folder, .. parts]);

    /// <summary>The sub-folders of one part, by name; empty where the folder has no such part.</summary>
    public static IEnumerable<string> Cases(string part) =>
        Directory.Exists(At(part))
            ? Directory.EnumerateDirectories(At(part)).Select(p => Path.GetFileName(p)!).Order(StringComparer.Ordinal)
            : [];

    public static JsonElement Json(params string[] parts)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(At(parts)));
        return document.RootElement.Clone();
    }

    /// <summary>JSON has no words for non-finite numbers: the references spell them as strings.</summary>
    public static double Number(JsonElement value) => value.ValueKind == JsonValueKind.String
        ? value.GetString() switch
        {
            "NaN" => double.NaN,
            "Infinity" => double.PositiveInfinity,
            "-Infinity" => double.NegativeInfinity,
            string other => throw new FormatException($"Not a number: '{other}'."),
            null => double.NaN,
        }
        : value.GetDouble();
}
