using System.Diagnostics.CodeAnalysis;
using SpeechML.Encoders.Checkpoints;
using SpeechML.Encoders.Families.Ssl;
using SpeechML.Encoders.Features;

namespace SpeechML.Encoders.Families.Conformer;

/// <summary>The facts of a w2v-BERT 2.0 encoder.</summary>
internal sealed record W2vBertConfig : TransformerConfig
{
    /// <summary>Frames of 10 ms that make one of the encoder.</summary>
    public const int Stacked = 2;

    // Bands are made of 257 frequencies.
    private const int MaxInputs = 2000;

    // Distances above are those of ten minutes.
    private const int MaxDistance = 30_000;

    public W2vBertConfig()
    {
    }

    [SetsRequiredMembers]
    private W2vBertConfig(JsonFieldReader reader, FeatureExtractorSettings features)
        : base(reader, features, dropout: 0)
    {
        reader.RequireAbsent("use_intermediate_ffn_before_adapter");
        reader.Require("position_embeddings_type", "relative_key", "relative_key");
        Sizes = ConformerSizes.Parse(reader, "swish", LayerNormEpsilon);
        int inputs = reader.PositiveInt("feature_projection_input_dim", 160, MaxInputs);
        Mels = inputs % Stacked == 0 ? inputs / Stacked
            : throw reader.Wrong("feature_projection_input_dim", "an even number: two stacked frames", $"{inputs}");
        MaxLeft = reader.PositiveInt("left_max_position_embeddings", 64, MaxDistance);
        MaxRight = reader.PositiveInt("right_max_position_embeddings", 8, MaxDistance);
    }

    public ConformerSizes Sizes { get; init; } = ConformerSizes.Published;

    /// <summary>Mel bands of a 10 ms frame.</summary>
    public int Mels { get; init; } = 80;

    public int MaxLeft { get; init; } = 64;

    public int MaxRight { get; init; } = 8;

    public override long? MaxSamples => null;

    public override long MinSamples => KaldiSpectrogram.SamplesOf(Stacked);

    public override int Hop => KaldiSpectrogram.Hop * Stacked;

    internal override EncoderParameterGroups Groups => new(
        FrontEnd: ["masked_spec_embed"],
        Projection: ["feature_projection"],
        Optional: [],
        Layers: LayerNames,
        FinalNorm: []);

    public override IReadOnlyList<string> AdaptableLinears => ConformerSizes.Linears;

    public override long FrameCount(long samples) => KaldiSpectrogram.FramesOf(samples) / Stacked;

    /// <summary>Reads a <c>config.json</c>.</summary>
    public static W2vBertConfig Parse(JsonFieldReader reader, FeatureExtractorSettings features) =>
        new(reader, features);
}
