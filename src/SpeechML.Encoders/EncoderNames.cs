using System.Text.Json;

namespace SpeechML.Encoders;

/// <summary>
/// How an encoder's parameters are called in Python, derived from what <c>config.json</c> says about the model.
/// </summary>
internal static class EncoderNames
{
    /// <summary>The models that hold the encoder elsewhere than the family's most specific prefix says.</summary>
    private static readonly Dictionary<string, string> s_prefixes = new(StringComparer.Ordinal)
    {
        ["HubertModel"] = "",
        ["WavLMModel"] = "",
        ["Wav2Vec2Model"] = "",
        ["WhisperModel"] = "encoder.",
        ["WhisperForAudioClassification"] = "encoder.",
        ["WhisperEncoder"] = "",
    };

    /// <summary>The models whose weights are meant where a configuration names none.</summary>
    private static readonly Dictionary<string, string> s_plain = new(StringComparer.Ordinal)
    {
        ["hubert"] = "HubertModel",
        ["wavlm"] = "WavLMModel",
        ["wav2vec2"] = "Wav2Vec2Model",
        ["whisper"] = "WhisperForConditionalGeneration",
    };

    /// <summary>
    /// What stands before the encoder's names in a state dict of the Python model: <c>hubert.</c>,
    /// <c>model.encoder.</c>, nothing.
    /// </summary>
    public static string Prefix(SpeechEncoder encoder)
    {
        using JsonDocument config = JsonDocument.Parse(encoder.ConfigJson);
        return s_prefixes.TryGetValue(ClassOf(encoder, config.RootElement), out string? prefix)
            ? prefix
            : EncoderFamily.All.Single(family => family.ModelType == encoder.Config.ModelType).Prefixes[0];
    }

    /// <summary>The Python class of the model and the module that it is in.</summary>
    public static (string Class, string Module) PythonModule(SpeechEncoder encoder)
    {
        using JsonDocument config = JsonDocument.Parse(encoder.ConfigJson);
        string type = encoder.Config.ModelType;
        return (ClassOf(encoder, config.RootElement), $"transformers.models.{type}.modeling_{type}");
    }

    private static string ClassOf(SpeechEncoder encoder, JsonElement config) =>
        config.TryGetProperty("architectures", out JsonElement classes)
        && classes.ValueKind == JsonValueKind.Array
        && classes.GetArrayLength() > 0
        && classes[0].ValueKind == JsonValueKind.String
            ? classes[0].GetString()!
            : s_plain[encoder.Config.ModelType];
}
