using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using SpeechML.Audio.Options;

namespace SpeechML.Configuration;

/// <summary>Reads an object of options from a file and from a command line, which wins.</summary>
/// <param name="file">The file's name in messages.</param>
/// <param name="overrides">Texts by path (<c>trainer.head.dropout</c>).</param>
internal sealed class ConfigReader(string file, IReadOnlyDictionary<string, IReadOnlyList<string>> overrides)
{
    public static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        IgnoreReadOnlyProperties = true,
        Converters = { new JsonStringEnumConverter(null, allowIntegerValues: false), new AugmentationJson() },
    };

    /// <summary>One line, for messages.</summary>
    public static readonly JsonSerializerOptions Line = new(Json) { WriteIndented = false };

    private readonly HashSet<string> _used = new(StringComparer.Ordinal);

    /// <summary>Makes an object.</summary>
    /// <exception cref="InvalidDataException">Names the file (or the command line), the key, what was expected and what
    /// is there.</exception>
    public object Read(Type type, JsonObject json)
    {
        json.Remove("$schema");
        object target = Read(type, json, "");
        if (overrides.Keys.FirstOrDefault(k => !_used.Contains(k)) is { } unused)
        {
            string nearest = NearestName.Say(unused, ConfigOption.PathsOf(target),
                n => $"; the nearest is '{ConfigOption.NameOf(n)}'");
            throw new InvalidDataException(
                $"Command line: option '{ConfigOption.NameOf(unused)}' is not one of this configuration{nearest}.");
        }
        return target;
    }

    private object Read(Type type, JsonObject json, string path)
    {
        OptionModel model = OptionModel.Of(type);
        Option? variant = ConfigVariants.Of(model);
        OptionUpgrade.Apply(model, json);
        foreach ((string key, IReadOnlyList<string> texts) in overrides
            .Where(o => o.Key.StartsWith(path, StringComparison.Ordinal))
            .OrderBy(o => o.Key.Count(c => c == '.')))
        {
            Override(model, json, key[path.Length..], path, texts);
        }
        JsonNode? inner = null;
        if (variant is not null)
        {
            inner = json[variant.Key];
            json.Remove(variant.Key);
        }
        Check(model, json, path);
        object target = Deserialize(model, json, path);
        if (variant is not null)
        {
            JsonObject its = inner is null ? [] : inner as JsonObject ?? throw Wrong(path + variant.Key, inner);
            variant.Property.SetValue(target,
                Read(((IConfigVariants)target).TypeOf(variant.Name), its, $"{path}{variant.Key}."));
        }
        return target;

        Exception Wrong(string at, JsonNode got) => Fail(at, "an object", Show(got));
    }

    /// <summary>Puts an option of the command line where a file would have it.</summary>
    private void Override(
        OptionModel model, JsonObject json, string key, string path, IReadOnlyList<string> texts)
    {
        Exception Wrong(string expected, string got) => new InvalidDataException(
            $"Command line, option '{ConfigOption.NameOf(path + key)}': expected {expected}, got {got}.");
        string at = key;
        OptionPath? former = model.FormerNames.FirstOrDefault(
            f => JsonNamingPolicy.CamelCase.ConvertName(f.Former.Name) == at).Now;
        if (former is not null && model.Paths.All(p => p.Key != at))
        {
            at = former.Key;
        }
        string[] steps = at.Split('.');
        JsonObject owner = json;
        OptionModel its = model;
        for (int i = 0; i < steps.Length; i++)
        {
            if (its.Member(steps[i]) is not { } option || ConfigVariants.Of(its) == option)
            {
                return;
            }
            if (!option.IsGroup && i == steps.Length - 1)
            {
                _used.Add(path + key);
                if (option.Names is { } names && (texts.Count != 1 || names.Find(texts[0]) is null))
                {
                    throw Wrong(option.Kind, texts.Count == 1 ? $"'{texts[0]}'" : $"{texts.Count} values");
                }
                owner[option.Key] = ConfigText.ToJson(option.Type,
                    [.. texts.Select(t => option.FormerValues.FirstOrDefault(f => f.Was(t))?.Now ?? t)], Wrong);
                return;
            }
            if (!option.IsGroup)
            {
                return;
            }
            if (i == steps.Length - 1)
            {
                if (!option.MayBeNull)
                {
                    return;
                }
                _used.Add(path + key);
                owner[option.Key] = (bool)ConfigText.ToJson(typeof(bool), texts, Wrong)!
                    ? (owner[option.Key] as JsonObject)?.DeepClone() ?? new JsonObject() : null;
                return;
            }
            if (owner[option.Key] is not JsonObject inner)
            {
                owner[option.Key] = inner = [];
            }
            owner = inner;
            its = OptionModel.Of(option.Type);
        }
    }

    /// <summary>Refuses keys that are unknown, and the absence of those that must be there.</summary>
    private void Check(OptionModel model, JsonObject json, string path)
    {
        foreach (string key in json.Select(p => p.Key))
        {
            if (model.Member(key) is null)
            {
                string[] known = [.. model.Members.Select(m => m.Key).Order(StringComparer.Ordinal)];
                string nearest =
                    NearestName.Say(key, known, n => $"unknown; the nearest known key is '{path}{n}'.");
                throw new InvalidDataException($"'{file}', key '{path}{key}': " + (nearest.Length > 0 ? nearest
                    : $"unknown, and none is near. Known are '{string.Join("', '", known)}'."));
            }
        }
        foreach (Option option in model.Members)
        {
            if (option.IsRequired && !json.ContainsKey(option.Key))
            {
                throw Fail(path + option.Key, option.Kind, "nothing");
            }
            if (option.Names is { } names && json.TryGetPropertyValue(option.Key, out JsonNode? name)
                && names.Find((name as JsonValue)?.TryGetValue(out string? text) == true ? text : null) is null)
            {
                throw Fail(path + option.Key, option.Kind, Show(name));
            }
            if (option.IsGroup && json[option.Key] is JsonObject inner)
            {
                Check(OptionModel.Of(option.Type), inner, $"{path}{option.Key}.");
            }
        }
    }

    private object Deserialize(OptionModel model, JsonObject json, string path)
    {
        try
        {
            return json.Deserialize(model.Type, Json)!;
        }
        catch (JsonException e)
        {
            JsonNode? node = json;
            Type type = model.Type;
            string at = "";
            foreach (string step in (e.Path ?? "$").TrimStart('$').Split('.', StringSplitOptions.RemoveEmptyEntries))
            {
                string[] parts = step.Split('[', ']');
                node = node![parts[0]];
                type = OptionModel.Of(type).Member(parts[0])!.Type;
                at += at.Length == 0 ? parts[0] : "." + parts[0];
                if (parts.Length > 1)
                {
                    node = node![int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture)];
                    type = OptionTypes.ElementOf(type)!;
                    break;
                }
            }
            throw e.InnerException is InvalidDataException reason
                ? Fail(path + at, OptionTypes.Describe(OptionTypes.ElementOf(type) ?? type), reason.Message)
                : Fail(path + at, OptionTypes.Describe(type), Show(node));
        }
    }

    private InvalidDataException Fail(string at, string expected, string got) =>
        new($"'{file}', key '{at}': expected {expected}, got {got}.");

    private static string Show(JsonNode? node) => node switch
    {
        JsonObject => "an object",
        JsonArray => "a list",
        null => "null",
        _ => node.ToJsonString(Line),
    };
}
