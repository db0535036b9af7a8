using SpeechML.Encoders.Layers;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Families.Ssl;

/// <summary>
/// wav2vec 2.0 (Baevski et al. 2020) and what is built like it: HuBERT (Hsu et al. 2021), WavLM (Chen et al. 2022),
/// UniSpeech (Wang et al. 2021), UniSpeech-SAT (Chen et al. 2021) and data2vec (Baevski et al. 2022). They differ in
/// their config, their attention and their positions.
/// </summary>
internal sealed class SslEncoder : WaveformEncoder
{
    [ComponentName(Name = "feature_extractor")]
    private readonly ConvFrontEnd _frontEnd;

    [ComponentName(Name = "feature_projection")]
    private readonly FeatureProjection _projection;

    [ComponentName(Name = "masked_spec_embed")]
    private readonly Parameter? _maskedEmbedding;

    [ComponentName(Name = "encoder")]
    private readonly SslTransformer _transformer;

    /// <param name="config">The encoder's facts.</param>
    /// <param name="source">Where the facts are from.</param>
    /// <param name="layers">Layers to build.</param>
    /// <param name="attention">Makes the attention of a layer.</param>
    /// <param name="positions">What tells the transformer where a frame is.</param>
    public SslEncoder(
        SslConfig config, EncoderSource source, int layers, Func<int, SelfAttention> attention,
        PositionalEmbedding positions)
        : base(config, source, layers)
    {
        _frontEnd = new ConvFrontEnd(config);
        _projection = new FeatureProjection(config.ConvChannels[^1], config, config.ProjectionNorm);
        _maskedEmbedding = config.HasMaskedEmbedding ? Weights.Empty(config.HiddenSize) : null;
        _transformer = new SslTransformer(config, layers, attention, positions);
        RegisterComponents();
    }

    internal override ConvFrontEnd FrontEnd => _frontEnd;

    internal override IReadOnlyList<EncoderLayer> Layers => _transformer.Layers;

    internal SslTransformer Transformer => _transformer;

    protected override Parameter? MaskedEmbedding => _maskedEmbedding;

    /// <inheritdoc/>
    internal override Tensor Project(Tensor frames) => _projection.Run(frames.transpose(1, 2));

    /// <inheritdoc/>
    protected override Tensor EmbedFrames(Tensor projected, Tensor? padded) => _transformer.Embed(projected, padded);

    /// <inheritdoc/>
    protected override Tensor Finish(Tensor hidden, long[] lengths) => _transformer.Finish(hidden);
}
