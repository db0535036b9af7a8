using System.Collections;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SpeechML.Configuration;

/// <summary>
/// Single values of a configuration, and lists of them: between JSON or the text of a command line, and the property's
/// type.
/// </summary>
internal static class ConfigValue
{
    /// <summary>Whether a type is that of a single value or of a list.</summary>
    public static bool IsValue(Type type) => ElementOf(type) is { } element ? IsSingle(element) : IsSingle(Plain(type));

    /// <summary>The type of a list's elements; <see langword="null"/> where it is no list.</summary>
    public static Type? ElementOf(Type type) =>
        type.IsArray ? type.GetElementType()
            : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)
            ? type.GetGenericArguments()[0] : null;

    /// <summary>Without <c>?</c>.</summary>
    public static Type Plain(Type type) => Nullable.GetUnderlyingType(type) ?? type;

    /// <summary>What is expected, in words.</summary>
    public static string Describe(Type type) =>
        ElementOf(type) is { } element ? $"a list, each {Describe(element)}" : Plain(type) switch
        {
            Type t when t == typeof(string) => "a text",
            Type t when t == typeof(bool) => "true or false",
            Type t when t == typeof(int) || t == typeof(long) => "a whole number",
            Type t when t == typeof(double) || t == typeof(float) => "a number",
            Type t when t.IsEnum => $"one of {string.Join(", ", Enum.GetNames(t))}",
            _ => "an object with the \"type\" of an effect and its parameters",
        };

    /// <summary>Reads JSON.</summary>
    /// <param name="type">The property's type.</param>
    /// <param name="json">The value.</param>
    /// <param name="fail">Makes the error from what was expected and what was found.</param>
    public static object? FromJson(Type type, JsonElement json, Func<string, string, Exception> fail)
    {
        if (ElementOf(type) is { } element)
        {
            return json.ValueKind == JsonValueKind.Array
                ? List(element, [.. json.EnumerateArray().Select(item => FromJson(element, item, fail))])
                : throw fail(Describe(type), Show(json));
        }
        return Plain(type) switch
        {
            Type t when t == typeof(string) && json.ValueKind == JsonValueKind.String => json.GetString(),
            Type t when t == typeof(bool) && json.ValueKind is JsonValueKind.True or JsonValueKind.False =>
            json.GetBoolean(),
            Type t when t == typeof(int) && json.ValueKind == JsonValueKind.Number
            && json.TryGetInt32(out int number) => number,
            Type t when t == typeof(long) && json.ValueKind == JsonValueKind.Number
            && json.TryGetInt64(out long number) => number,
            Type t when t == typeof(double) && json.ValueKind == JsonValueKind.Number
            && double.IsFinite(json.GetDouble()) => json.GetDouble(),
            Type t when t == typeof(float) && json.ValueKind == JsonValueKind.Number
            && float.IsFinite(json.GetSingle()) => json.GetSingle(),
            Type t when t.IsEnum && json.ValueKind == JsonValueKind.String
            && Enum.GetNames(t).Contains(json.GetString()) => Enum.Parse(t, json.GetString()!),
            Type t when t == typeof(AudioAugmentation) && json.ValueKind == JsonValueKind.Object =>
            Augmentation(json.GetRawText(), fail),
            _ => throw fail(Describe(type), Show(json)),
        };
    }

    /// <summary>Reads the texts of a command line.</summary>
    public static object? FromText(Type type, IReadOnlyList<string> texts, Func<string, string, Exception> fail)
    {
        if (ElementOf(type) is { } element)
        {
            return List(element, [.. texts.Select(text => FromText(element, [text], fail))]);
        }
        Type plain = Plain(type);
        string one = texts.Count switch
        {
            1 => texts[0],
            0 when plain == typeof(bool) => "true",
            _ => throw fail(Describe(type), $"{texts.Count} values"),
        };
        return plain switch
        {
            Type t when t == typeof(string) => one,
            Type t when t == typeof(bool) && bool.TryParse(one, out bool flag) => flag,
            Type t when t == typeof(int)
            && int.TryParse(one, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) => number,
            Type t when t == typeof(long)
            && long.TryParse(one, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) =>
            number,
            Type t when t == typeof(double)
            && double.TryParse(one, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            && double.IsFinite(number) => number,
            Type t when t == typeof(float)
            && float.TryParse(one, NumberStyles.Float, CultureInfo.InvariantCulture, out float number)
            && float.IsFinite(number) => number,
            Type t when t.IsEnum && Enum.GetNames(t).Contains(one) => Enum.Parse(t, one),
            Type t when t == typeof(AudioAugmentation) => Augmentation(one, fail),
            _ => throw fail(Describe(type), $"'{one}'"),
        };
    }

    /// <summary>Writes JSON that <see cref="FromJson"/> reads.</summary>
    public static JsonNode? ToJson(object? value) => value switch
    {
        null => null,
        string text => JsonValue.Create(text),
        bool flag => JsonValue.Create(flag),
        int number => JsonValue.Create(number),
        long number => JsonValue.Create(number),
        double number => JsonValue.Create(number),
        float number => JsonValue.Create(number),
        Enum name => JsonValue.Create(name.ToString()),
        AudioAugmentation augmentation => JsonNode.Parse(augmentation.ToJson()),
        IEnumerable list => new JsonArray([.. list.Cast<object?>().Select(ToJson)]),
        _ => throw new NotSupportedException(
        $"Configuration: expected a text, number, flag, enum or list, got {value.GetType()}."),
    };

    private static bool IsSingle(Type type) =>
        type == typeof(string) || type == typeof(bool) || type == typeof(int) || type == typeof(long)
            || type == typeof(double) || type == typeof(float) || type.IsEnum || type == typeof(AudioAugmentation);

    private static Array List(Type element, object?[] items)
    {
        var list = Array.CreateInstance(element, items.Length);
        items.CopyTo(list, 0);
        return list;
    }

    private static AudioAugmentation Augmentation(string json, Func<string, string, Exception> fail)
    {
        try
        {
            return AudioAugmentation.FromJson(json);
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            throw fail(Describe(typeof(AudioAugmentation)), $"{json}: {e.Message}");
        }
    }

    private static string Show(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        _ => json.GetRawText(),
    };
}
