using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SpeechML.Encoders.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.TrainingSupport;

/// <summary>
/// Small encoders with random weights, and folders with them as on the Hub, for tests that need no reference values.
/// </summary>
internal static class TinyEncoders
{
    private const string PreNorm =
        """, "feat_extract_norm": "layer", "do_stable_layer_norm": true, "conv_bias": true""";
    private const string Conformer = """, "conv_depthwise_kernel_size": 5, "hidden_act": "swish" """;
    private const string Buckets = """, "num_buckets": 32, "max_bucket_distance": 40""";

    private static readonly Dictionary<string, string> s_configs = new()
    {
        ["hubert"] = Ssl("hubert"),
        ["hubert-pre-norm"] = Ssl("hubert", PreNorm),
        ["hubert-distil"] = Ssl("hubert", """, "feat_proj_layer_norm": false"""),
        ["hubert-batch-norm"] = Ssl("hubert", """, "conv_pos_batch_norm": true""", positionalKernel: 5),
        ["wavlm"] = Ssl("wavlm", Buckets),
        ["wavlm-pre-norm"] = Ssl("wavlm", Buckets + PreNorm),
        ["wav2vec2"] = Ssl("wav2vec2"),
        ["wav2vec2-pre-norm"] = Ssl("wav2vec2", PreNorm),
        ["unispeech"] = Ssl("unispeech", PreNorm),
        ["unispeech-sat"] = Ssl("unispeech-sat"),
        ["data2vec-audio"] = Ssl("data2vec-audio", """, "conv_pos_kernel_size": 4""", positionalKernel: 2),
        ["sew"] = Ssl("sew", """, "squeeze_factor": 2""", positionalKernel: 5),
        ["sew-as-wide"] = Ssl("sew", """, "squeeze_factor": 3, "feat_extract_norm": "layer" """, channels: 16),
        ["wav2vec2-conformer"] = Ssl("wav2vec2-conformer", Conformer),
        ["wav2vec2-conformer-rotary"] = Ssl("wav2vec2-conformer",
            Conformer + """, "position_embeddings_type": "rotary", "feat_extract_norm": "layer" """),
        ["wav2vec2-bert"] = """
            {"model_type": "wav2vec2-bert", "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
             "intermediate_size": 24, "feature_projection_input_dim": 32, "conv_depthwise_kernel_size": 3,
             "left_max_position_embeddings": 4, "right_max_position_embeddings": 2,
             "hidden_dropout": 0.2, "attention_dropout": 0.2, "activation_dropout": 0.2, "feat_proj_dropout": 0.2}
            """,
        ["audio-spectrogram-transformer"] = """
            {"model_type": "audio-spectrogram-transformer", "hidden_size": 16, "num_hidden_layers": 2,
             "num_attention_heads": 2, "intermediate_size": 24, "num_mel_bins": 16, "max_length": 40, "patch_size": 4,
             "frequency_stride": 3, "time_stride": 3, "hidden_dropout_prob": 0.2, "attention_probs_dropout_prob": 0.2}
            """,
        ["whisper"] = """
            {"model_type": "whisper", "d_model": 16, "encoder_layers": 2, "encoder_attention_heads": 2,
             "encoder_ffn_dim": 24, "num_mel_bins": 80,
             "max_source_positions": 1500, "dropout": 0.2, "attention_dropout": 0.2, "activation_dropout": 0.2}
            """,
    };

    public static IEnumerable<object[]> Names() => s_configs.Keys.Select(name => new object[] { name });

    public static JsonElement Config(string name, params (string Field, JsonNode? Value)[] changes)
    {
        JsonNode config = JsonNode.Parse(s_configs[name])!;
        foreach ((string field, JsonNode? value) in changes)
        {
            config[field] = value;
        }
        return JsonSerializer.SerializeToElement(config);
    }

    public static SpeechEncoder Create(string name, WhisperContext context = WhisperContext.Exact30Seconds)
    {
        SpeechEncoder encoder = EncoderLoader.Create(Config(name), context: context);
        FillAtRandom(encoder);
        return encoder;
    }

