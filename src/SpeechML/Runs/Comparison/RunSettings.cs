using System.Text.Json;
using System.Text.Json.Nodes;
using SpeechML.Audio.Options;

namespace SpeechML.Runs.Comparison;

/// <summary>The settings of a run by name, and which of them are not the defaults.</summary>
internal static class RunSettings
{
    private static readonly Type[] s_types =
        [typeof(SpeechMultiLabelOptions), typeof(SpeechClassificationOptions), typeof(SpeechBinaryOptions),
            typeof(SpeechOrdinalOptions), typeof(SpeechRegressionOptions), typeof(SpeechTrainingOptions)];

    /// <summary>One setting.</summary>
    /// <param name="Name">As in files: <c>lora.rank</c>.</param>
    /// <param name="Value">As text.</param>
    /// <param name="IsChanged">Whether it differs from the default.</param>
    public sealed record Setting(string Name, string Value, bool IsChanged);

    /// <summary>All settings that have a value, paths of the machine shortened.</summary>
    public static IReadOnlyList<Setting> Of(SpeechRun run)
    {
        Dictionary<string, string> settings = Flat(run.PublicConfig());
        // The file does not name the task: of each class of options, how many of its names are there.
        Dictionary<string, string> defaults = s_types.Select(Defaults)
            .MaxBy(d => d.Keys.Count(settings.ContainsKey) - d.Keys.Count(k => !settings.ContainsKey(k)))!;
        return [.. settings.Select(s => new Setting(
            s.Key, s.Value, !defaults.TryGetValue(s.Key, out string? value) || value != s.Value))
            .Where(s => s.Value.Length > 0)];
    }

    /// <summary>The value of a setting; empty where there is none.</summary>
    public static string Value(this IEnumerable<Setting> settings, string name) =>
        settings.FirstOrDefault(s => s.Name == name)?.Value ?? "";

    private static Dictionary<string, string> Defaults(Type type) =>
        Flat(JsonSerializer.SerializeToNode(OptionModel.Of(type).Create(), type, RunFiles.Json));

    /// <summary>Settings within settings get names with a dot; what is empty stays, as an empty text.</summary>
    private static Dictionary<string, string> Flat(JsonNode? settings)
    {
        var flat = new Dictionary<string, string>(StringComparer.Ordinal);
        void Add(string prefix, JsonNode? node)
        {
            if (node is JsonObject group)
            {
                foreach ((string name, JsonNode? value) in group)
                {
                    Add(prefix.Length == 0 ? name : $"{prefix}.{name}", value);
                }
            }
            else if (prefix.Length > 0)
            {
                flat[prefix] = node?.ToString() ?? "";
            }
        }
        Add("", settings);
        return flat;
    }
}
