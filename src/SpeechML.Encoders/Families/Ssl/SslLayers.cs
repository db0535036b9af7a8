using SpeechML.Encoders.Layers;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Families.Ssl;

/// <summary>The parts of a layer, which the two orders of norms share.</summary>
internal abstract class SslLayer : EncoderLayer
{
    [ComponentName(Name = "attention")]
    private readonly SelfAttention _attention;

    [ComponentName(Name = "layer_norm")]
    private readonly LayerNormalization _norm;

    [ComponentName(Name = "feed_forward")]
    private readonly FeedForward _feedForward;

    [ComponentName(Name = "final_layer_norm")]
    private readonly LayerNormalization _finalNorm;

    private readonly double _dropout;

    protected SslLayer(TransformerConfig config, SelfAttention attention)
        : base("layer")
    {
        _attention = attention;
        _norm = new LayerNormalization(config.HiddenSize, config.LayerNormEpsilon);
        _feedForward = new FeedForward(config, Activation.Gelu);
        _finalNorm = new LayerNormalization(config.HiddenSize, config.LayerNormEpsilon);
        _dropout = config.HiddenDropout;
    }

    public override SelfAttention Attention => _attention;

    public LayerNormalization Norm => _norm;

    protected LayerNormalization FinalNorm => _finalNorm;

    public FeedForward FeedForward => _feedForward;

    /// <summary>The attention's output with dropout.</summary>
    protected Tensor Attend(Tensor hidden, Tensor? keyMask, Tensor? positions) =>
        TensorMath.Dropout(_attention.Attend(hidden, keyMask, positions), _dropout, training);
}

/// <summary>Norms after each residual sum (the base models).</summary>
internal sealed class PostNormLayer(TransformerConfig config, SelfAttention attention) : SslLayer(config, attention)
{
    public override Tensor AttentionInput(Tensor hidden) => hidden.alias();

    public override Tensor Run(Tensor hidden, Tensor? keyMask, Tensor? positions)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor attended = Norm.forward(TensorMath.Add(Attend(hidden, keyMask, positions), hidden));
        return FinalNorm.forward(TensorMath.Add(FeedForward.Run(attended), attended)).MoveToOuterDisposeScope();
    }
}

/// <summary>
/// Norms before attention and feed-forward, the residual stream untouched (<c>do_stable_layer_norm</c>, the large
/// models).
/// </summary>
internal sealed class PreNormLayer(TransformerConfig config, SelfAttention attention) : SslLayer(config, attention)
{
    public override Tensor AttentionInput(Tensor hidden) => Norm.forward(hidden);

    public override Tensor Run(Tensor hidden, Tensor? keyMask, Tensor? positions)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor attended = TensorMath.Add(Attend(AttentionInput(hidden), keyMask, positions), hidden);
        return TensorMath.Add(FeedForward.Run(FinalNorm.forward(attended)), attended).MoveToOuterDisposeScope();
    }
}
