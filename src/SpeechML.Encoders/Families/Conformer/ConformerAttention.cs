using SpeechML.Encoders.Layers;
using SpeechML.Encoders.Native;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Families.Conformer;

/// <summary>Self-attention with the names that conformers have.</summary>
internal abstract class ConformerAttention : HeadedAttention
{
    [ComponentName(Name = "linear_q")]
    private readonly Projection _query;

    [ComponentName(Name = "linear_k")]
    private readonly Projection _key;

    [ComponentName(Name = "linear_v")]
    private readonly Projection _value;

    [ComponentName(Name = "linear_out")]
    private readonly Projection _output;

    /// <param name="hidden">Size of a frame's vector.</param>
    /// <param name="heads">Heads; must divide <paramref name="hidden"/>.</param>
    /// <param name="dropout">Probability of dropping a softmax weight in training.</param>
    protected ConformerAttention(long hidden, long heads, double dropout)
        : base(hidden, heads, dropout)
    {
        _query = new Projection(hidden, hidden);
        _key = new Projection(hidden, hidden);
        _value = new Projection(hidden, hidden);
        _output = new Projection(hidden, hidden);
    }

    protected override Projection Query => _query;

    protected override Projection Key => _key;

    protected override Projection Value => _value;

    protected override Projection Output => _output;

    /// <summary>The bias of the scaled scores that positions give, (batch, heads, frames, frames).</summary>
    /// <param name="hidden">The attention's input.</param>
    /// <param name="positions">What <see cref="SelfAttention.Positions"/> gave.</param>
    internal Tensor? PositionBias(Tensor hidden, Tensor? positions)
    {
        using DisposeScope scope = NewDisposeScope();
        return ScoreBias(hidden, _query.forward(Positioned(hidden, positions)), positions)?.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override Tensor? ScoreBias(Tensor hidden, Tensor queries, Tensor? positions)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor? byDistance = BiasByDistance(queries, positions);
        return byDistance is null ? null : ByKey(byDistance).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>
    /// From scores by distance (…, frames, 2 · frames - 1) to scores by key (…, frames, frames), without a copy: row
    /// i of the result begins at column frames - 1 - i.
    /// </summary>
    private static Tensor ByKey(Tensor byDistance)
    {
        using DisposeScope scope = NewDisposeScope();
        (long batch, long heads, long frames) = (byDistance.shape[0], byDistance.shape[1], byDistance.shape[2]);
        if (frames == 1)
        {
            return byDistance.alias().MoveToOuterDisposeScope();
        }
        // Rows of one value less, from the last column of the first row on, begin one value earlier each.
        long row = (2 * frames) - 2;
        return byDistance.contiguous().view(batch, heads, frames * (row + 1)).narrow(2, frames - 1, frames * row)
            .view(batch, heads, frames, row).narrow(3, 0, frames).MoveToOuterDisposeScope();
    }
}

/// <summary>Attention whose queries and keys are turned by their position (Su et al. 2021).</summary>
internal sealed class RotaryAttention : ConformerAttention
{
    private readonly Func<long, Tensor> _turns;

    /// <param name="hidden">Size of a frame's vector.</param>
    /// <param name="heads">Heads of an even size.</param>
    /// <param name="dropout">Probability of dropping a softmax weight in training.</param>
    /// <param name="turns">Cosines and sines of so many frames (2, frames, half a head).</param>
    public RotaryAttention(long hidden, long heads, double dropout, Func<long, Tensor> turns)
        : base(hidden, heads, dropout) => _turns = turns;

    /// <inheritdoc/>
    public override Tensor? Positions(long frames) => _turns(frames);

    /// <summary>
    /// The layer's input, in pieces of a head's size: value i and value i + half of each are turned together. What is
    /// turned is the input of the maps, not what they give (modeling_wav2vec2_conformer.py of Hugging Face
    /// transformers).
    /// </summary>
    protected override Tensor Positioned(Tensor hidden, Tensor? positions)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] halves = hidden.view(hidden.shape[0], hidden.shape[1], Heads, 2, HeadSize / 2).unbind(3);
        Tensor cosines = positions!.select(0, 0).unsqueeze(1), sines = positions.select(0, 1).unsqueeze(1);
        Tensor first = (halves[0] * cosines).sub(halves[1] * sines);
        Tensor second = (halves[1] * cosines).Plus(halves[0] * sines);
        return stack([first, second], 3).view(hidden.shape).MoveToOuterDisposeScope();
    }
}

/// <summary>
/// Attention that also scores the distance (Dai et al. 2019, Transformer-XL; modeling_wav2vec2_conformer.py of Hugging
/// Face transformers): <c>(q + u) · k + (q + v) · p</c>, p being a linear map of the distance's sinusoids.
/// </summary>
internal sealed class RelativeAttention : ConformerAttention
{
    /// <summary>Of the sinusoids' rates.</summary>
    public const double Base = 10000;

    private readonly long _hidden;

    [ComponentName(Name = "linear_pos")]
    private readonly Projection _distance;

