using System.Diagnostics.CodeAnalysis;
using SpeechML.Encoders.Checkpoints;

namespace SpeechML.Encoders.Families.Ssl;

/// <summary>The facts of a wav2vec 2.0 encoder, or of one that is built like it.</summary>
internal record SslConfig : WaveformConfig
{
    private static readonly string[] s_linears =
        ["q_proj", "k_proj", "v_proj", "out_proj", "intermediate_dense", "output_dense"];

    public SslConfig()
    {
    }

    /// <inheritdoc cref="WaveformConfig(JsonFieldReader, FeatureExtractorSettings, bool?)"/>
    [SetsRequiredMembers]
    protected SslConfig(JsonFieldReader reader, FeatureExtractorSettings features, bool? groupNorm = null)
        : base(reader, features, groupNorm) => reader.Require("hidden_act", "gelu", "gelu");

    public bool ProjectionNorm { get; init; } = true;

    /// <summary>
    /// Norm before attention and feed-forward, and once more at the end (<c>do_stable_layer_norm</c>).
    /// </summary>
    public bool PreNorm { get; init; }

    /// <summary>Batch norm before the positional convolution, which then has no weight norm.</summary>
    public bool PositionalBatchNorm { get; init; }

    public int Buckets { get; init; } = 320;

    public int MaxBucketDistance { get; init; } = 800;

    internal override EncoderParameterGroups Groups => new(
        FrontEnd: ["feature_extractor", "masked_spec_embed"],
        Projection: ["feature_projection"],
        Optional: ["encoder.pos_conv_embed", "encoder.layer_norm"],
        Layers: LayerNames,
        FinalNorm: [])
    {
        AboveLayers = PreNorm ? ["encoder.layer_norm"] : [],
    };

    public override IReadOnlyList<string> AdaptableLinears => s_linears;

    /// <summary>Reads a <c>config.json</c>; fields that newer versions of transformers added may be absent.</summary>
    public static SslConfig Parse(JsonFieldReader reader, FeatureExtractorSettings features)
    {
        var config = new SslConfig(reader, features) { PreNorm = reader.Flag("do_stable_layer_norm", false) };
        return config.ModelType switch
        {
            "hubert" => config with
            {
                ProjectionNorm = reader.Flag("feat_proj_layer_norm", true),
                PositionalBatchNorm = reader.Flag("conv_pos_batch_norm", false),
            },
            "wavlm" => config.WithBuckets(reader),
            _ => config,
        };
    }

    private SslConfig WithBuckets(JsonFieldReader reader)
    {
        int buckets = reader.PositiveInt("num_buckets", 320);
        int distance = reader.PositiveInt("max_bucket_distance", 800);
        return buckets < 4 || distance <= buckets / 4
            ? throw reader.Wrong("num_buckets",
                $"at least 4 and less than four times 'max_bucket_distance' {distance}", $"{buckets}")
            : this with { Buckets = buckets, MaxBucketDistance = distance };
    }
}
