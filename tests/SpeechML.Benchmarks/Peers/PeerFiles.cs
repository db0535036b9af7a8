using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Benchmarks.Peers;

/// <summary>Hugging Face's graphs, unpacked, and the same weights as a checkpoint folder of ours.</summary>
internal static class PeerFiles
{
    /// <summary>Names the folder with <c>NAME-eval.pt.xz</c>, <c>NAME-train.pt.xz</c>, <c>NAME.onnx.xz</c>.</summary>
    public const string Variable = "SPEECHML_PEERS";

    private const string Patches = "ast-base";

    private const string ConvolutionalConfig = """
        "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072,
        "feat_extract_norm": "group", "conv_bias": false,
        "conv_dim": [512, 512, 512, 512, 512, 512, 512], "conv_kernel": [10, 3, 3, 3, 3, 2, 2],
        "conv_stride": [5, 2, 2, 2, 2, 2, 2]
        """;

    private static readonly Dictionary<string, string> s_configs = new()
    {
        ["hubert-base"] = $$"""{"model_type": "hubert", {{ConvolutionalConfig}}}""",
        ["wavlm-base"] = $$"""
            {"model_type": "wavlm", {{ConvolutionalConfig}}, "num_buckets": 320, "max_bucket_distance": 800}
            """,
        ["data2vec-base"] = $$"""
            {"model_type": "data2vec-audio", {{ConvolutionalConfig}}, "conv_pos_kernel_size": 19,
             "num_conv_pos_embeddings": 5}
            """,
        ["w2v-bert-6-layers"] = """
            {"model_type": "wav2vec2-bert", "hidden_size": 1024, "num_hidden_layers": 6, "num_attention_heads": 16,
             "intermediate_size": 4096}
            """,
        [Patches] = """
            {"model_type": "audio-spectrogram-transformer", "hidden_size": 768, "num_hidden_layers": 12,
             "num_attention_heads": 12, "intermediate_size": 3072}
            """,
        ["whisper-base"] = """
            {"model_type": "whisper", "d_model": 512, "encoder_layers": 6, "encoder_attention_heads": 8,
             "encoder_ffn_dim": 2048, "num_mel_bins": 80, "max_source_positions": 1500}
            """,
    };

    private static readonly (string InMemory, string Stored)[] s_stored =
    [
        ("attention.q_proj", "attention.attention.query"), ("attention.k_proj", "attention.attention.key"),
        ("attention.v_proj", "attention.attention.value"), ("attention.o_proj", "attention.output.dense"),
        ("mlp.fc1", "intermediate.dense"), ("mlp.fc2", "output.dense"),
    ];

    /// <summary>Whether there are peers; says of a benchmark that it is left out where there are none.</summary>
    public static bool AvailableFor(string benchmark)
    {
        if (Folder is null)
        {
            Console.WriteLine($"{benchmark,-28} left out: {Variable} does not name the folder of the peers");
        }
        return Folder is not null;
    }

    /// <summary>Where unpacked files are kept from run to run.</summary>
    public static string Cache { get; } = Path.Combine(Path.GetTempPath(), "speechml-peers");

    private static string? Folder =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named ? named : null;

    /// <summary>The path of an unpacked file.</summary>
    public static string Unpacked(string file)
    {
        string path = Path.Combine(Cache, file);
        string packed = Path.Combine(
            Folder ?? throw new InvalidOperationException(
            $"{Variable}: expected the folder of the peers, it is not set."), file + ".xz");
        if (File.Exists(path) && File.GetLastWriteTimeUtc(path) >= File.GetLastWriteTimeUtc(packed))
        {
            return path;
        }
        Directory.CreateDirectory(Cache);
        string temporary = $"{path}.{Environment.ProcessId}.tmp";
        using (Process xz = Process.Start(
            new ProcessStartInfo("xz", ["-dkc", packed]) { RedirectStandardOutput = true })!)
        using (FileStream to = File.Create(temporary))
        {
            xz.StandardOutput.BaseStream.CopyTo(to);
            xz.WaitForExit();
            if (xz.ExitCode != 0)
            {
                throw new InvalidOperationException($"xz -dkc {packed}: expected exit code 0, got {xz.ExitCode}.");
            }
        }
        File.Move(temporary, path, overwrite: true);
        return path;
    }

    /// <summary>A folder in Hugging Face layout with the weights of the graph.</summary>
    public static string Checkpoint(string model)
    {
        string folder = Path.Combine(Cache, model);
        if (File.Exists(Path.Combine(folder, "config.json")))
        {
            return folder;
        }
        Directory.CreateDirectory(folder);
        using DisposeScope scope = NewDisposeScope();
        using jit.ScriptModule<Tensor, Tensor> graph = jit.load<Tensor, Tensor>(Unpacked($"{model}-eval.pt"));
        SafetensorsFile.Write(
            Path.Combine(folder, "model.safetensors"),
            graph.named_parameters().Select(
                p => (Stored(model, p.name["model.".Length..]), (Tensor)p.parameter.detach())));
        File.WriteAllText(Path.Combine(folder, "config.json"), s_configs[model]);
        return folder;
    }

    /// <summary>The name in a checkpoint: the Audio Spectrogram Transformer has others in memory.</summary>
    private static string Stored(string model, string name)
    {
        if (model != Patches || !name.StartsWith("layers.", StringComparison.Ordinal))
        {
            return name;
        }
        return s_stored.Aggregate("encoder.layer." + name["layers.".Length..],
            (n, m) => n.Replace(m.InMemory, m.Stored, StringComparison.Ordinal));
    }
}
