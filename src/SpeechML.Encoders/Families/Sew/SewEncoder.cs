using SpeechML.Encoders.Families.Ssl;
using SpeechML.Encoders.Layers;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Families.Sew;

/// <summary>
/// SEW, squeezed and efficient wav2vec (Wu et al. 2022, "Performance-Efficiency Trade-offs in Unsupervised Pre-training
/// for Speech Recognition"): the transformer sees the mean of several frames; each of its results becomes as many.
/// </summary>
internal sealed class SewEncoder : WaveformEncoder
{
    private readonly SewConfig _config;

    [ComponentName(Name = "feature_extractor")]
    private readonly ConvFrontEnd _frontEnd;

    [ComponentName(Name = "layer_norm")]
    private readonly LayerNormalization _norm;

    [ComponentName(Name = "feature_projection")]
    private readonly Projection? _projection;

    [ComponentName(Name = "masked_spec_embed")]
    private readonly Parameter? _maskedEmbedding;

    [ComponentName(Name = "encoder")]
    private readonly SewTransformer _transformer;

    /// <param name="config">The encoder's facts.</param>
    /// <param name="source">Where the facts are from.</param>
    /// <param name="layers">Layers to build.</param>
    /// <param name="attention">Makes the attention of a layer.</param>
    public SewEncoder(SewConfig config, EncoderSource source, int layers, Func<int, SelfAttention> attention)
        : base(config, source, layers)
    {
        _config = config;
        _frontEnd = new ConvFrontEnd(config);
        _norm = new LayerNormalization(config.ConvChannels[^1], config.LayerNormEpsilon);
        _projection = config.HasProjection ? new Projection(config.ConvChannels[^1], config.HiddenSize) : null;
        _maskedEmbedding = config.HasMaskedEmbedding ? Weights.Empty(config.HiddenSize) : null;
        _transformer = new SewTransformer(config, layers, attention);
        RegisterComponents();
    }

    internal override ConvFrontEnd FrontEnd => _frontEnd;

    internal override IReadOnlyList<EncoderLayer> Layers => _transformer.Layers;

    internal SewTransformer Transformer => _transformer;

    protected override Parameter? MaskedEmbedding => _maskedEmbedding;

    /// <inheritdoc/>
    public override long AttendedFrames(long validFrames) => validFrames / _config.Squeeze;

    /// <summary>
    /// Frames of hidden states are repeated, as often as the squeeze made one of them; those of a rest that was dropped
    /// are not valid.
    /// </summary>
    public override (Tensor Frames, long[] Lengths) FramesOf(Tensor state, long[] lengths, bool isLast = false)
    {
        ArgumentNullException.ThrowIfNull(lengths);
        if (isLast)
        {
            return base.FramesOf(state, lengths, isLast);
        }
        using DisposeScope scope = NewDisposeScope();
        Tensor repeated = SewTransformer.Resize(
            state.unsqueeze(2).expand(-1, -1, _config.Squeeze, -1)
                .reshape(state.shape[0], state.shape[1] * _config.Squeeze, state.shape[2]), lengths.Max());
        return (repeated.MoveToOuterDisposeScope(),
            [.. lengths.Select(n => AttendedFrames(n) * _config.Squeeze)]);
    }

    /// <inheritdoc/>
    internal override Tensor Project(Tensor frames)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor normed = _norm.forward(frames.transpose(1, 2));
        Tensor projected = _projection is null ? normed : _projection.forward(normed);
        return TensorMath.Dropout(projected, _config.ProjectionDropout, training).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override Tensor EmbedFrames(Tensor projected, Tensor? padded) => _transformer.Embed(projected);

    /// <inheritdoc/>
    protected override Tensor Finish(Tensor hidden, long[] lengths) => _transformer.Finish(hidden, lengths);
}
