using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace SpeechML.Sweeps.Jobs;

/// <summary>
/// JSON as YAML in block style. Texts are in double quotes as in JSON, which YAML 1.2 reads alike: none is taken for a
/// number or a flag.
/// </summary>
internal static partial class YamlText
{
    public static string Of(JsonObject document)
    {
        var text = new StringBuilder();
        Append(text, document, 0);
        return text.ToString();
    }

    private static void Append(StringBuilder text, JsonObject node, int indent)
    {
        bool first = true;
        foreach ((string name, JsonNode? value) in node)
        {
            // Behind the dash of a list the first line is indented already.
            text.Append(' ', first && text.Length > 0 && text[^1] != '\n' ? 0 : indent)
                .Append(PlainName().IsMatch(name) ? name : JsonValue.Create(name).ToJsonString()).Append(':');
            first = false;
            switch (value)
            {
                case JsonObject { Count: > 0 } inner:
                    text.Append('\n');
                    Append(text, inner, indent + 2);
                    break;
                case JsonArray { Count: > 0 } items:
                    text.Append('\n');
                    foreach (JsonNode? item in items)
                    {
                        text.Append(' ', indent).Append("- ");
                        if (item is JsonObject entry)
                        {
                            Append(text, entry, indent + 2);
                        }
                        else
                        {
                            text.Append(item?.ToJsonString() ?? "null").Append('\n');
                        }
                    }
                    break;
                default:
                    text.Append(' ').Append(value?.ToJsonString() ?? "null").Append('\n');
                    break;
            }
        }
    }

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9]*$")]
    private static partial Regex PlainName();
}
