using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SpeechML;

/// <summary>The value of a metric, or why it has none. In JSON: a number or <c>null</c>.</summary>
[JsonConverter(typeof(Converter))]
public readonly record struct MetricValue
{
    private MetricValue(double? value, string? undefined)
    {
        Value = value;
        Undefined = undefined;
    }

    /// <summary>The value, a finite number; <see langword="null"/> where it does not exist.</summary>
    public double? Value { get; }

    /// <summary>Why there is no value; <see langword="null"/> where there is one.</summary>
    public string? Undefined { get; }

    /// <summary>A value that exists.</summary>
    public static implicit operator MetricValue(double value) => FromDouble(value);

    /// <summary>A value that exists; what is NaN or infinite becomes undefined.</summary>
    public static MetricValue FromDouble(double value) =>
        double.IsFinite(value) ? new MetricValue(value, null)
            : Because(double.IsNaN(value) ? "not a number" : "infinite");

    /// <summary>A value that does not exist.</summary>
    /// <param name="reason">Why, in a few words: "no positives".</param>
    public static MetricValue Because(string reason) => new(null, reason);

    /// <summary>Four decimals, or <c>undefined: reason</c>.</summary>
    public override string ToString() =>
        Value?.ToString("F4", CultureInfo.InvariantCulture) ?? $"undefined: {Undefined}";

    private sealed class Converter : JsonConverter<MetricValue>
    {
        public override MetricValue Read(
            ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Null ? Because("not recorded") : FromDouble(reader.GetDouble());

        public override bool HandleNull => true;

        public override void Write(Utf8JsonWriter writer, MetricValue value, JsonSerializerOptions options)
        {
            if (value.Value is double number)
            {
                writer.WriteNumberValue(number);
            }
            else
            {
                writer.WriteNullValue();
            }
        }
    }
}
