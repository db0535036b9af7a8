using SpeechML.Encoders.Layers;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Families.Ssl;

/// <summary>
/// From the front end's channels to the transformer's width: norm (DistilHuBERT has none), linear map, dropout.
/// </summary>
internal sealed class FeatureProjection : nn.Module
{
    private readonly double _dropout;

    [ComponentName(Name = "layer_norm")]
    private readonly LayerNormalization? _norm;

    [ComponentName(Name = "projection")]
    private readonly Projection _projection;

    public FeatureProjection(SslConfig config)
        : base("feature_projection")
    {
        _dropout = config.ProjectionDropout;
        _norm = config.ProjectionNorm ? new LayerNormalization(config.ConvChannels[^1], config.LayerNormEpsilon) : null;
        _projection = new Projection(config.ConvChannels[^1], config.HiddenSize);
    }

    /// <summary>From (batch, channels, frames) to (batch, frames, hidden).</summary>
    public Tensor Run(Tensor frames)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor perFrame = frames.transpose(1, 2);
        Tensor projected = _projection.forward(_norm is null ? perFrame : _norm.forward(perFrame));
        return TensorMath.Dropout(projected, _dropout, training).MoveToOuterDisposeScope();
    }
}
