using SpeechML.Benchmarks.Peers;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Benchmarks.Growth;

/// <summary>A HuBERT of two layers and hidden size 32 with weights as they were drawn.</summary>
internal static class SmallEncoder
{
    private const string Config = """
        {"model_type": "hubert", "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4,
         "intermediate_size": 64, "feat_extract_norm": "group", "conv_bias": false,
         "conv_dim": [32, 32, 32, 32, 32, 32, 32], "conv_kernel": [10, 3, 3, 3, 3, 2, 2],
         "conv_stride": [5, 2, 2, 2, 2, 2, 2],
         "num_conv_pos_embeddings": 16, "num_conv_pos_embedding_groups": 4}
        """;

    /// <summary>Its folder in Hugging Face layout, made once.</summary>
    public static string Folder()
    {
        string folder = Path.Combine(PeerFiles.Cache, "small");
        if (File.Exists(Path.Combine(folder, "model.safetensors")))
        {
            return folder;
        }
        _ = Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "config.json"), Config);
        using DisposeScope scope = NewDisposeScope();
        _ = manual_seed(1);
        using System.Text.Json.JsonDocument config = System.Text.Json.JsonDocument.Parse(Config);
        using SpeechEncoder encoder = EncoderLoader.Create(config.RootElement);
        using IDisposable noGrad = no_grad();
        SafetensorsFile.Write(
            Path.Combine(folder, "model.safetensors"),
            encoder.state_dict().Select(
            t => (t.Key, t.Value.ndim > 1 ? randn(t.Value.shape) * 0.1 : ones(t.Value.shape))));
        return folder;
    }
}
