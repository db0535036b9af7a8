using SpeechML.Encoders.Families.Ssl;
using SpeechML.Encoders.Layers;
using SpeechML.Encoders.Native;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Families.Conformer;

/// <summary>wav2vec 2.0 with conformer layers (Wang et al. 2020, fairseq S2T).</summary>
internal sealed class ConformerEncoder : WaveformEncoder
{
    [ComponentName(Name = "feature_extractor")]
    private readonly ConvFrontEnd _frontEnd;

    [ComponentName(Name = "feature_projection")]
    private readonly FeatureProjection _projection;

    [ComponentName(Name = "masked_spec_embed")]
    private readonly Parameter? _maskedEmbedding;

    [ComponentName(Name = "encoder")]
    private readonly ConformerTransformer _transformer;

    /// <param name="config">The encoder's facts.</param>
    /// <param name="source">Where the facts are from.</param>
    /// <param name="layers">Layers to build.</param>
    public ConformerEncoder(ConformerConfig config, EncoderSource source, int layers)
        : base(config, source, layers)
    {
        _frontEnd = new ConvFrontEnd(config);
        _projection = new FeatureProjection(config.ConvChannels[^1], config);
        _maskedEmbedding = config.HasMaskedEmbedding ? Weights.Empty(config.HiddenSize) : null;
        _transformer = new ConformerTransformer(config, layers);
        RegisterComponents();
    }

    internal override ConvFrontEnd FrontEnd => _frontEnd;

    internal override IReadOnlyList<EncoderLayer> Layers => _transformer.Layers;

    protected override Parameter? MaskedEmbedding => _maskedEmbedding;

    /// <inheritdoc/>
    internal override Tensor Project(Tensor frames)
    {
        using DisposeScope scope = NewDisposeScope();
        return _projection.Run(frames.transpose(1, 2)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override Tensor EmbedFrames(Tensor projected, Tensor? padded) => _transformer.Embed(projected);

    /// <inheritdoc/>
    protected override Tensor Finish(Tensor hidden, long[] lengths) => _transformer.Finish(hidden);
}

/// <summary>What the checkpoints call <c>encoder</c>.</summary>
internal sealed class ConformerTransformer : nn.Module
{
    private readonly double _dropout;

    // In every checkpoint and used by no model.
    [ComponentName(Name = "pos_conv_embed")]
    private readonly PositionalConvolution _unused;

    [ComponentName(Name = "embed_positions")]
    private readonly RotaryPositions? _turns;

    [ComponentName(Name = "layers")]
    private readonly ModuleList<EncoderLayer> _layers;

    [ComponentName(Name = "layer_norm")]
    private readonly LayerNormalization? _norm;

    /// <param name="config">The encoder's facts.</param>
    /// <param name="layers">Layers to build.</param>
    public ConformerTransformer(ConformerConfig config, int layers)
        : base("encoder")
    {
        _dropout = config.HiddenDropout;
        _unused = new PositionalConvolution(config);
        _turns = config.IsRotary ? new RotaryPositions(config.HeadSize) : null;
        _layers = new ModuleList<EncoderLayer>([.. Enumerable.Range(0, layers).Select(_ => new ConformerLayer(
            config, config.Sizes, Attention(config), new SymmetricConvolution(config.HiddenSize, config.Sizes)))]);
        _norm = layers == config.LayerCount ? new LayerNormalization(config.HiddenSize, config.LayerNormEpsilon) : null;
    }

    public IReadOnlyList<EncoderLayer> Layers => [.. _layers];

    /// <summary>From projected frames to the input of the first layer.</summary>
    public Tensor Embed(Tensor projected) => TensorMath.Dropout(projected, _dropout, training).alias();

    /// <summary>From the last layer's output to <c>last_hidden_state</c>.</summary>
    public Tensor Finish(Tensor hidden) => _norm!.forward(hidden);

    private SelfAttention Attention(ConformerConfig config) => _turns is null
        ? new RelativeAttention(config.HiddenSize, config.Heads, config.AttentionDropout)
        : new RotaryAttention(config.HiddenSize, config.Heads, config.AttentionDropout, _turns.Of);

    /// <summary>Angles from one frame to the next; the checkpoint has them.</summary>
    private sealed class RotaryPositions : nn.Module
    {
        [ComponentName(Name = "inv_freq")]
        private readonly Tensor _rates;

        public RotaryPositions(long headSize)
            : base("embed_positions") => _rates = Weights.EmptyBuffer(ScalarType.Float32, headSize / 2);

        /// <summary>Cosines and sines, (2, frames, half a head).</summary>
        public Tensor Of(long frames)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor angles = Scalars.Range(frames, _rates.device).to(_rates.dtype).unsqueeze(1) * _rates;
            return stack([angles.cos(), angles.sin()]).MoveToOuterDisposeScope();
        }
    }
}
