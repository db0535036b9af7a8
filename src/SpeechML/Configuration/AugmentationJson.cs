using System.Text.Json;
using System.Text.Json.Serialization;

namespace SpeechML.Configuration;

/// <summary>Effects in a configuration, each in the form of <see cref="AudioAugmentation.ToJson"/>.</summary>
internal sealed class AugmentationJson : JsonConverter<IReadOnlyList<AudioAugmentation>>
{
    public override IReadOnlyList<AudioAugmentation> Read(
        ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using JsonDocument json = JsonDocument.ParseValue(ref reader);
        return json.RootElement.ValueKind == JsonValueKind.Array
            ? [.. json.RootElement.EnumerateArray().Select(Effect)] : throw new JsonException();
    }

    public override void Write(
        Utf8JsonWriter writer, IReadOnlyList<AudioAugmentation> value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (AudioAugmentation effect in value)
        {
            using JsonDocument json = JsonDocument.Parse(effect.ToJson());
            json.RootElement.WriteTo(writer);
        }
        writer.WriteEndArray();
    }

    private static AudioAugmentation Effect(JsonElement json)
    {
        try
        {
            return AudioAugmentation.FromJson(json.GetRawText());
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            throw new JsonException(
                null, new InvalidDataException($"{JsonSerializer.Serialize(json)}: {e.Message}", e));
        }
    }
}
