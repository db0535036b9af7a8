using SpeechML.Encoders.Families.Ssl;
using SpeechML.Encoders.Layers;
using SpeechML.Encoders.Native;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Families.Conformer;

/// <summary>
/// A conformer layer (Gulati et al. 2020): half a feed-forward, attention, convolution, half a feed-forward, norm. Each
/// part is added to its input.
/// </summary>
internal sealed class ConformerLayer : EncoderLayer
{
    private readonly double _dropout;

    [ComponentName(Name = "ffn1_layer_norm")]
    private readonly LayerNormalization _firstNorm;

    [ComponentName(Name = "ffn1")]
    private readonly FeedForward _first;

    [ComponentName(Name = "self_attn_layer_norm")]
    private readonly LayerNormalization _attentionNorm;

    [ComponentName(Name = "self_attn")]
    private readonly SelfAttention _attention;

    [ComponentName(Name = "conv_module")]
    private readonly ConvolutionModule _convolution;

    [ComponentName(Name = "ffn2_layer_norm")]
    private readonly LayerNormalization _secondNorm;

    [ComponentName(Name = "ffn2")]
    private readonly FeedForward _second;

    [ComponentName(Name = "final_layer_norm")]
    private readonly LayerNormalization _finalNorm;

    /// <param name="config">The transformer's facts.</param>
    /// <param name="sizes">The conformer's.</param>
    /// <param name="attention">The attention.</param>
    /// <param name="convolution">The convolution.</param>
    public ConformerLayer(
        TransformerConfig config, ConformerSizes sizes, SelfAttention attention, ConvolutionModule convolution)
        : base("layer")
    {
        _dropout = config.HiddenDropout;
        _firstNorm = new LayerNormalization(config.HiddenSize, sizes.Epsilon);
        _first = new FeedForward(config, sizes.Activation);
        _attentionNorm = new LayerNormalization(config.HiddenSize, sizes.Epsilon);
        _attention = attention;
        _convolution = convolution;
        _secondNorm = new LayerNormalization(config.HiddenSize, sizes.Epsilon);
        _second = new FeedForward(config, sizes.Activation);
        _finalNorm = new LayerNormalization(config.HiddenSize, sizes.Epsilon);
    }

    public override SelfAttention Attention => _attention;

    public ConvolutionModule Convolution => _convolution;

    public override Tensor AttentionInput(Tensor hidden)
    {
        using DisposeScope scope = NewDisposeScope();
        return _attentionNorm.forward(AfterFirst(hidden)).MoveToOuterDisposeScope();
    }

    public override Tensor Run(Tensor hidden, Tensor? keyMask, Tensor? positions)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor current = AfterFirst(hidden);
        Tensor attended = _attention.Attend(_attentionNorm.forward(current), keyMask, positions);
        current = TensorMath.Add(TensorMath.Dropout(attended, _dropout, training), current);
        current = TensorMath.Add(_convolution.Run(current, PaddedFrames(keyMask)), current);
        return _finalNorm.forward(Half(SecondFeedForward(current), current)).MoveToOuterDisposeScope();
    }

    /// <summary>The first feed-forward's output, before it is halved and added.</summary>
    internal Tensor FirstFeedForward(Tensor hidden)
    {
        using DisposeScope scope = NewDisposeScope();
        return _first.Run(_firstNorm.forward(hidden)).MoveToOuterDisposeScope();
    }

    /// <summary>The second feed-forward's output, before it is halved and added.</summary>
    internal Tensor SecondFeedForward(Tensor hidden)
    {
        using DisposeScope scope = NewDisposeScope();
        return _second.Run(_secondNorm.forward(hidden)).MoveToOuterDisposeScope();
    }

    /// <summary>True where a key is masked, (batch, frames, 1); <see langword="null"/> for nowhere.</summary>
    private static Tensor? PaddedFrames(Tensor? keyMask) =>
        keyMask?.lt(Scalars.Of(0)).view(keyMask.shape[0], keyMask.shape[3], 1);

    private Tensor AfterFirst(Tensor hidden)
    {
        using DisposeScope scope = NewDisposeScope();
        return Half(FirstFeedForward(hidden), hidden).MoveToOuterDisposeScope();
    }

    /// <summary>Half of a fresh result, and all of what it is added to.</summary>
    private static Tensor Half(Tensor owned, Tensor other) =>
        owned.requires_grad || other.requires_grad ? other.add(owned, Scalars.Of(0.5))
            : owned.mul_(Scalars.Of(0.5)).add_(other, Scalars.Of(1));
}
