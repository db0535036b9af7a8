using System.Text.Json.Nodes;

namespace SpeechML.Configuration;

/// <summary>JSON Schema (draft 7) of a class of configurations, made from its properties.</summary>
internal static class ConfigSchema
{
    public static JsonObject Of(Type type)
    {
        JsonObject schema = Root(type);
        schema.Insert(0, "$schema", "http://json-schema.org/draft-07/schema#");
        schema.Insert(1, "title", type.Name);
        return schema;
    }

    private static JsonObject Root(Type type)
    {
        object standard = ConfigProperty.Create(type);
        if (standard is not IConfigVariants variants
            || Array.Find(ConfigProperty.Of(type), p => p.IsVariant) is not { } variant)
        {
            return Object(standard);
        }
        // One whole alternative for each value of the selector: understood by every validator.
        var alternatives = new JsonArray();
        string selector = ConfigProperty.Of(type).Single(p => p.Property.Name == variants.Selector).Key;
        foreach ((string value, Type its) in variants.AllTypesOf(variant.Property.Name))
        {
            JsonObject alternative = Object(standard);
            alternative["properties"]![selector] = new JsonObject { ["enum"] = new JsonArray(value) };
            alternative["properties"]![variant.Key] = Object(ConfigProperty.Create(its));
            alternatives.Add(alternative);
        }
        return new JsonObject { ["oneOf"] = alternatives };
    }

    private static JsonObject Object(object standard)
    {
        ConfigProperty[] all = ConfigProperty.Of(standard.GetType());
        var properties = new JsonObject();
        foreach (ConfigProperty property in all)
        {
            Type type = property.Property.PropertyType;
            object? value = property.Property.GetValue(standard);
            JsonObject schema = ConfigValue.IsValue(type) ? Value(type, property.MayBeNull)
                : Object(value ?? ConfigProperty.Create(property.ObjectType(standard)));
            if (property.MayBeNull && !ConfigValue.IsValue(type))
            {
                schema["type"] = new JsonArray("object", "null");
            }
            else if (ConfigValue.IsValue(type) && value is not null && !property.IsRequired)
            {
                schema["default"] = ConfigValue.ToJson(value);
            }
            properties[property.Key] = schema;
        }
        var result = new JsonObject
        {
            ["type"] = "object",
            ["additionalProperties"] = false,
            ["properties"] = properties
        };
        if (Array.Exists(all, p => p.IsRequired))
        {
            result["required"] = new JsonArray([.. all.Where(p => p.IsRequired).Select(p => (JsonNode)p.Key)]);
        }
        return result;
    }

    private static JsonObject Value(Type type, bool mayBeNull = false)
    {
        if (ConfigValue.ElementOf(type) is { } element)
        {
            return new JsonObject { ["type"] = "array", ["items"] = Value(element) };
        }
        Type plain = ConfigValue.Plain(type);
        string name = plain == typeof(string) || plain.IsEnum ? "string"
            : plain == typeof(bool) ? "boolean"
            : plain == typeof(int) || plain == typeof(long) ? "integer"
            : plain == typeof(double) || plain == typeof(float) ? "number"
            : "object";
        var schema = new JsonObject { ["type"] = mayBeNull ? new JsonArray(name, "null") : name };
        if (plain.IsEnum)
        {
            schema["enum"] = new JsonArray(
                [.. Enum.GetNames(plain).Select(n => (JsonNode?)n), .. mayBeNull ? new JsonNode?[] { null } : []]);
        }
        return schema;
    }
}
