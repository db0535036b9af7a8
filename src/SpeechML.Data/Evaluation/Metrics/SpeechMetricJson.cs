using System.Text.Json;
using System.Text.Json.Serialization;

namespace SpeechML.Data.Evaluation.Metrics;

/// <summary>A metric in JSON is its name.</summary>
internal sealed class SpeechMetricJson : JsonConverter<SpeechMetric>
{
    public override SpeechMetric Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        string? name = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        return SpeechMetrics.Find(name ?? "")
            ?? throw new JsonException(
                $"Metric: expected a name of the list, got '{name}'. A metric of your own is registered first " +
                "(SpeechMetrics.Register).");
    }

    public override void Write(Utf8JsonWriter writer, SpeechMetric value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Name);
}
