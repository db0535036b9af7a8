using System.Text.Json;
using System.Text.Json.Serialization;

namespace SpeechML.Configuration;

/// <summary>An effect in a configuration, in the form of <see cref="AudioAugmentation.ToJson"/>.</summary>
internal sealed class AugmentationJson : JsonConverter<AudioAugmentation>
{
    public override AudioAugmentation Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
    {
        using JsonDocument json = JsonDocument.ParseValue(ref reader);
        try
        {
            return AudioAugmentation.FromJson(json.RootElement.GetRawText());
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            throw new JsonException(null, new InvalidDataException(e.Message, e));
        }
    }

    public override void Write(Utf8JsonWriter writer, AudioAugmentation value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.ToJson());
}
