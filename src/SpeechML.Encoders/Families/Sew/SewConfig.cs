using System.Diagnostics.CodeAnalysis;
using SpeechML.Encoders.Checkpoints;
using SpeechML.Encoders.Families.Ssl;

namespace SpeechML.Encoders.Families.Sew;

/// <summary>The facts of a SEW encoder.</summary>
internal sealed record SewConfig : WaveformConfig
{
    // The published encoders squeeze by 2; a frame of so many is 20 s.
    private const int MaxSqueeze = 1000;

    private static readonly string[] s_linears =
        ["q_proj", "k_proj", "v_proj", "out_proj", "intermediate_dense", "output_dense"];

    public SewConfig()
    {
    }

    [SetsRequiredMembers]
    private SewConfig(JsonFieldReader reader, FeatureExtractorSettings features)
        : base(reader, features)
    {
        reader.Require("hidden_act", "gelu", "gelu");
        Squeeze = reader.PositiveInt("squeeze_factor", 2, MaxSqueeze);
    }

    /// <summary>Frames of the front end that become one of the transformer.</summary>
    public int Squeeze { get; init; } = 2;

    /// <summary>A map between front end and transformer, which are not equally wide.</summary>
    public bool HasProjection => ConvChannels[^1] != HiddenSize;

    /// <summary>One frame of the transformer.</summary>
    public override long MinSamples => SamplesOf(Squeeze);

    internal override EncoderParameterGroups Groups => new(
        FrontEnd: ["feature_extractor", "masked_spec_embed"],
        Projection: ["layer_norm", "feature_projection"],
        Optional: ["encoder.pos_conv_embed", "encoder.layer_norm", "encoder.upsample"],
        Layers: LayerNames,
        FinalNorm: [])
    {
        AboveLayers = ["encoder.upsample"],
    };

    public override IReadOnlyList<string> AdaptableLinears => s_linears;

    /// <summary>Reads a <c>config.json</c>.</summary>
    public static SewConfig Parse(JsonFieldReader reader, FeatureExtractorSettings features) => new(reader, features);
}
