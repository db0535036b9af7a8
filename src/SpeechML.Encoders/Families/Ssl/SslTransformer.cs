using SpeechML.Encoders.Layers;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Families.Ssl;

/// <summary>What checkpoints call <c>encoder</c>: positional convolution, layer norm, layers.</summary>
internal sealed class SslTransformer : nn.Module
{
    private readonly SslConfig _config;

    [ComponentName(Name = "pos_conv_embed")]
    private readonly PositionalEmbedding _positions;

    [ComponentName(Name = "layer_norm")]
    private readonly LayerNormalization? _norm;

    [ComponentName(Name = "layers")]
    private readonly ModuleList<EncoderLayer> _layers;

    /// <param name="config">The encoder's facts.</param>
    /// <param name="layers">Layers to build.</param>
    /// <param name="attention">Makes the attention of a layer.</param>
    /// <param name="positions">What tells it where a frame is.</param>
    public SslTransformer(
        SslConfig config, int layers, Func<int, SelfAttention> attention, PositionalEmbedding positions)
        : base("encoder")
    {
        _config = config;
        _positions = positions;
        // Pre-norm encoders have it after the last layer: without that layer it has nothing to do.
        _norm = !config.PreNorm || layers == config.LayerCount
            ? new LayerNormalization(config.HiddenSize, config.LayerNormEpsilon) : null;
        _layers = new ModuleList<EncoderLayer>([.. Enumerable.Range(0, layers).Select(layer =>
            config.PreNorm ? (EncoderLayer)new PreNormLayer(config, attention(layer))
                : new PostNormLayer(config, attention(layer)))]);
    }

    public PositionalEmbedding Positions => _positions;

    public IReadOnlyList<EncoderLayer> Layers => [.. _layers];

    /// <summary>From projected frames, padded ones being 0, to the input of the first layer.</summary>
    public Tensor Embed(Tensor projected, Tensor? padded)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = TensorMath.Add(_positions.Run(projected, padded), projected);
        if (!_config.PreNorm)
        {
            hidden = _norm!.forward(hidden);
        }
        hidden = Reduced.As(hidden, projected.dtype);
        return TensorMath.Dropout(hidden, _config.HiddenDropout, training).MoveToOuterDisposeScope();
    }

    /// <summary>From the last layer's output to <c>last_hidden_state</c>.</summary>
    public Tensor Finish(Tensor hidden) => _config.PreNorm ? _norm!.forward(hidden) : hidden.alias();
}
