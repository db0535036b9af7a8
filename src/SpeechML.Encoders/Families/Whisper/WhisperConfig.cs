using SpeechML.Encoders.Checkpoints;

namespace SpeechML.Encoders.Families.Whisper;

/// <summary>The facts of a Whisper encoder.</summary>
internal sealed record WhisperConfig : EncoderConfig
{
    // Whisper's layer norms have it whatever the config says.
    public const double LayerNormEpsilon = 1e-5;

    // The second convolution halves the mel frames.
    public const int MelFramesPerFrame = 2;

    // The frames that mel bands are made of have 201 frequencies.
    private const int MaxMels = 1000;

    // Five hours; the samples of a clip are then far below 2^31.
    private const int MaxPositions = 1_000_000;

    private static readonly string[] s_linears = ["q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2"];

    public required int Heads { get; init; }

    public required int FeedForwardSize { get; init; }

    public required int Mels { get; init; }

    /// <summary>Frames of 30 s.</summary>
    public required int Positions { get; init; }

    public double Dropout { get; init; }

    public double AttentionDropout { get; init; }

    public double ActivationDropout { get; init; }

    public int MaxMelFrames => Positions * MelFramesPerFrame;

    public override long? MaxSamples => (long)MaxMelFrames * LogMelSpectrogram.Hop;

    public override long MinSamples => 1;

    public override int Hop => LogMelSpectrogram.Hop * MelFramesPerFrame;

    internal override EncoderParameterGroups Groups => new(
        FrontEnd: ["conv1", "conv2", "embed_positions"],
        Projection: [],
        Optional: [],
        Layers: [.. Enumerable.Range(0, LayerCount).Select(layer => $"layers.{layer}")],
        FinalNorm: ["layer_norm"]);

    public override IReadOnlyList<string> AdaptableLinears => s_linears;

    public override long FrameCount(long samples) =>
        FramesOf(Math.Min((samples + LogMelSpectrogram.Hop - 1) / LogMelSpectrogram.Hop, MaxMelFrames));

    /// <summary>Encoder frames that so many mel frames give.</summary>
    public static long FramesOf(long melFrames) => (melFrames + 1) / MelFramesPerFrame;

    /// <summary>Reads a <c>config.json</c>.</summary>
    public static WhisperConfig Parse(JsonFieldReader reader, FeatureExtractorSettings features)
    {
        reader.Require("activation_function", "gelu", "gelu");
        var config = new WhisperConfig
        {
            ModelType = reader.Text("model_type"),
            SampleRate = features.SampleRate,
            HiddenSize = reader.PositiveInt("d_model"),
            LayerCount = reader.PositiveInt("encoder_layers", most: MaxLayers),
            Heads = reader.PositiveInt("encoder_attention_heads"),
            FeedForwardSize = reader.PositiveInt("encoder_ffn_dim"),
            Mels = reader.PositiveInt("num_mel_bins", most: MaxMels),
            Positions = reader.PositiveInt("max_source_positions", 1500, MaxPositions),
            Dropout = reader.Probability("dropout", 0),
            AttentionDropout = reader.Probability("attention_dropout", 0),
            ActivationDropout = reader.Probability("activation_dropout", 0),
        };
        return config.HiddenSize % config.Heads == 0
            ? config
            : throw reader.Wrong("encoder_attention_heads", $"a divisor of 'd_model' {config.HiddenSize}",
                $"{config.Heads}");
    }
}
