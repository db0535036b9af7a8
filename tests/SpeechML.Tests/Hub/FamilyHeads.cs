using System.Text.Json.Nodes;
using SpeechML.Encoders;
using SpeechML.TrainingSupport;
using static TorchSharp.torch;

namespace SpeechML.Tests.Hub;

/// <summary>Folders of a family's own classifier, with a head that was drawn.</summary>
internal static class FamilyHeads
{
    public const int Labels = 3;

    private const int Width = 5;

    /// <summary>A head over tokens, or over frames, by its names in the checkpoint.</summary>
    public static Dictionary<string, Tensor> Draw(EncoderFamily family, long hidden)
    {
        using var generator = new Generator(7);
        Tensor Values(params long[] shape) => randn(shape, generator: generator);
        return family.HasTokenHead
            ? new()
            {
                ["classifier.layernorm.weight"] = Values(hidden),
                ["classifier.layernorm.bias"] = Values(hidden),
                ["classifier.dense.weight"] = Values(Labels, hidden),
                ["classifier.dense.bias"] = Values(Labels),
            }
            : new()
            {
                ["projector.weight"] = Values(Width, hidden),
                ["projector.bias"] = Values(Width),
                ["classifier.weight"] = Values(Labels, Width),
                ["classifier.bias"] = Values(Labels),
            };
    }

    /// <summary>Writes a classifier.</summary>
    /// <param name="encoder">Its encoder.</param>
    /// <param name="head">Its head.</param>
    /// <param name="folder">Where to.</param>
    /// <param name="alone">A folder for the encoder without it.</param>
    public static void Write(
        SpeechEncoder encoder, Dictionary<string, Tensor> head, string folder, string alone)
    {
        EncoderFamily family = EncoderFamily.Of(encoder);
        EncoderFolder.Save(encoder, alone);
        Directory.CreateDirectory(folder);
        JsonObject config = EncoderFiles.Json(Path.Combine(alone, "config.json")).AsObject();
        config["architectures"] = new JsonArray(family.ClassifierClass);
        config["classifier_proj_size"] = Width;
        config["id2label"] = new JsonObject { ["0"] = "a", ["1"] = "b", ["2"] = "c" };
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString());
        File.Copy(Path.Combine(alone, "preprocessor_config.json"), Path.Combine(folder, "preprocessor_config.json"));
        string prefix = EncoderNames.Prefix(encoder, family.ClassifierClass);
        SafetensorsFile.Write(
            Path.Combine(folder, "model.safetensors"),
            [.. encoder.state_dict().Select(t => (prefix + t.Key, t.Value)), .. head.Select(t => (t.Key, t.Value))],
            new Dictionary<string, string> { ["format"] = "pt" });
    }
}
