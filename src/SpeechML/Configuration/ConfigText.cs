using System.Globalization;
using System.Text.Json.Nodes;
using SpeechML.Audio.Options;

namespace SpeechML.Configuration;

/// <summary>Texts of a command line as the JSON that a file would have.</summary>
internal static class ConfigText
{
    /// <summary>Reads the texts of one option.</summary>
    /// <param name="type">The option's type.</param>
    /// <param name="texts">The texts; none is <see langword="true"/> for a flag.</param>
    /// <param name="fail">Makes the error from what was expected and what was found.</param>
    public static JsonNode? ToJson(Type type, IReadOnlyList<string> texts, Func<string, string, Exception> fail)
    {
        if (OptionTypes.ElementOf(type) is { } element)
        {
            return new JsonArray([.. texts.Select(text => ToJson(element, [text], fail))]);
        }
        Type plain = OptionTypes.Plain(type);
        string one = texts.Count switch
        {
            1 => texts[0],
            0 when plain == typeof(bool) => "true",
            _ => throw fail(OptionTypes.Describe(type), $"{texts.Count} values"),
        };
        const NumberStyles Whole = NumberStyles.AllowLeadingSign;
        return plain switch
        {
            Type t when t == typeof(string) => one,
            Type t when t == typeof(bool) && bool.TryParse(one, out bool flag) => flag,
            Type t when (t == typeof(int) || t == typeof(long))
                && long.TryParse(one, Whole, CultureInfo.InvariantCulture, out long number)
                && (t == typeof(long) || number is >= int.MinValue and <= int.MaxValue) => number,
            Type t when (t == typeof(double) || t == typeof(float))
                && double.TryParse(one, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
                && double.IsFinite(number) => number,
            Type t when t.IsEnum && Enum.GetNames(t).Contains(one) => one,
            Type t when t == typeof(AudioAugmentation) => Parse(one) ?? throw fail(OptionTypes.Describe(t), $"'{one}'"),
            _ => throw fail(OptionTypes.Describe(type), $"'{one}'"),
        };
    }

    private static JsonNode? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }
}
