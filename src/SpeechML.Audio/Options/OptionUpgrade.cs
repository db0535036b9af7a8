using System.Text.Json;
using System.Text.Json.Nodes;

namespace SpeechML.Audio.Options;

/// <summary>Options as an earlier version wrote them: old names and values become those of today.</summary>
internal static class OptionUpgrade
{
    /// <summary>Changes a JSON object, whose names are those of properties in any case.</summary>
    /// <returns>The object.</returns>
    public static JsonObject Apply(OptionModel model, JsonObject json)
    {
        // All are taken out before one is put in: a former value may have the name of a group.
        var found = new List<(OptionPath Now, JsonNode? Value, bool Camel)>();
        foreach ((FormerNameAttribute former, OptionPath now) in model.FormerNames)
        {
            string? key = Key(json, former.Name);
            bool taken = key is not null && model.Members.Any(m => m.Name == former.Name);
            if (key is null || (taken && json[key] is JsonObject or null))
            {
                continue;
            }
            JsonNode? value = json[key];
            json.Remove(key);
            if (value?.ToString() != former.Unless)
            {
                found.Add((now, value, char.IsAsciiLetterLower(key[0])));
            }
            else if (former.UnlessMeans is { } meaning && Key(json, now.Option.Name) is null)
            {
                found.Add((now, meaning, char.IsAsciiLetterLower(key[0])));
            }
        }
        foreach ((OptionPath now, JsonNode? value, bool camel) in found)
        {
            JsonObject owner = json;
            foreach (Option group in now.Groups)
            {
                string key = Key(owner, group.Name) ?? (camel ? group.Key : group.Name);
                owner = owner[key] as JsonObject ?? Add(owner, key);
            }
            owner[Key(owner, now.Option.Name) ?? (camel ? now.Option.Key : now.Option.Name)] =
                now.Type == typeof(string) && value?.GetValueKind() == JsonValueKind.Number ? value.ToString() : value;
        }
        ReplaceValues(model, json);
        return json;
    }

    private static void ReplaceValues(OptionModel model, JsonObject json)
    {
        foreach (Option member in model.Members)
        {
            if (Key(json, member.Name) is not { } key || json[key] is not { } value)
            {
                continue;
            }
            if (member.IsGroup && value is JsonObject inner)
            {
                ReplaceValues(OptionModel.Of(member.Type), inner);
            }
            else if (member.FormerValues.FirstOrDefault(f => f.Was(value.ToString())) is { } former)
            {
                json[key] = former.Now;
            }
        }
    }

    private static string? Key(JsonObject json, string name) =>
        json.Select(p => p.Key).FirstOrDefault(k => string.Equals(k, name, StringComparison.OrdinalIgnoreCase));

    private static JsonObject Add(JsonObject owner, string key)
    {
        var added = new JsonObject();
        owner[key] = added;
        return added;
    }
}
