using System.Text.Json;

namespace SpeechML.Encoders;

/// <summary>
/// How an encoder's parameters are called in Python, derived from what <c>config.json</c> says about the model.
/// </summary>
internal static class EncoderNames
{
    /// <summary>
    /// What stands before the encoder's names in a state dict of the Python model: <c>hubert.</c>,
    /// <c>model.encoder.</c>, nothing.
    /// </summary>
    public static string Prefix(SpeechEncoder encoder)
    {
        using JsonDocument config = JsonDocument.Parse(encoder.ConfigJson);
        EncoderFamily family = EncoderFamily.Of(encoder);
        return family.PythonPrefixes.GetValueOrDefault(ClassOf(encoder, config.RootElement), family.Prefixes[0]);
    }

    /// <summary>The Python class of the model and the module that it is in.</summary>
    public static (string Class, string Module) PythonModule(SpeechEncoder encoder)
    {
        using JsonDocument config = JsonDocument.Parse(encoder.ConfigJson);
        string type = encoder.Config.ModelType.Replace('-', '_');
        return (ClassOf(encoder, config.RootElement),
            EncoderFamily.Of(encoder).PythonModule ?? $"transformers.models.{type}.modeling_{type}");
    }

    private static string ClassOf(SpeechEncoder encoder, JsonElement config) =>
        config.TryGetProperty("architectures", out JsonElement classes)
        && classes.ValueKind == JsonValueKind.Array
        && classes.GetArrayLength() > 0
        && classes[0].ValueKind == JsonValueKind.String
            ? classes[0].GetString()!
            : EncoderFamily.Of(encoder).PythonClass;
}
