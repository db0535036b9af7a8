using System.Text.Json;
using SpeechML.Encoders;
using SpeechML.TestSupport;
using static TorchSharp.torch;

namespace SpeechML.TrainingSupport;

/// <summary>The encoder folders among the reference values, and what they say of themselves.</summary>
internal static class EncoderCases
{
    // One inconclusive case where the folder has no such part.
    public const string Absent = "(none)";

    /// <summary>The folders of the reference values; a case of the first goes by its name alone.</summary>
    private static readonly string[] s_parts = ["encoders", "more-encoders"];

    private static readonly string[] s_ssl =
        ["hubert", "wavlm", "wav2vec2", "unispeech", "unispeech-sat", "data2vec-audio"];

    public static IEnumerable<object[]> All() => Cases(_ => true);

    public static IEnumerable<object[]> Ssl() => Cases(s_ssl.Contains);

    public static IEnumerable<object[]> Whisper() => Cases(type => type == "whisper");

    public static IEnumerable<object[]> Other() => Cases(type => type != "whisper" && !s_ssl.Contains(type));

    public static IEnumerable<object[]> W2vBert() => Cases(type => type == "wav2vec2-bert");

    /// <summary>Those whose hidden states are stored whole.</summary>
    public static IEnumerable<object[]> Whole() => Cases(type => type != "whisper");

    public static string ModelType(string name) => Json(name, "config.json").GetProperty("model_type").GetString()!;

    /// <summary>The folder of a case; inconclusive where there is none or its kind is not built.</summary>
    public static string Folder(string name)
    {
        if (name == Absent)
        {
            Assert.Inconclusive("No such encoders among the reference values.");
        }
        string type = ModelType(name);
        if (EncoderFamily.All.All(f => f.ModelType != type))
        {
            Assert.Inconclusive($"Encoder not built: {name}");
        }
        return Golden.At(Parts(name));
    }

    /// <summary>What a case says of itself.</summary>
    public static JsonElement Facts(string name) => Json(name, "golden.json");

    /// <summary>The reference tensors of a case.</summary>
    public static GoldenTensors Open(string name) => GoldenTensors.Open([.. Parts(name), "golden.safetensors"]);

    /// <summary>An input as the references hold it: time before features.</summary>
    public static Tensor AsStored(Tensor values) => values.dim() == 3 ? values.transpose(1, 2) : values;

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

    private static string[] Parts(string name) => name.Contains('/', StringComparison.Ordinal)
        ? name.Split('/') : [s_parts[0], name];

    private static JsonElement Json(string name, string file) => Golden.Json([.. Parts(name), file]);

    private static List<object[]> Cases(Func<string, bool> wanted)
    {
        List<object[]> cases = [.. s_parts.SelectMany(part => Golden.Cases(part)
            .Select(name => part == s_parts[0] ? name : $"{part}/{name}"))
            .Where(name => wanted(ModelType(name))).Select(name => new object[] { name })];
        return cases.Count > 0 ? cases : [[Absent]];
    }
}
