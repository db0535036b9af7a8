using SpeechML.Encoders.Checkpoints;

namespace SpeechML.Encoders.Families.Ssl;

/// <summary>The facts of a HuBERT, WavLM or wav2vec 2.0 encoder.</summary>
internal sealed record SslConfig : EncoderConfig
{
    // The norms of the conv front end and the batch norm always have it; only the others have the configured one.
    public const double FixedEpsilon = 1e-5;

    private static readonly string[] s_linears =
        ["q_proj", "k_proj", "v_proj", "out_proj", "intermediate_dense", "output_dense"];

    public required int Heads { get; init; }

    public required int FeedForwardSize { get; init; }

    public required int[] ConvChannels { get; init; }

    public required int[] ConvKernels { get; init; }

    public required int[] ConvStrides { get; init; }

    public bool ConvBias { get; init; }

    /// <summary>Group norm after the first convolution; otherwise layer norm after each.</summary>
    public bool GroupNorm { get; init; } = true;

    public bool ProjectionNorm { get; init; } = true;

    /// <summary>
    /// Norm before attention and feed-forward, and once more at the end (<c>do_stable_layer_norm</c>).
    /// </summary>
    public bool PreNorm { get; init; }

    public int PositionalKernel { get; init; } = 128;

    public int PositionalGroups { get; init; } = 16;

    /// <summary>Batch norm before the positional convolution, which then has no weight norm.</summary>
    public bool PositionalBatchNorm { get; init; }

    public double LayerNormEpsilon { get; init; } = 1e-5;

    public int Buckets { get; init; } = 320;

    public int MaxBucketDistance { get; init; } = 800;

    /// <summary>Whether the model was trained with SpecAugment and hence has <c>masked_spec_embed</c>.</summary>
    public bool HasMaskedEmbedding { get; init; } = true;

    public double HiddenDropout { get; init; }

    public double AttentionDropout { get; init; }

    public double ActivationDropout { get; init; }

    public double ProjectionDropout { get; init; }

    public override long? MaxSamples => null;

    public override long MinSamples
    {
        get
        {
            long samples = 1;
            for (int layer = ConvKernels.Length - 1; layer >= 0; layer--)
            {
                samples = (samples - 1) * ConvStrides[layer] + ConvKernels[layer];
            }
            return samples;
        }
    }

    public override int Hop => checked(ConvStrides.Aggregate(1, (hop, stride) => hop * stride));

    internal override EncoderParameterGroups Groups => new(
        FrontEnd: ["feature_extractor", "masked_spec_embed"],
        Projection: ["feature_projection"],
        Optional: ["encoder.pos_conv_embed", "encoder.layer_norm"],
        Layers: [.. Enumerable.Range(0, LayerCount).Select(layer => $"encoder.layers.{layer}")],
        FinalNorm: []);

    public override IReadOnlyList<string> AdaptableLinears => s_linears;

    public override long FrameCount(long samples)
    {
        long frames = samples;
        for (int layer = 0; layer < ConvKernels.Length; layer++)
        {
            frames = AfterLayer(layer, frames);
        }
        return frames;
    }

    /// <summary>Frames after one convolution of the front end.</summary>
    public long AfterLayer(int layer, long frames) =>
        Math.Max(0, frames - ConvKernels[layer] + ConvStrides[layer]) / ConvStrides[layer];

