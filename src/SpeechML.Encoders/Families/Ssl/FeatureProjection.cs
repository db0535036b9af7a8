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

    /// <param name="inputs">The front end's channels.</param>
    /// <param name="config">The transformer's width, the norm's epsilon, the probability of dropout.</param>
    /// <param name="norm">Whether there is a norm.</param>
    public FeatureProjection(long inputs, TransformerConfig config, bool norm = true)
        : base("feature_projection")
    {
        _dropout = config.ProjectionDropout;
        _norm = norm ? new LayerNormalization(inputs, config.LayerNormEpsilon) : null;
        _projection = new Projection(inputs, config.HiddenSize);
    }

    /// <summary>A weight, to know the device and type of the encoder by.</summary>
    public Tensor AnyWeight => _projection.WeightForm;

    /// <summary>From (batch, frames, channels) to (batch, frames, hidden).</summary>
    public Tensor Run(Tensor frames)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor projected = _projection.forward(_norm is null ? frames : _norm.forward(frames));
        return TensorMath.Dropout(projected, _dropout, training).MoveToOuterDisposeScope();
    }
}
