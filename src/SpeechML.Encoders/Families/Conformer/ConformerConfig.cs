using System.Diagnostics.CodeAnalysis;
using SpeechML.Encoders.Checkpoints;
using SpeechML.Encoders.Families.Ssl;

namespace SpeechML.Encoders.Families.Conformer;

/// <summary>The facts of a wav2vec 2.0 conformer.</summary>
internal sealed record ConformerConfig : WaveformConfig
{
    public ConformerConfig()
    {
    }

    [SetsRequiredMembers]
    private ConformerConfig(JsonFieldReader reader, FeatureExtractorSettings features)
        : base(reader, features)
    {
        // The layer's norms always have it; only the projection's and the last one have the configured one.
        Sizes = ConformerSizes.Parse(reader, "gelu", FixedEpsilon);
        IsRotary = reader.Text("position_embeddings_type", "relative") switch
        {
            "relative" => false,
            "rotary" => true,
            string other => throw reader.Wrong("position_embeddings_type",
                "'relative' or 'rotary' (the only ones supported)", $"'{other}'"),
        };
        if (IsRotary && HeadSize % 2 != 0)
        {
            throw reader.Wrong("num_attention_heads", "heads of an even size, which rotary positions need",
                $"heads of size {HeadSize}");
        }
        if (!IsRotary && HiddenSize % 2 != 0)
        {
            throw reader.Wrong("hidden_size", "an even number, which relative positions need", $"{HiddenSize}");
        }
    }

    public ConformerSizes Sizes { get; init; } = ConformerSizes.Published;

    /// <summary>Positions turn queries and keys; otherwise distances are scored.</summary>
    public bool IsRotary { get; init; }

    // No model uses the positional convolution, but every checkpoint has it.
    internal override EncoderParameterGroups Groups => new(
        FrontEnd: ["feature_extractor", "masked_spec_embed", "encoder.pos_conv_embed"],
        Projection: ["feature_projection"],
        Optional: ["encoder.layer_norm", "encoder.embed_positions"],
        Layers: LayerNames,
        FinalNorm: [])
    {
        AboveLayers = ["encoder.layer_norm"],
    };

    public override IReadOnlyList<string> AdaptableLinears =>
        IsRotary ? ConformerSizes.Linears : [.. ConformerSizes.Linears, "linear_pos"];

    /// <summary>Reads a <c>config.json</c>.</summary>
    public static ConformerConfig Parse(JsonFieldReader reader, FeatureExtractorSettings features) =>
        new(reader, features);
}
