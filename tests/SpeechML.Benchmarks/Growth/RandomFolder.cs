using SpeechML.Benchmarks.Peers;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Benchmarks.Growth;

/// <summary>Encoders with weights as they were drawn, for what depends on their shape alone.</summary>
internal static class RandomFolder
{
    /// <summary>A folder in Hugging Face layout, made once.</summary>
    public static string Make(string name, string configJson)
    {
        string folder = Path.Combine(PeerFiles.Cache, name);
        if (File.Exists(Path.Combine(folder, "model.safetensors")))
        {
            return folder;
        }
        _ = Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "config.json"), configJson);
        using DisposeScope scope = NewDisposeScope();
        _ = manual_seed(1);
        using System.Text.Json.JsonDocument config = System.Text.Json.JsonDocument.Parse(configJson);
        using SpeechEncoder encoder = EncoderLoader.Create(config.RootElement);
        using IDisposable noGrad = no_grad();
        SafetensorsFile.Write(
            Path.Combine(folder, "model.safetensors"),
            encoder.state_dict().Select(
            t => (t.Key, t.Value.ndim > 1 ? randn(t.Value.shape) * 0.1 : ones(t.Value.shape))));
        return folder;
    }
}
