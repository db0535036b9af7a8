using System.Text.Json;
using SpeechML.Audio.Common;

namespace SpeechML.Configuration;

/// <summary>Sets an object's properties from a file and from a command line, which wins.</summary>
/// <param name="file">The file's name in messages.</param>
/// <param name="overrides">Texts by path (<c>trainer.head.dropout</c>).</param>
internal sealed class ConfigBinder(string file, IReadOnlyDictionary<string, IReadOnlyList<string>> overrides)
{
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);

    /// <summary>Makes an object.</summary>
    /// <exception cref="InvalidDataException">Names the file (or the command line), the key, what was expected and what
    /// is there.</exception>
    public object Bind(Type type, JsonElement json)
    {
        object target = ConfigProperty.Create(type);
        Set(target, json, "");
        if (overrides.Keys.FirstOrDefault(k => !_used.Contains(k)) is { } unused)
        {
            string nearest = NearestName.Find(unused, ConfigOption.PathsOf(target));
            throw new InvalidDataException(
                $"Command line: option '{ConfigOption.NameOf(unused)}' is not one of this configuration; the nearest " +
                $"is '{ConfigOption.NameOf(nearest)}'.");
        }
        return target;
    }

    private void Set(object target, JsonElement? json, string path)
    {
        ConfigProperty[] properties = ConfigProperty.Of(target.GetType());
        if (json is { } given)
        {
            CheckKeys(given, properties, path);
        }
        foreach (ConfigProperty property in properties)
        {
            string at = path + property.Key;
            JsonElement? value = json is { } o && o.TryGetProperty(property.Key, out JsonElement element) ? element
                : null;
            bool isGiven = ConfigValue.IsValue(property.Property.PropertyType) ? SetValue(target, property, value, at)
                : SetObject(target, property, value, at);
            if (!isGiven && property.IsRequired)
            {
                throw new InvalidDataException(
                    $"'{file}', key '{at}': expected " +
                    $"{(ConfigValue.IsValue(property.Property.PropertyType) ? ConfigValue.Describe(property.Property.PropertyType) : "an object")}, got nothing.");
            }
        }
    }

    private bool SetValue(object target, ConfigProperty property, JsonElement? value, string at)
    {
        Type type = property.Property.PropertyType;
        if (overrides.TryGetValue(at, out IReadOnlyList<string>? texts))
        {
            _used.Add(at);
            property.Property.SetValue(target, ConfigValue.FromText(
                type, texts, (expected, got) =>
                new InvalidDataException(
                $"Command line, option '{ConfigOption.NameOf(at)}': expected {expected}, got {got}.")));
            return true;
        }
        if (value is not { } json)
        {
            return false;
        }
        property.Property.SetValue(
            target,
            json.ValueKind == JsonValueKind.Null && property.MayBeNull ? null
            : ConfigValue.FromJson(type, json, (expected, got) => Wrong(at, expected, got)));
        return true;
    }

    private bool SetObject(object target, ConfigProperty property, JsonElement? value, string at)
    {
        bool below = overrides.Keys.Any(k => k.StartsWith(at + ".", StringComparison.Ordinal));
        if (overrides.TryGetValue(at, out IReadOnlyList<string>? texts))
        {
            _used.Add(at);
            bool on = (bool)ConfigValue.FromText(
                typeof(bool), texts, (expected, got) =>
                new InvalidDataException(
                $"Command line, option '{ConfigOption.NameOf(at)}': expected {expected}, got {got}."))!;
            if (!on)
            {
                property.Property.SetValue(target, null);
                return true;
            }
            below = true;
        }
        if (value is { ValueKind: JsonValueKind.Null } && property.MayBeNull)
        {
            property.Property.SetValue(target, null);
            value = null;
        }
        if (value is { ValueKind: not JsonValueKind.Object } other)
        {
            throw Wrong(at, "an object", other.GetRawText());
        }
        object? present = property.Property.GetValue(target);
        Type type = property.ObjectType(target);
        if (value is null && !below && (present is null || present.GetType() == type))
        {
            return false;
        }
        object child = present?.GetType() == type ? present : ConfigProperty.Create(type);
        Set(child, value, at + ".");
        property.Property.SetValue(target, child);
        return value is not null || below;
    }

    private void CheckKeys(JsonElement json, ConfigProperty[] properties, string path)
    {
        foreach (string key in json.EnumerateObject().Select(p => p.Name))
        {
            if (!Array.Exists(properties, p => p.Key == key) && !(path.Length == 0 && key == "$schema"))
            {
                throw new InvalidDataException(
                    $"'{file}', key '{path}{key}': unknown; the nearest known key is " +
                    $"'{path}{NearestName.Find(key, properties.Select(p => p.Key))}'.");
            }
        }
    }

    private InvalidDataException Wrong(string at, string expected, string got) =>
        new($"'{file}', key '{at}': expected {expected}, got {got}.");
}
