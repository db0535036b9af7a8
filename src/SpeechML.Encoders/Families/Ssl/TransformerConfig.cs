using System.Diagnostics.CodeAnalysis;
using SpeechML.Encoders.Checkpoints;

namespace SpeechML.Encoders.Families.Ssl;

/// <summary>
/// The facts of a transformer with the field names of wav2vec 2.0's <c>config.json</c>, whatever it is fed.
/// </summary>
internal abstract record TransformerConfig : EncoderConfig
{
    protected TransformerConfig()
    {
    }

    /// <summary>Reads what all of them have; fields that newer versions of transformers added may be absent.</summary>
    /// <param name="reader">The content of <c>config.json</c>.</param>
    /// <param name="features">The feature extractor.</param>
    /// <param name="dropout">The library's default of the three probabilities of dropout in a layer.</param>
    [SetsRequiredMembers]
    protected TransformerConfig(JsonFieldReader reader, FeatureExtractorSettings features, double dropout = 0.1)
    {
        reader.RequireAbsent("add_adapter");
        reader.RequireAbsent("adapter_attn_dim");
        ModelType = reader.Text("model_type");
        SampleRate = features.SampleRate;
        HiddenSize = reader.PositiveInt("hidden_size");
        LayerCount = reader.PositiveInt("num_hidden_layers", most: MaxLayers);
        Heads = reader.PositiveInt("num_attention_heads");
        FeedForwardSize = reader.PositiveInt("intermediate_size");
        LayerNormEpsilon = reader.Number("layer_norm_eps", 1e-5, 0, 1);
        HasMaskedEmbedding = reader.Probability("mask_time_prob", 0.05) > 0
            || reader.Probability("mask_feature_prob", 0) > 0;
        HiddenDropout = reader.Probability("hidden_dropout", dropout);
        AttentionDropout = reader.Probability("attention_dropout", dropout);
        ActivationDropout = reader.Probability("activation_dropout", dropout);
        ProjectionDropout = reader.Probability("feat_proj_dropout", 0);
        if (HiddenSize % Heads != 0)
        {
            throw reader.Wrong("num_attention_heads", $"a divisor of 'hidden_size' {HiddenSize}", $"{Heads}");
        }
    }

    public required int Heads { get; init; }

    public required int FeedForwardSize { get; init; }

    public double LayerNormEpsilon { get; init; } = 1e-5;

    /// <summary>Whether the model was trained with SpecAugment and hence has <c>masked_spec_embed</c>.</summary>
    public bool HasMaskedEmbedding { get; init; } = true;

    public double HiddenDropout { get; init; }

    public double AttentionDropout { get; init; }

    public double ActivationDropout { get; init; }

    public double ProjectionDropout { get; init; }

    /// <summary>Size of a head's vectors.</summary>
    public int HeadSize => HiddenSize / Heads;

    /// <summary>Names of the layers, which are in <c>encoder.layers</c>.</summary>
    private protected IReadOnlyList<string> LayerNames =>
        [.. Enumerable.Range(0, LayerCount).Select(layer => $"encoder.layers.{layer}")];
}
