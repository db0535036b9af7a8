using SpeechML.Encoders.Kernels;
using SpeechML.Encoders.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Layers;

/// <summary>
/// Scaled dot-product self-attention of several heads (Vaswani et al. 2017). What its linear maps are called and how
/// it learns where a frame is, kinds of it say.
/// </summary>
internal abstract class HeadedAttention : SelfAttention
{
    private readonly double _dropout;

    /// <param name="hidden">Size of a frame's vector.</param>
    /// <param name="heads">Heads; must divide <paramref name="hidden"/>.</param>
    /// <param name="dropout">Probability of dropping a softmax weight in training.</param>
    protected HeadedAttention(long hidden, long heads, double dropout)
        : base("attention")
    {
        _dropout = dropout;
        Heads = heads;
        HeadSize = hidden / heads;
    }

    protected abstract Projection Query { get; }

    protected abstract Projection Key { get; }

    protected abstract Projection Value { get; }

    protected abstract Projection Output { get; }

    protected long Heads { get; }

    protected long HeadSize { get; }

    /// <summary>What scores are multiplied with.</summary>
    protected double Scale => Math.Pow(HeadSize, -0.5);

    private bool DropsWeights => training && _dropout > 0;

    /// <inheritdoc/>
    public override Tensor Attend(Tensor hidden, Tensor? keyMask, Tensor? positions)
    {
        using DisposeScope scope = NewDisposeScope();
        hidden = Query.Take(hidden);
        Tensor values = Attended(Value.forward(hidden)), context;
        // Fused attention is slower than the plain form with dropout, or with a bias that needs a gradient.
        if (DropsWeights || NeedsBiasGradient(hidden, positions))
        {
            Tensor weights = AttentionWeights(hidden, keyMask, positions);
            (Tensor kept, ulong? key) = TensorMath.Dropped(weights, _dropout, training);
            context = MatrixProducts.Batched(Reduced.As(kept, values.dtype), PerHead(values),
                key is null ? null : new Remade(weights, Gelu: false, key, _dropout));
        }
        else
        {
            Tensor seen = Positioned(hidden, positions);
            Tensor queries = Attended(Query.forward(seen)), keys = Attended(Key.forward(seen));
            if (!NeedsGradient(queries, keys, values) && AttentionKernel.CanRun(queries, Heads))
            {
                return Output.forward(AttentionKernel.Run(
                    ForContent(queries), keys, values, (int)Heads, SharedBias(positions), BiasGate(hidden), keyMask,
                    BiasByDistance(queries, positions))).MoveToOuterDisposeScope();
            }
            Tensor? bias = ScoreBias(hidden, queries, positions);
            Tensor query = PerHead(ForContent(queries)), key = PerHead(keys), value = PerHead(values);
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
    public override Tensor AttentionWeights(Tensor hidden, Tensor? keyMask, Tensor? positions)
    {
        using DisposeScope scope = NewDisposeScope();
        hidden = Query.Take(hidden);
        Tensor seen = Positioned(hidden, positions);
        Tensor queries = Attended(Query.forward(seen));
        Tensor query = PerHead(ForContent(queries)).mul(Scalars.Of(Scale));
        Tensor scores = MatrixProducts.Batched(query, PerHead(Attended(Key.forward(seen))).transpose(2, 3));
        scores = AddScoreBias(scores, hidden, queries, positions);
        if (keyMask is not null)
        {
            scores = TensorMath.Add(scores, keyMask);
        }
        return Reduced.Widen(scores).softmax(-1).MoveToOuterDisposeScope();
    }

    /// <summary>What queries and keys are made of: the layer's input, turned where positions are turns.</summary>
    protected virtual Tensor Positioned(Tensor hidden, Tensor? positions) => hidden;

    /// <summary>The queries (batch, frames, hidden) that meet the keys.</summary>
    protected virtual Tensor ForContent(Tensor queries) => queries;

    /// <summary>Whether a gradient must pass through <see cref="ScoreBias"/>.</summary>
    protected virtual bool NeedsBiasGradient(Tensor hidden, Tensor? positions) => false;

    /// <summary>
    /// A fresh and contiguous bias for the scaled scores, (batch, heads, frames, frames); <see langword="null"/> for
    /// none.
    /// </summary>
    protected virtual Tensor? ScoreBias(Tensor hidden, Tensor queries, Tensor? positions) => null;

    /// <summary>
    /// The part of the bias that all clips share, (heads, frames, frames); <see langword="null"/> for kinds without
    /// one.
    /// </summary>
    protected virtual Tensor? SharedBias(Tensor? positions) => null;

    /// <summary>
    /// What each query multiplies the shared bias with, (batch, heads, frames, 1); <see langword="null"/> for kinds
    /// without one.
    /// </summary>
    protected virtual Tensor? BiasGate(Tensor hidden) => null;

    /// <summary>
    /// The bias of each query and distance, (batch, heads, frames, 2 · frames - 1), that of key k and query q in column
    /// k - q + frames - 1; <see langword="null"/> for kinds without one.
    /// </summary>
    protected virtual Tensor? BiasByDistance(Tensor queries, Tensor? positions) => null;

    /// <summary>The scores, (batch, heads, frames, frames), with the bias of this kind of attention.</summary>
    protected virtual Tensor AddScoreBias(Tensor scores, Tensor hidden, Tensor queries, Tensor? positions)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor? bias = ScoreBias(hidden, queries, positions);
        return (bias is null ? scores.alias() : TensorMath.Add(scores, bias)).MoveToOuterDisposeScope();
    }

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
        return Output.forward(context.transpose(1, 2).reshape(context.shape[0], context.shape[2], Heads * HeadSize))
            .MoveToOuterDisposeScope();
    }

    /// <summary>(batch, frames, hidden) seen as (batch, heads, frames, head size).</summary>
    protected Tensor PerHead(Tensor projected) =>
        projected.view(projected.shape[0], projected.shape[1], Heads, HeadSize).transpose(1, 2);
}
