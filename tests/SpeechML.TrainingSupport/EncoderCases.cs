using System.Text.Json;
using SpeechML.TestSupport;

namespace SpeechML.TrainingSupport;

/// <summary>The encoder folders among the reference values, and what they say of themselves.</summary>
internal static class EncoderCases
{
    // One inconclusive case where the folder has no such part.
    public const string Absent = "(none)";

    private static readonly string[] s_built = ["hubert", "wavlm", "wav2vec2", "whisper"];

    public static IEnumerable<object[]> All() => Cases(_ => true);

    public static IEnumerable<object[]> Ssl() => Cases(type => type != "whisper");

    public static IEnumerable<object[]> Whisper() => Cases(type => type == "whisper");

    public static string ModelType(string name) =>
        Golden.Json("encoders", name, "config.json").GetProperty("model_type").GetString()!;

    /// <summary>The folder of a case; inconclusive where there is none or its kind is not built.</summary>
    public static string Folder(string name)
    {
        if (name == Absent)
        {
            Assert.Inconclusive("No such encoders among the reference values.");
        }
        if (!s_built.Contains(ModelType(name)))
        {
            Assert.Inconclusive($"Encoder not built: {name}");
        }
        return Golden.At("encoders", name);
    }

    public static (double Rtol, double Atol) Activations(JsonElement golden)
    {
        JsonElement activations = golden.GetProperty("tolerances").GetProperty("activations");
        return (activations.GetProperty("rtol").GetDouble(), activations.GetProperty("atol").GetDouble());
    }

    public static double Gradients(JsonElement golden) =>
        golden.GetProperty("tolerances").GetProperty("gradients_relative_to_max_of_tensor").GetDouble();

    /// <summary>The name that a parameter of a checkpoint has in the encoder.</summary>
    public static string Own(string name, JsonElement golden)
    {
        string prefix = golden.GetProperty("parameter_prefix").GetString()!;
        return name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : name;
    }

    private static List<object[]> Cases(Func<string, bool> wanted)
    {
        List<object[]> cases = [.. Golden.Cases("encoders").Where(name => wanted(ModelType(name)))
            .Select(name => new object[] { name })];
        return cases.Count > 0 ? cases : [[Absent]];
    }
}
