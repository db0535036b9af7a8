using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace SpeechML.Audio.Common;

/// <summary>Paths of this machine, which say who works on it and where.</summary>
internal static partial class MachinePaths
{
    /// <summary>
    /// The same settings, absolute paths among their texts shortened: below the folder to the way from there, others to
    /// <c>…/</c> and their last name.
    /// </summary>
    /// <param name="settings">The settings.</param>
    /// <param name="folder">The folder; <see langword="null"/> for none.</param>
    public static JsonNode? Hide(JsonNode? settings, string? folder) => settings switch
    {
        JsonObject fields => new JsonObject(fields.Select(f => KeyValuePair.Create(f.Key, Hide(f.Value, folder)))),
        JsonArray items => new JsonArray([.. items.Select(i => Hide(i, folder))]),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => Shorten(value.GetValue<string>(), folder),
        _ => settings?.DeepClone(),
    };

    /// <summary>One text.</summary>
    public static string Shorten(string text, string? folder)
    {
        // A path of another system too: a run may have been made elsewhere.
        bool rooted = text.StartsWith('/') || text.StartsWith('\\')
            || (text.Length > 2 && char.IsAsciiLetter(text[0]) && text[1] == ':' && text[2] is '/' or '\\');
        if (!rooted)
        {
            return text;
        }
        string path = text.Replace('\\', '/').TrimEnd('/');
        string? root = folder?.Replace('\\', '/').TrimEnd('/');
        return path == root ? "."
            : root is not null && path.StartsWith(root + "/", StringComparison.Ordinal) ? path[(root.Length + 1)..]
            : "\u2026/" + path[(path.LastIndexOf('/') + 1)..];
    }

    /// <summary>A text, or HTML, in which absolute paths stand: of each its last name stays.</summary>
    public static string HideIn(string text) => Path().Replace(Quoted().Replace(text, "\u2026/$1"), "\u2026/$1");

    // In quotes a path may have spaces; quotes may be written as HTML.
    [GeneratedRegex(
        @"(?<=['""`]|&#39;|&quot;)(?:[A-Za-z]:)?[/\\](?:[^/\\'""`<>&\r\n]+[/\\])+([^/\\'""`<>&\r\n]+)" +
        @"(?=['""`]|&#39;|&quot;)")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"(?<=^|[\s'""`(=,;>\[])(?:[A-Za-z]:[/\\]|/)(?:[^/\\\s'""`<>&]+[/\\])+([^/\\\s'""`<>&]+)")]
    private static partial Regex Path();
}
