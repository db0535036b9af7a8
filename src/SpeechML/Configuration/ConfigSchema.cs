using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using SpeechML.Audio.Options;

namespace SpeechML.Configuration;

/// <summary>JSON Schema of a class of configurations.</summary>
internal static class ConfigSchema
{
    private static readonly JsonSchemaExporterOptions s_options = new()
    {
        TreatNullObliviousAsNonNullable = true,
        TransformSchemaNode = Describe,
    };

    public static JsonObject Of(Type type)
    {
        JsonObject schema = Root(type);
        schema.Insert(0, "$schema", "http://json-schema.org/draft-07/schema#");
        schema.Insert(1, "title", type.Name);
        return schema;
    }

    private static JsonObject Root(Type type)
    {
        OptionModel model = OptionModel.Of(type);
        if (ConfigVariants.Of(model) is not { } variant)
        {
            return Export(type);
        }
        // One whole alternative for each value of the selector: understood by every validator.
        var variants = (IConfigVariants)model.Create();
        string selector = model.Members.Single(m => m.Name == variants.Selector).Key;
        return new JsonObject
        {
            ["oneOf"] = new JsonArray([.. variants.AllTypesOf(variant.Name).Select(its =>
            {
                JsonObject alternative = Export(type);
                alternative["properties"]![selector] = new JsonObject { ["enum"] = new JsonArray(its.Key) };
                alternative["properties"]![variant.Key] = Export(its.Value);
                return (JsonNode)alternative;
            })]),
        };
    }

    private static JsonObject Export(Type type) =>
        JsonSchemaExporter.GetJsonSchemaAsNode(ConfigReader.Json, type, s_options).AsObject();

    private static JsonNode Describe(JsonSchemaExporterContext context, JsonNode schema)
    {
        if (context.TypeInfo.Type == typeof(IReadOnlyList<AudioAugmentation>))
        {
            schema = new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "object" } };
        }
        if (schema["properties"] is JsonObject all && OptionTypes.IsGroup(context.TypeInfo.Type))
        {
            // What can only be read is in no file.
            OptionModel model = OptionModel.Of(context.TypeInfo.Type);
            all.Select(p => p.Key).Where(k => model.Member(k) is null).ToList().ForEach(k => all.Remove(k));
        }
        if (schema is not JsonObject its || context.PropertyInfo?.AttributeProvider is not PropertyInfo property
            || OptionModel.Of(property.ReflectedType!).Members.FirstOrDefault(m => m.Name == property.Name)
            is not { } option || context.PropertyInfo.PropertyType != context.TypeInfo.Type)
        {
            return schema;
        }
        if (option.Summary.Length > 0)
        {
            its["description"] = option.Summary;
        }
        if (option.Names is { } names)
        {
            its["enum"] = new JsonArray([.. names.Names.Select(n => JsonValue.Create(n))]);
        }
        if (option.Range is { } range)
        {
            Limit(its, "minimum", range.Min);
            Limit(its, "exclusiveMinimum", range.Above);
            Limit(its, "maximum", range.Max);
            Limit(its, "exclusiveMaximum", range.Below);
        }
        return schema;
    }

    private static void Limit(JsonObject schema, string key, double limit)
    {
        if (double.IsFinite(limit))
        {
            schema[key] = limit;
        }
    }
}
