using System.Diagnostics.CodeAnalysis;
using SpeechML.Encoders.Checkpoints;

namespace SpeechML.Encoders.Families.Ssl;

/// <summary>The facts of an encoder whose convolutions turn a waveform into frames, as in wav2vec 2.0.</summary>
internal abstract record WaveformConfig : TransformerConfig
{
    // The norms of the conv front end and batch norms always have it; only the others have the configured one.
    public const double FixedEpsilon = 1e-5;

    protected WaveformConfig()
    {
    }

    /// <summary>Reads what all of them have.</summary>
    /// <param name="reader">The content of <c>config.json</c>.</param>
    /// <param name="features">The feature extractor.</param>
    /// <param name="groupNorm">Which norm the front end has; <see langword="null"/> for what the field says.</param>
    [SetsRequiredMembers]
    protected WaveformConfig(JsonFieldReader reader, FeatureExtractorSettings features, bool? groupNorm = null)
        : base(reader, features)
    {
        reader.Require("feat_extract_activation", "gelu", "gelu");
        ConvChannels = reader.PositiveInts("conv_dim");
        ConvKernels = reader.PositiveInts("conv_kernel");
        ConvStrides = reader.PositiveInts("conv_stride");
        ConvBias = reader.Flag("conv_bias", false);
        GroupNorm = groupNorm ?? IsGroupNorm(reader);
        PositionalKernel = reader.PositiveInt("num_conv_pos_embeddings", 128);
        PositionalGroups = reader.PositiveInt("num_conv_pos_embedding_groups", 16);
        Check(reader);
    }

    public required int[] ConvChannels { get; init; }

    public required int[] ConvKernels { get; init; }

    public required int[] ConvStrides { get; init; }

    public bool ConvBias { get; init; }

    /// <summary>Group norm after the first convolution; otherwise layer norm after each.</summary>
    public bool GroupNorm { get; init; } = true;

    /// <summary>Taps of the positional convolution.</summary>
    public int PositionalKernel { get; init; } = 128;

    public int PositionalGroups { get; init; } = 16;

    public override long? MaxSamples => null;

    public override long MinSamples => SamplesOf(1);

    public override int Hop => checked(ConvStrides.Aggregate(1, (hop, stride) => hop * stride));

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

    /// <summary>The fewest samples that give so many frames.</summary>
    protected long SamplesOf(long frames)
    {
        long samples = frames;
        for (int layer = ConvKernels.Length - 1; layer >= 0; layer--)
        {
            samples = (samples - 1) * ConvStrides[layer] + ConvKernels[layer];
        }
        return samples;
    }

    private static bool IsGroupNorm(JsonFieldReader reader) => reader.Text("feat_extract_norm", "group") switch
    {
        "group" => true,
        "layer" => false,
        string other => throw reader.Wrong("feat_extract_norm", "'group' or 'layer'", $"'{other}'"),
    };

    private void Check(JsonFieldReader reader)
    {
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
}
