using SpeechML.Encoders.Layers;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Families.Ssl;

/// <summary>Two linear maps with an activation between them.</summary>
internal sealed class FeedForward : nn.Module
{
    private readonly Activation _activation;
    private readonly double _activationDropout;
    private readonly double _outputDropout;

    [ComponentName(Name = "intermediate_dense")]
    private readonly Projection _up;

    [ComponentName(Name = "output_dense")]
    private readonly Projection _down;

    /// <param name="config">The sizes and probabilities of dropout.</param>
    /// <param name="activation">The function between the maps.</param>
    public FeedForward(TransformerConfig config, Activation activation)
        : base("feed_forward")
    {
        _activation = activation;
        _activationDropout = config.ActivationDropout;
        _outputDropout = config.HiddenDropout;
        _up = new Projection(config.HiddenSize, config.FeedForwardSize);
        _down = new Projection(config.FeedForwardSize, config.HiddenSize);
    }

    public Tensor Run(Tensor hidden)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor output = _activation.Between(_up, _down, hidden, _activationDropout, training);
        return TensorMath.Dropout(output, _outputDropout, training).MoveToOuterDisposeScope();
    }
}
