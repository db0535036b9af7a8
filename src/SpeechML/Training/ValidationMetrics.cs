using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SpeechML;

/// <summary>
/// The loss and the task's metrics on the validation data after an epoch; nothing is learned from those data, and there
/// is no dropout. In JSON: an object of numbers by the metrics' names; <c>null</c> where a metric has no value.
/// </summary>
[JsonConverter(typeof(Converter))]
public sealed class ValidationMetrics : IEquatable<ValidationMetrics>
{
    /// <summary>Holds them.</summary>
    /// <param name="loss">Mean loss per clip (or rated label).</param>
    /// <param name="values">The metrics by name; <see langword="null"/> for none.</param>
    public ValidationMetrics(double loss, IReadOnlyDictionary<string, MetricValue>? values = null)
    {
        (Loss, Values) = (loss, values ?? new Dictionary<string, MetricValue>());
    }

    /// <summary>Mean loss per clip (or rated label).</summary>
    public double Loss { get; }

    /// <summary>The task's metrics by name, without the loss; of several labels the mean over those that have a value.
    /// </summary>
    public IReadOnlyDictionary<string, MetricValue> Values { get; }

    /// <summary>The value of a metric, <see cref="SpeechMetrics.Loss"/> included; undefined where it was not computed.
    /// </summary>
    /// <param name="metric">The metric.</param>
    public MetricValue this[SpeechMetric metric] =>
        (metric ?? throw new ArgumentNullException(nameof(metric))) == SpeechMetrics.Loss ? Loss
            : Values.TryGetValue(metric.Name, out MetricValue value) ? value : MetricValue.Because("not computed");

    /// <summary>One line: <c>loss 0.5123, accuracy 0.8000, ...</c>, without what has no value.</summary>
    public override string ToString() => string.Join(", ",
        new[] { string.Create(CultureInfo.InvariantCulture, $"{SpeechMetrics.Loss.Name} {Loss:F4}") }
            .Concat(Values.Where(v => v.Value.Value is not null).Select(v => $"{v.Key} {v.Value}")));

    /// <inheritdoc/>
    public bool Equals(ValidationMetrics? other) =>
        other is not null && Loss.Equals(other.Loss) && Values.Count == other.Values.Count
            && Values.All(v => other.Values.TryGetValue(v.Key, out MetricValue value) && value.Value == v.Value.Value);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ValidationMetrics);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Loss, Values.Count);

    private sealed class Converter : JsonConverter<ValidationMetrics>
    {
        public override ValidationMetrics Read(
            ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            double loss = double.NaN;
            var values = new Dictionary<string, MetricValue>(StringComparer.Ordinal);
            using JsonDocument json = JsonDocument.ParseValue(ref reader);
            if (json.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new JsonException($"Expected an object of metrics, got {json.RootElement.ValueKind}.");
            }
            foreach (JsonProperty property in json.RootElement.EnumerateObject())
            {
                string name = SpeechMetrics.NameOf(property.Name);
                double? number = property.Value.ValueKind == JsonValueKind.Null ? null : NumberOf(property.Value);
                if (name == SpeechMetrics.Loss.Name)
                {
                    loss = number ?? double.NaN;
                }
                else
                {
                    values[name] = number ?? MetricValue.Because("not recorded");
                }
            }
            return new ValidationMetrics(loss, values);
        }

        public override void Write(Utf8JsonWriter writer, ValidationMetrics value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            WriteNumber(writer, SpeechMetrics.Loss.Name, value.Loss);
            foreach ((string name, MetricValue metric) in value.Values)
            {
                WriteNumber(writer, name, metric.Value);
            }
            writer.WriteEndObject();
        }

        // What is no number is a text there, as elsewhere in these files.
        private static double NumberOf(JsonElement json) => json.ValueKind == JsonValueKind.String
            ? double.Parse(json.GetString()!, CultureInfo.InvariantCulture) : json.GetDouble();

        private static void WriteNumber(Utf8JsonWriter writer, string name, double? value)
        {
            if (value is not { } number)
            {
                writer.WriteNull(name);
            }
            else if (double.IsFinite(number))
            {
                writer.WriteNumber(name, number);
            }
            else
            {
                writer.WriteString(name, number.ToString(CultureInfo.InvariantCulture));
            }
        }
    }
}
