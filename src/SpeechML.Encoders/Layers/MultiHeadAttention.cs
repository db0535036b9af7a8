using SpeechML.Encoders.Kernels;
using SpeechML.Encoders.Native;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Layers;

/// <summary>Scaled dot-product self-attention (Vaswani et al. 2017) of HuBERT, wav2vec 2.0 and Whisper.</summary>
internal class MultiHeadAttention : SelfAttention
{
    private readonly double _dropout;

    [ComponentName(Name = "q_proj")]
    private readonly Projection _query;

    [ComponentName(Name = "k_proj")]
    private readonly Projection _key;

    [ComponentName(Name = "v_proj")]
    private readonly Projection _value;

    [ComponentName(Name = "out_proj")]
    private readonly Projection _output;

    /// <param name="hidden">Size of a frame's vector.</param>
    /// <param name="heads">Heads; must divide <paramref name="hidden"/>.</param>
    /// <param name="keyBias">Whisper's key projection has no bias.</param>
    /// <param name="dropout">Probability of dropping a softmax weight in training.</param>
    public MultiHeadAttention(long hidden, long heads, bool keyBias, double dropout)
        : base("attention")
    {
        _dropout = dropout;
        Heads = heads;
        HeadSize = hidden / heads;
        _query = new Projection(hidden, hidden);
        _key = new Projection(hidden, hidden, keyBias);
        _value = new Projection(hidden, hidden);
        _output = new Projection(hidden, hidden);
    }

    protected long Heads { get; }

    protected long HeadSize { get; }

    private bool DropsWeights => training && _dropout > 0;

    /// <inheritdoc/>
    public override Tensor Attend(Tensor hidden, Tensor? keyMask, Tensor? positionBias)
    {
        using DisposeScope scope = NewDisposeScope();
        hidden = _query.Take(hidden);
        Tensor values = Attended(_value.forward(hidden)), context;
        // Fused attention is slower than the plain form with dropout, or with a bias that needs a gradient.
        if (DropsWeights || NeedsBiasGradient(hidden, positionBias))
        {
            Tensor weights = TensorMath.Dropout(AttentionWeights(hidden, keyMask, positionBias), _dropout, training);
            context = MatrixProducts.Batched(Reduced.As(weights, values.dtype), PerHead(values));
        }
        else
        {
            Tensor queries = Attended(_query.forward(hidden)), keys = Attended(_key.forward(hidden));
            if (!NeedsGradient(queries, keys, values) && AttentionKernel.CanRun(queries, Heads))
            {
                return _output.forward(AttentionKernel.Run(
                    queries, keys, values, (int)Heads, positionBias, BiasGate(hidden), keyMask))
                    .MoveToOuterDisposeScope();
            }
            Tensor? bias = ScoreBias(hidden, positionBias);
            Tensor query = PerHead(queries), key = PerHead(keys), value = PerHead(values);
            if (!NeedsGradient(query, key, value) && MatrixProducts.CanAttend(query))
            {
                return Join(MatrixProducts.Attention(query, key, value, bias, keyMask)).MoveToOuterDisposeScope();
            }
            Tensor? mask = (bias, keyMask) switch
            {
                (null, _) => keyMask,
                (_, null) => bias,
                _ => bias.add_(keyMask, Scalars.Of(1)),
            };
            context = nn.functional.scaled_dot_product_attention(
                query, key, value, mask is null ? null : Reduced.As(mask, query.dtype));
        }
        return Join(context).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor AttentionWeights(Tensor hidden, Tensor? keyMask, Tensor? positionBias)
    {
        using DisposeScope scope = NewDisposeScope();
        hidden = _query.Take(hidden);
        Tensor query = PerHead(Attended(_query.forward(hidden))).mul(Scalars.Of(Math.Pow(HeadSize, -0.5)));
        Tensor scores = MatrixProducts.Batched(query, PerHead(Attended(_key.forward(hidden))).transpose(2, 3));
        scores = AddScoreBias(scores, hidden, positionBias);
        if (keyMask is not null)
        {
            scores = TensorMath.Add(scores, keyMask);
        }
        return Reduced.Widen(scores).softmax(-1).MoveToOuterDisposeScope();
    }

    /// <summary>Whether a gradient must pass through <see cref="ScoreBias"/>.</summary>
    protected virtual bool NeedsBiasGradient(Tensor hidden, Tensor? positionBias) => false;

    /// <summary>A fresh bias for the scores, (batch, heads, frames, frames); <see langword="null"/> for none.</summary>
    protected virtual Tensor? ScoreBias(Tensor hidden, Tensor? positionBias) => null;

    /// <summary>
    /// What each query multiplies the position bias with, (batch, heads, frames, 1); <see langword="null"/> for kinds
    /// without one.
    /// </summary>
    protected virtual Tensor? BiasGate(Tensor hidden) => null;

    /// <summary>The scores, (batch, heads, frames, frames), with the bias of this kind of attention.</summary>
    protected virtual Tensor AddScoreBias(Tensor scores, Tensor hidden, Tensor? positionBias) => scores;

    /// <summary>
    /// Queries, keys and values as attention takes them: on a CPU in float32, whose kernel takes a third of the time of
    /// torch's fused attention in bfloat16.
    /// </summary>
    private static Tensor Attended(Tensor projected) =>
        projected.device_type == DeviceType.CPU ? Reduced.Widen(projected) : projected;

    private static bool NeedsGradient(params ReadOnlySpan<Tensor> tensors)
    {
        foreach (Tensor tensor in tensors)
        {
            if (tensor.requires_grad)
            {
                return is_grad_enabled();
            }
        }
        return false;
    }

    /// <summary>From (batch, heads, frames, head size) to the attention's output (batch, frames, hidden).</summary>
    private Tensor Join(Tensor context)
    {
        using DisposeScope scope = NewDisposeScope();
        return _output.forward(context.transpose(1, 2).reshape(context.shape[0], context.shape[2], Heads * HeadSize))
            .MoveToOuterDisposeScope();
    }

    /// <summary>(batch, frames, hidden) seen as (batch, heads, frames, head size).</summary>
    protected Tensor PerHead(Tensor projected) =>
        projected.view(projected.shape[0], projected.shape[1], Heads, HeadSize).transpose(1, 2);
}
