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
    public static string Folder() => RandomFolder.Make("small", Config);
}