    [ComponentName(Name = "pos_bias_u")]
    private readonly TorchSharp.Modules.Parameter _contentBias;

    [ComponentName(Name = "pos_bias_v")]
    private readonly TorchSharp.Modules.Parameter _distanceBias;

    /// <inheritdoc cref="ConformerAttention(long, long, double)"/>
    public RelativeAttention(long hidden, long heads, double dropout)
        : base(hidden, heads, dropout)
    {
        _hidden = hidden;
        _distance = new Projection(hidden, hidden, bias: false);
        _contentBias = Weights.Empty(heads, HeadSize);
        _distanceBias = Weights.Empty(heads, HeadSize);
    }

    /// <summary>
    /// Sinusoids (2 · frames - 1, hidden) of the distances query - key, from the greatest down: sines at even, cosines
    /// at odd channels. In double precision, because an angle is as many radians as there are frames.
    /// </summary>
    public override Tensor? Positions(long frames)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor distances = Scalars.Range(1 - frames, frames, _distance.WeightForm.device).neg().to(ScalarType.Float64);
        Tensor rates = (Scalars.Range(_hidden / 2, _distance.WeightForm.device).to(ScalarType.Float64)
            * Scalars.Of(-2 * Math.Log(Base) / _hidden)).exp();
        Tensor angles = distances.unsqueeze(1) * rates;
        return stack([angles.sin(), angles.cos()], 2).view(-1, _hidden).to(_distance.WeightForm.dtype)
            .MoveToOuterDisposeScope();
    }

    protected override Tensor ForContent(Tensor queries) => With(queries, _contentBias);

    protected override bool NeedsBiasGradient(Tensor hidden, Tensor? positions) =>
        is_grad_enabled() && (hidden.requires_grad || parameters().Any(p => p.requires_grad));

    protected override Tensor? BiasByDistance(Tensor queries, Tensor? positions)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor distances = Reduced.As(_distance.forward(positions!), queries.dtype).view(1, -1, Heads, HeadSize)
            .permute(0, 2, 3, 1).expand(queries.shape[0], -1, -1, -1);
        Tensor query = PerHead(With(queries, _distanceBias)).mul(Scalars.Of(Scale));
        return Kernels.MatrixProducts.Batched(query, distances).MoveToOuterDisposeScope();
    }

    private static Tensor With(Tensor queries, Tensor bias) => queries.Plus(Reduced.As(bias.view(-1), queries.dtype));
}

/// <summary>
/// Attention that scores the distance by an embedding, which the heads share (Shaw et al. 2018;
/// modeling_wav2vec2_bert.py of Hugging Face transformers, <c>relative_key</c>).
/// </summary>
internal sealed class DistanceAttention : ConformerAttention
{
    private readonly long _left;
    private readonly long _right;

    [ComponentName(Name = "distance_embedding")]
    private readonly DistanceTable _table;

    /// <param name="hidden">Size of a frame's vector.</param>
    /// <param name="heads">Heads; must divide <paramref name="hidden"/>.</param>
    /// <param name="dropout">Probability of dropping a softmax weight in training.</param>
    /// <param name="left">Greatest distance of a key before the query that is told from greater ones.</param>
    /// <param name="right">The same of a key after it.</param>
    public DistanceAttention(long hidden, long heads, double dropout, long left, long right)
        : base(hidden, heads, dropout)
    {
        (_left, _right) = (left, right);
        _table = new DistanceTable(left + 1 + right, HeadSize);
    }

    protected override bool NeedsBiasGradient(Tensor hidden, Tensor? positions) =>
        is_grad_enabled() && (hidden.requires_grad || parameters().Any(p => p.requires_grad));

    protected override Tensor? BiasByDistance(Tensor queries, Tensor? positions)
    {
        using DisposeScope scope = NewDisposeScope();
        long frames = queries.shape[1];
        Tensor query = PerHead(queries).mul(Scalars.Of(Scale));
        Tensor table = Reduced.As(_table.Weight, query.dtype).t().unsqueeze(0).unsqueeze(0)
            .expand(query.shape[0], Heads, -1, -1);
        Tensor known = Kernels.MatrixProducts.Batched(query, table);
        // Columns of the distances key - query from -(frames - 1) to frames - 1; far ones share the last.
        long left = Math.Min(_left, frames - 1), right = Math.Min(_right, frames - 1);
        Tensor near = known.narrow(3, _left - left, left + 1 + right);
        return cat(
        [
            near.narrow(3, 0, 1).expand(-1, -1, -1, frames - 1 - left), near,
            near.narrow(3, left + right, 1).expand(-1, -1, -1, frames - 1 - right),
        ], 3).MoveToOuterDisposeScope();
    }

    /// <summary>A vector of each distance; named as the embedding it is in the checkpoint.</summary>
    private sealed class DistanceTable : nn.Module
    {
        [ComponentName(Name = "weight")]
        private readonly TorchSharp.Modules.Parameter _weight;

        public DistanceTable(long distances, long size)
            : base("distance_embedding") => _weight = Weights.Empty(distances, size);

        public TorchSharp.Modules.Parameter Weight => _weight;
    }
}
