using System.Diagnostics.CodeAnalysis;
using SpeechML.Encoders.Checkpoints;
using SpeechML.Encoders.Features;
using SpeechML.Encoders.Layers;

namespace SpeechML.Encoders.Families.Spectrogram;

/// <summary>The facts of an Audio Spectrogram Transformer.</summary>
internal sealed record PatchConfig : EncoderConfig
{
    /// <summary>The class and the distillation token, which come before the patches.</summary>
    public const int ExtraTokens = 2;

    // Bands are made of 257 frequencies.
    private const int MaxMels = 1000;

    // Nearly three hours; the samples of a clip are then far below 2^31.
    private const int MaxFrames = 1_000_000;

    private static readonly string[] s_linears = ["q_proj", "k_proj", "v_proj", "o_proj", "fc1", "fc2"];

    public PatchConfig()
    {
    }

    [SetsRequiredMembers]
    private PatchConfig(JsonFieldReader reader, FeatureExtractorSettings features)
    {
        ModelType = reader.Text("model_type");
        SampleRate = features.SampleRate;
        HiddenSize = reader.PositiveInt("hidden_size", 768);
        LayerCount = reader.PositiveInt("num_hidden_layers", 12, MaxLayers);
        Heads = reader.PositiveInt("num_attention_heads", 12);
        FeedForwardSize = reader.PositiveInt("intermediate_size", 3072);
        Mels = reader.PositiveInt("num_mel_bins", 128, MaxMels);
        Frames = reader.PositiveInt("max_length", 1024, MaxFrames);
        PatchSize = reader.PositiveInt("patch_size", 16, MaxMels);
        BandStride = reader.PositiveInt("frequency_stride", 10, MaxMels);
        TimeStride = reader.PositiveInt("time_stride", 10, MaxMels);
        AttentionBias = reader.Flag("qkv_bias", true);
        Activation = Activation.Parse(reader, "hidden_act", "gelu");
        LayerNormEpsilon = reader.Number("layer_norm_eps", 1e-12, 0, 1);
        HiddenDropout = reader.Probability("hidden_dropout_prob", 0);
        AttentionDropout = reader.Probability("attention_probs_dropout_prob", 0);
        Check(reader);
    }

    public required int Heads { get; init; }

    public required int FeedForwardSize { get; init; }

    public int Mels { get; init; } = 128;

    /// <summary>Frames of 10 ms that every clip is cut or padded to.</summary>
    public int Frames { get; init; } = 1024;

    /// <summary>Bands and frames of a patch.</summary>
    public int PatchSize { get; init; } = 16;

    /// <summary>Bands from one patch to the next.</summary>
    public int BandStride { get; init; } = 10;

    /// <summary>Frames from one patch to the next.</summary>
    public int TimeStride { get; init; } = 10;

    /// <summary>Whether the maps to queries, keys and values have a bias.</summary>
    public bool AttentionBias { get; init; } = true;

    public Activation Activation { get; init; } = Activation.Gelu;

    public double LayerNormEpsilon { get; init; } = 1e-12;

    public double HiddenDropout { get; init; }

    public double AttentionDropout { get; init; }

    /// <summary>Patches above each other.</summary>
    public int Bands => ((Mels - PatchSize) / BandStride) + 1;

    /// <summary>Patches beside each other.</summary>
    public int Times => ((Frames - PatchSize) / TimeStride) + 1;

    public long Tokens => ExtraTokens + ((long)Bands * Times);

    public override long? MaxSamples => KaldiSpectrogram.SamplesOf(Frames + 1) - 1;

    public override long MinSamples => KaldiSpectrogram.SamplesOf(PatchSize);

    public override int Hop => TimeStride * KaldiSpectrogram.Hop;

    internal override EncoderParameterGroups Groups => new(
        FrontEnd: ["embeddings"],
        Projection: [],
        Optional: ["layernorm"],
        Layers: [.. Enumerable.Range(0, LayerCount).Select(layer => $"encoder.layer.{layer}")],
        FinalNorm: [])
    {
        AboveLayers = ["layernorm"],
    };

    public override IReadOnlyList<string> AdaptableLinears => s_linears;

    /// <summary>Patches beside each other that lie within a clip.</summary>
    public override long FrameCount(long samples)
    {
        long frames = FramesOf(samples);
        return frames < PatchSize ? 0 : ((frames - PatchSize) / TimeStride) + 1;
    }

    /// <summary>Frames of 10 ms of a clip that are seen.</summary>
    public long FramesOf(long samples) => Math.Min(KaldiSpectrogram.FramesOf(samples), Frames);

    /// <summary>Reads a <c>config.json</c>.</summary>
    public static PatchConfig Parse(JsonFieldReader reader, FeatureExtractorSettings features) =>
        new(reader, features);

    private void Check(JsonFieldReader reader)
    {
        if (HiddenSize % Heads != 0)
        {
            throw reader.Wrong("num_attention_heads", $"a divisor of 'hidden_size' {HiddenSize}", $"{Heads}");
        }
        if (PatchSize > Mels || PatchSize > Frames)
        {
            throw reader.Wrong("patch_size",
                $"at most 'num_mel_bins' {Mels} and 'max_length' {Frames}", $"{PatchSize}");
        }
    }
}
