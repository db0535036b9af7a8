using SpeechML.Encoders.Layers;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Families.Whisper;

/// <summary>A pre-norm transformer layer with Whisper's names.</summary>
internal sealed class WhisperLayer : EncoderLayer
{
    private readonly double _dropout;
    private readonly double _activationDropout;

    [ComponentName(Name = "self_attn")]
    private readonly SelfAttention _attention;

    [ComponentName(Name = "self_attn_layer_norm")]
    private readonly LayerNormalization _attentionNorm;

    [ComponentName(Name = "fc1")]
    private readonly Projection _up;

    [ComponentName(Name = "fc2")]
    private readonly Projection _down;

    [ComponentName(Name = "final_layer_norm")]
    private readonly LayerNormalization _feedForwardNorm;

    public WhisperLayer(WhisperConfig config, SelfAttention attention)
        : base("layer")
    {
        _dropout = config.Dropout;
        _activationDropout = config.ActivationDropout;
        _attention = attention;
        _attentionNorm = new LayerNormalization(config.HiddenSize, WhisperConfig.LayerNormEpsilon);
        _up = new Projection(config.HiddenSize, config.FeedForwardSize);
        _down = new Projection(config.FeedForwardSize, config.HiddenSize);
        _feedForwardNorm = new LayerNormalization(config.HiddenSize, WhisperConfig.LayerNormEpsilon);
    }

    public override SelfAttention Attention => _attention;

    public override Tensor AttentionInput(Tensor hidden) => _attentionNorm.forward(hidden);

    public override Tensor Run(Tensor hidden, Tensor? keyMask, Tensor? positions)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor attended = _attention.Attend(AttentionInput(hidden), keyMask, positions);
        attended = TensorMath.Add(TensorMath.Dropout(attended, _dropout, training), hidden);
        return TensorMath.Add(FeedForward(attended), attended).MoveToOuterDisposeScope();
    }

    private Tensor FeedForward(Tensor hidden)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor inner = Activation.Gelu.Between(
            _up, _down, _feedForwardNorm.forward(hidden), _activationDropout, training);
        return TensorMath.Dropout(inner, _dropout, training).MoveToOuterDisposeScope();
    }
}