    public static void FillAtRandom(SpeechEncoder encoder)
    {
        using var generator = new Generator(7);
        Dictionary<string, Tensor> state = encoder.state_dict();
        EncoderLoader.Fill(encoder, name =>
        {
            using DisposeScope scope = NewDisposeScope();
            long[] shape = state[name].shape;
            Tensor value = name switch
            {
                _ when name.EndsWith("running_var", StringComparison.Ordinal) =>
                    rand(shape, generator: generator).add(Scalars.Of(0.5), Scalars.Of(1)),
                _ when name.EndsWith("num_batches_tracked", StringComparison.Ordinal) => zeros(shape, ScalarType.Int64),
                _ when name.Contains("norm.weight", StringComparison.Ordinal) =>
                (randn(shape, generator: generator) * Scalars.Of(0.2)).add(Scalars.Of(1), Scalars.Of(1)),
                // Spread such that activations keep their size from layer to layer.
                _ => randn(shape, generator: generator) * Scalars.Of(
                    1.5 / Math.Sqrt(Math.Max(1, shape.Skip(1).Aggregate(1L, (a, b) => a * b)))),
            };
            return value.MoveToOuterDisposeScope();
        });
    }

    /// <summary>A clip of filtered noise on a slope, so that groups of samples differ in level.</summary>
    public static float[] Clip(int samples, int seed)
    {
        var random = new Random(seed);
        float[] clip = new float[samples];
        float last = 0;
        for (int i = 0; i < samples; i++)
        {
            last = 0.7f * last + (float)(random.NextDouble() - 0.5) * 0.3f;
            clip[i] = last * (0.3f + (float)i / samples);
        }
        return clip;
    }

    /// <summary>Writes a model folder; <paramref name="change"/> may alter names, types and shapes.</summary>
    public static string WriteFolder(
        SpeechEncoder encoder, JsonElement config,
        Action<Dictionary<string, (string DType, long[] Shape, byte[] Bytes)>>? change = null, string prefix = "")
    {
        var tensors = new Dictionary<string, (string DType, long[] Shape, byte[] Bytes)>();
        foreach ((string name, Tensor value) in encoder.state_dict())
        {
            byte[] bytes = value.dtype == ScalarType.Int64
                ? MemoryMarshal.AsBytes(value.data<long>().ToArray().AsSpan()).ToArray()
                : MemoryMarshal.AsBytes(value.detach().data<float>().ToArray().AsSpan()).ToArray();
            tensors[prefix + name] = (value.dtype == ScalarType.Int64 ? "I64" : "F32", value.shape, bytes);
        }
        change?.Invoke(tensors);
        string folder = Directory.CreateTempSubdirectory("speechml-").FullName;
        File.WriteAllText(Path.Combine(folder, "config.json"), config.GetRawText());
        var header = new JsonObject();
        long offset = 0;
        foreach ((string name, (string dtype, long[] shape, byte[] bytes)) in tensors)
        {
            header[name] = new JsonObject
            {
                ["dtype"] = dtype,
                ["shape"] = new JsonArray([.. shape.Select(d => (JsonNode)d)]),
                ["data_offsets"] = new JsonArray(offset, offset + bytes.Length),
            };
            offset += bytes.Length;
        }
        // Tensors begin at a multiple of 8, as the library writes them.
        string json = header.ToJsonString();
        byte[] text = Encoding.UTF8.GetBytes(json + new string(' ', -Encoding.UTF8.GetByteCount(json) & 7));
        using FileStream file = File.Create(Path.Combine(folder, "model.safetensors"));
        file.Write(BitConverter.GetBytes((long)text.Length));
        file.Write(text);
        foreach ((string _, long[] _, byte[] bytes) in tensors.Values)
        {
            file.Write(bytes);
        }
        return folder;
    }

    private static string Ssl(string type, string more = "", int positionalKernel = 6, int channels = 8) => $$"""
        {"model_type": "{{type}}", "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
         "intermediate_size": 24, "conv_dim": [8, 8, {{channels}}],
         "conv_kernel": [10, 3, 2], "conv_stride": [5, 2, 2], "num_conv_pos_embeddings": {{positionalKernel}},
         "num_conv_pos_embedding_groups": 2,
         "hidden_dropout": 0.2, "attention_dropout": 0.2, "activation_dropout": 0.2, "feat_proj_dropout": 0.2{{more}} }
        """;
}
