using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using SpeechML.Encoders.Checkpoints;

namespace SpeechML;

/// <summary>
/// What <c>preprocessor_config.json</c> says about the input of an encoder; the rest follows from the encoder's own
/// configuration.
/// </summary>
/// <param name="Normalize">Whether waveforms are brought to zero mean and unit variance (not used by Whisper).</param>
/// <param name="SampleRate">Sample rate in Hz.</param>
public sealed record FeatureExtractorSettings(bool Normalize, int SampleRate)
{
    /// <summary>
    /// The configuration that it was read from, without mel filters, to be written back;
    /// <see langword="null"/> where there was none.
    /// </summary>
    [JsonInclude]
    internal JsonElement? Source { get; init; }

    /// <summary>Whether both ask for the same input, whatever else their configurations say.</summary>
    public bool Equals(FeatureExtractorSettings? other) =>
        other is not null && Normalize == other.Normalize && SampleRate == other.SampleRate;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Normalize, SampleRate);

    /// <summary>What Hugging Face's feature extractors assume where the file is absent: normalised, 16 kHz.</summary>
    public static FeatureExtractorSettings Default { get; } = new(true, 16000);

    /// <summary>
    /// Reads the content of a <c>preprocessor_config.json</c>. Mel filters that it may carry are not read: they are
    /// computed, as Hugging Face does.
    /// </summary>
    /// <exception cref="CheckpointException">A field has a wrong type, or a value that is not supported.</exception>
    public static FeatureExtractorSettings Parse(JsonElement json) =>
        Parse(new JsonFieldReader(json, "preprocessor_config.json"));

    internal static FeatureExtractorSettings Parse(JsonFieldReader reader)
    {
        reader.RequireNumber("sampling_rate", Default.SampleRate, "the only one supported");
        JsonObject source = JsonNode.Parse(reader.RawText)!.AsObject();
        source.Remove("mel_filters"); // computed, and larger than all else
        return new(reader.Flag("do_normalize", Default.Normalize), Default.SampleRate)
        {
            Source = JsonSerializer.SerializeToElement(source),
        };
    }

    /// <summary>A <c>preprocessor_config.json</c> that <see cref="Parse(JsonElement)"/> reads back.</summary>
    public string ToJson() =>
        JsonSerializer.Serialize(
        new Dictionary<string, object> { ["do_normalize"] = Normalize, ["sampling_rate"] = SampleRate });
}
