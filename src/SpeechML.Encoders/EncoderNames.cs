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
        return Prefix(encoder, ClassOf(encoder, config.RootElement));
    }

    /// <summary>What stands before them in a state dict of another Python class of this encoder.</summary>
    public static string Prefix(SpeechEncoder encoder, string pythonClass)
    {
        EncoderFamily family = EncoderFamily.Of(encoder);
        return family.PythonPrefixes.GetValueOrDefault(pythonClass, family.Prefixes[0]);
    }

    /// <summary>Endings of the names of Python classes that have a head over the whole clip.</summary>
    public static IReadOnlyList<string> ClassifierEndings { get; } =
        ["ForSequenceClassification", "ForAudioClassification", "ForSpeechClassification", "ForXVector"];

    /// <summary>Whether a Python class has a head over the whole clip.</summary>
    public static bool IsClassifier(string pythonClass) =>
        ClassifierEndings.Any(e => pythonClass.EndsWith(e, StringComparison.Ordinal));

    /// <summary>The first class that a <c>config.json</c> names; <see langword="null"/> for none.</summary>
    public static string? ClassOf(JsonElement config) =>
        config.TryGetProperty("architectures", out JsonElement classes)
        && classes.ValueKind == JsonValueKind.Array
        && classes.GetArrayLength() > 0
        && classes[0].ValueKind == JsonValueKind.String ? classes[0].GetString() : null;

    /// <summary>The Python class of the model and the module that it is in.</summary>
    public static (string Class, string Module) PythonModule(SpeechEncoder encoder)
    {
        using JsonDocument config = JsonDocument.Parse(encoder.ConfigJson);
        return (ClassOf(encoder, config.RootElement), Module(encoder));
    }

    private static string ClassOf(SpeechEncoder encoder, JsonElement config) =>
        ClassOf(config) ?? EncoderFamily.Of(encoder).PythonClass;

    /// <summary>The Python module that the classes of an encoder are in.</summary>
    public static string Module(SpeechEncoder encoder)
    {
        string type = encoder.Config.ModelType.Replace('-', '_');
        return EncoderFamily.Of(encoder).PythonModule ?? $"transformers.models.{type}.modeling_{type}";
    }
}
