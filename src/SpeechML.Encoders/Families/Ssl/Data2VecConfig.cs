using System.Diagnostics.CodeAnalysis;
using SpeechML.Encoders.Checkpoints;

namespace SpeechML.Encoders.Families.Ssl;

/// <summary>
/// The facts of a data2vec audio encoder (Baevski et al. 2022): wav2vec 2.0's, with several small positional
/// convolutions. The front end always has layer norms, the layers have theirs after.
/// </summary>
internal sealed record Data2VecConfig : SslConfig
{
    public Data2VecConfig() => GroupNorm = false;

    [SetsRequiredMembers]
    private Data2VecConfig(JsonFieldReader reader, FeatureExtractorSettings features)
        : base(reader, features, groupNorm: false)
    {
        PositionalLayers = reader.PositiveInt("num_conv_pos_embeddings", 5, MaxLayers);
        PositionalKernel = reader.PositiveInt("conv_pos_kernel_size", 19);
    }

    /// <summary>Positional convolutions, one after the other.</summary>
    public int PositionalLayers { get; init; } = 5;

    /// <summary>Reads a <c>config.json</c>.</summary>
    public static new Data2VecConfig Parse(JsonFieldReader reader, FeatureExtractorSettings features) =>
        new(reader, features);
}