    /// <summary>Reads a <c>config.json</c>; fields that newer versions of transformers added may be absent.</summary>
    public static SslConfig Parse(JsonFieldReader reader, FeatureExtractorSettings features)
    {
        string type = reader.Text("model_type");
        reader.Require("hidden_act", "gelu", "gelu");
        reader.Require("feat_extract_activation", "gelu", "gelu");
        reader.RequireAbsent("add_adapter");
        reader.RequireAbsent("adapter_attn_dim");
        string norm = reader.Text("feat_extract_norm", "group");
        if (norm is not ("group" or "layer"))
        {
            throw reader.Wrong("feat_extract_norm", "'group' or 'layer'", $"'{norm}'");
        }
        bool hubert = type == "hubert";
        var config = new SslConfig
        {
            ModelType = type,
            SampleRate = features.SampleRate,
            HiddenSize = reader.PositiveInt("hidden_size"),
            LayerCount = reader.PositiveInt("num_hidden_layers", most: MaxLayers),
            Heads = reader.PositiveInt("num_attention_heads"),
            FeedForwardSize = reader.PositiveInt("intermediate_size"),
            ConvChannels = reader.PositiveInts("conv_dim"),
            ConvKernels = reader.PositiveInts("conv_kernel"),
            ConvStrides = reader.PositiveInts("conv_stride"),
            ConvBias = reader.Flag("conv_bias", false),
            GroupNorm = norm == "group",
            ProjectionNorm = !hubert || reader.Flag("feat_proj_layer_norm", true),
            PreNorm = reader.Flag("do_stable_layer_norm", false),
            PositionalKernel = reader.PositiveInt("num_conv_pos_embeddings", 128),
            PositionalGroups = reader.PositiveInt("num_conv_pos_embedding_groups", 16),
            PositionalBatchNorm = hubert && reader.Flag("conv_pos_batch_norm", false),
            LayerNormEpsilon = reader.Number("layer_norm_eps", 1e-5, 0, 1),
            Buckets = type == "wavlm" ? reader.PositiveInt("num_buckets", 320) : 320,
            MaxBucketDistance = type == "wavlm" ? reader.PositiveInt("max_bucket_distance", 800) : 800,
            HasMaskedEmbedding = reader.Probability("mask_time_prob", 0.05) > 0
            || reader.Probability("mask_feature_prob", 0) > 0,
            HiddenDropout = reader.Probability("hidden_dropout", 0.1),
            AttentionDropout = reader.Probability("attention_dropout", 0.1),
            ActivationDropout = reader.Probability("activation_dropout", 0.1),
            ProjectionDropout = reader.Probability("feat_proj_dropout", 0),
        };
        config.Check(reader);
        return config;
    }

    /// <summary>Samples from one frame to the next, and those that a frame sees, fit 32 bits.</summary>
    private void CheckReach(JsonFieldReader reader)
    {
        long hop = 1;
        long samples = 1;
        for (int layer = 0; layer < ConvStrides.Length; layer++)
        {
            // Each factor and term is below 2^31, so that what was checked before cannot overflow here.
            samples += (ConvKernels[layer] - 1) * hop;
            hop *= ConvStrides[layer];
            if (hop > int.MaxValue)
            {
                throw reader.Wrong("conv_stride", "strides whose product is below 2^31 samples", "a greater one");
            }
            if (samples > int.MaxValue)
            {
                throw reader.Wrong("conv_kernel", "kernels that see fewer than 2^31 samples", "more");
            }
        }
    }

    private void Check(JsonFieldReader reader)
    {
        if (HiddenSize % Heads != 0)
        {
            throw reader.Wrong("num_attention_heads", $"a divisor of 'hidden_size' {HiddenSize}", $"{Heads}");
        }
        if (HiddenSize % PositionalGroups != 0)
        {
            throw reader.Wrong("num_conv_pos_embedding_groups", $"a divisor of 'hidden_size' {HiddenSize}",
                $"{PositionalGroups}");
        }
        if (ConvKernels.Length != ConvChannels.Length || ConvStrides.Length != ConvChannels.Length)
        {
            throw reader.Wrong("conv_kernel",
                $"as many entries in 'conv_kernel' and 'conv_stride' as in 'conv_dim' ({ConvChannels.Length})",
                $"{ConvKernels.Length} and {ConvStrides.Length}");
        }
        if (ConvChannels.Length > MaxLayers)
        {
            throw reader.Wrong("conv_dim", $"at most {MaxLayers} convolutions", $"{ConvChannels.Length}");
        }
        CheckReach(reader);
        if (ModelType == "wavlm" && (Buckets < 4 || MaxBucketDistance <= Buckets / 4))
        {
            throw reader.Wrong("num_buckets",
                $"at least 4 and less than four times 'max_bucket_distance' {MaxBucketDistance}", $"{Buckets}");
        }
    }
}
