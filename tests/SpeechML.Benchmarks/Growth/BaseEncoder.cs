namespace SpeechML.Benchmarks.Growth;

/// <summary>A HuBERT of the shape of the base model with weights as they were drawn.</summary>
internal static class BaseEncoder
{
    private const string Config = """
        {"model_type": "hubert", "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12,
         "intermediate_size": 3072, "feat_extract_norm": "group", "conv_bias": false,
         "conv_dim": [512, 512, 512, 512, 512, 512, 512], "conv_kernel": [10, 3, 3, 3, 3, 2, 2],
         "conv_stride": [5, 2, 2, 2, 2, 2, 2]}
        """;

    /// <summary>Its folder in Hugging Face layout, made once.</summary>
    public static string Folder() => RandomFolder.Make("hubert-base-random", Config);
}
