using System.Text.Json;

namespace SpeechML.Encoders.Checkpoints;

/// <summary>Reads the fields of a JSON configuration and says what is wrong with one.</summary>
/// <param name="json">The configuration, an object.</param>
/// <param name="file">What messages call it.</param>
/// <remarks>
/// A null is what <c>None</c> is in Python: false for a flag, whatever its default; an error for a number or a text,
/// with which transformers cannot build the model either; nothing for a field that only must not say something else.
/// </remarks>
internal readonly struct JsonFieldReader(JsonElement json, string file)
{
    /// <summary>The text of the configuration.</summary>
    public string RawText => json.GetRawText();

    /// <summary>Whether a field is there and is not null.</summary>
    public bool Has(string name) => Find(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null;

    public int PositiveInt(string name, int? absent = null, int most = int.MaxValue)
    {
        string expected = most == int.MaxValue ? "a positive whole number"
            : FormattableString.Invariant($"a whole number from 1 to {most}");
        if (!Find(name, out JsonElement value))
        {
            return absent ?? throw Wrong(name, expected, "nothing");
        }
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number > 0
            && number <= most
            ? number
            : throw Wrong(name, expected, value.GetRawText());
    }

    public int[] PositiveInts(string name)
    {
        const string expected = "a list of positive whole numbers";
        if (!Find(name, out JsonElement value))
        {
            throw Wrong(name, expected, "nothing");
        }
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() == 0)
        {
            throw Wrong(name, expected, value.GetRawText());
        }
        var numbers = new List<int>();
        foreach (JsonElement item in value.EnumerateArray())
        {
            numbers.Add(item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out int number) && number > 0
                ? number
                : throw Wrong(name, expected, value.GetRawText()));
        }
        return [.. numbers];
    }

    public bool Flag(string name, bool absent)
    {
        if (!Find(name, out JsonElement value))
        {
            return absent;
        }
        return value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False or JsonValueKind.Null => false,
            _ => throw Wrong(name, "true or false", value.GetRawText()),
        };
    }

    public string Text(string name, string? absent = null)
    {
        if (!Find(name, out JsonElement value))
        {
            return absent ?? throw Wrong(name, "a text", "nothing");
        }
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString()!
                : throw Wrong(name, "a text", value.GetRawText());
        }
        catch (InvalidOperationException)
        {
            throw Wrong(name, "a text", "half a surrogate pair");
        }
    }

    /// <summary>A number from <paramref name="low"/> to <paramref name="high"/>.</summary>
    public double Number(string name, double absent, double low, double high)
    {
        if (!Find(name, out JsonElement value))
        {
            return absent;
        }
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && number >= low
            && number <= high
            ? number
            : throw Wrong(name, FormattableString.Invariant($"a number from {low} to {high}"), value.GetRawText());
    }

    public double Probability(string name, double absent) => Number(name, absent, 0, 1);

    /// <summary>Refuses an option that changes the arithmetic and is not built.</summary>
    public void Require(string name, string supported, string absent)
    {
        string value = Text(name, absent);
        if (value != supported)
        {
            throw Wrong(name, $"'{supported}' (the only one supported)", $"'{value}'");
        }
    }

    /// <summary>Refuses a field that is there and neither null nor false.</summary>
    public void RequireAbsent(string name)
    {
        if (Find(name, out JsonElement value) && value.ValueKind is not (JsonValueKind.False or JsonValueKind.Null))
        {
            throw Wrong(name, "null or false (adapter layers are not supported)", value.GetRawText());
        }
    }

    /// <summary>Refuses a number that is there and is not what is built.</summary>
    /// <param name="name">The field.</param>
    /// <param name="supported">What is built.</param>
    /// <param name="why">Where that is from.</param>
    public void RequireNumber(string name, double supported, string why)
    {
        if (Find(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null
            && !(value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number)
            && number == supported))
        {
            throw Wrong(name, FormattableString.Invariant($"{supported} ({why})"), value.GetRawText());
        }
    }

    /// <summary>What to throw where a field is wrong.</summary>
    public CheckpointException Wrong(string name, string expected, string got) =>
        CheckpointException.InField(file, name, expected, got == "null" ? "nothing" : got);

    private bool Find(string name, out JsonElement value) =>
        json.TryGetProperty(name, out value);
}
