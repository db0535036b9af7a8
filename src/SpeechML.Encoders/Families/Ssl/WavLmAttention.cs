using SpeechML.Encoders.Layers;
using SpeechML.Encoders.Native;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Families.Ssl;

/// <summary>
/// WavLM's attention (Chen et al. 2022, section 3.1; modeling_wavlm.py of Hugging Face transformers, Apache 2.0): a
/// bucketed relative position bias,
/// scaled for each query and head by a gate on the layer's input.
/// </summary>
internal sealed class WavLmAttention : MultiHeadAttention
{
    // The gate's linear map gives two gates of four values, which are summed.
    private const int GateValues = 8;

    private readonly int _buckets;
    private readonly int _maxDistance;

    [ComponentName(Name = "gru_rel_pos_linear")]
    private readonly Projection _gate;

    [ComponentName(Name = "gru_rel_pos_const")]
    private readonly Parameter _gateScale;

    [ComponentName(Name = "rel_attn_embed")]
    private readonly BucketTable? _table;

    /// <param name="config">The encoder's facts.</param>
    /// <param name="ownsTable">Only the first layer has the table of biases; the others share what it gives.</param>
    public WavLmAttention(SslConfig config, bool ownsTable)
        : base(config.HiddenSize, config.Heads, keyBias: true, config.AttentionDropout)
    {
        _buckets = config.Buckets;
        _maxDistance = config.MaxBucketDistance;
        _gate = new Projection(HeadSize, GateValues);
        _gateScale = Weights.Empty(1, Heads, 1, 1);
        _table = ownsTable ? new BucketTable(_buckets, Heads) : null;
    }

    /// <summary>The bucket of each relative position (key - query) from -(frames - 1) to frames - 1.</summary>
    /// <param name="frames">Frames of the sequence.</param>
    /// <param name="buckets">Buckets for both directions.</param>
    /// <param name="maxDistance">From this distance on all share the last bucket.</param>
    public static Tensor RelativePositionBuckets(long frames, int buckets, int maxDistance)
    {
        // float32 throughout, as in the reference: rounding decides on which side of a border a distance falls.
        using DisposeScope scope = NewDisposeScope();
        int half = buckets / 2;
        int exact = half / 2;
        Tensor relative = Scalars.Range(1 - frames, frames);
        Tensor distance = relative.abs();
        Tensor logarithmic = (distance.clamp(min: Scalars.Of(1)).to(ScalarType.Float32) / Scalars.Of(
            exact)).log() / Scalars.Of(Math.Log((double)maxDistance / exact)) * Scalars.Of(half - exact);
        Tensor far = logarithmic.add(Scalars.Of(exact),
            Scalars.Of(1)).to(ScalarType.Int64).clamp(max: Scalars.Of(half - 1));
        Tensor bucket = where(distance.lt(Scalars.Of(exact)), distance, far);
        return bucket.Plus(relative.gt(Scalars.Of(0)).to(ScalarType.Int64) * Scalars.Of(half))
            .MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor? Positions(long frames)
    {
        if (_table is null)
        {
            return null;
        }
        using DisposeScope scope = NewDisposeScope();
        Tensor buckets = RelativePositionBuckets(frames, _buckets, _maxDistance).to(_table.Weight.device);
        Tensor byDistance = _table.Weight.index_select(0, buckets).t().contiguous();
        // Row s of the windows holds the distances s - (frames - 1) …, which is the row of query frames - 1 - s.
        return byDistance.unfold(1, frames, 1).flip(1).MoveToOuterDisposeScope();
    }

    /// <summary>The bias after the gate, (batch, heads, frames, frames).</summary>
    internal Tensor GatedBias(Tensor hidden, Tensor positionBias)
    {
        using DisposeScope scope = NewDisposeScope();
        return Gate(hidden).mul(positionBias).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override bool NeedsBiasGradient(Tensor hidden, Tensor? positions) =>
        is_grad_enabled() && (hidden.requires_grad || positions!.requires_grad || _gateScale.requires_grad
            || _gate.WeightForm.requires_grad);

    /// <inheritdoc/>
    protected override Tensor? ScoreBias(Tensor hidden, Tensor queries, Tensor? positions) =>
        GatedBias(hidden, positions!);

    /// <inheritdoc/>
    protected override Tensor? SharedBias(Tensor? positions) => positions;

    /// <inheritdoc/>
    protected override Tensor? BiasGate(Tensor hidden) => Gate(hidden);

    /// <inheritdoc/>
    protected override Tensor AddScoreBias(
        Tensor scores, Tensor hidden, Tensor queries, Tensor? positions)
    {
        using DisposeScope scope = NewDisposeScope();
        return Reduced.Widen(scores).addcmul(Gate(hidden), positions!, Scalars.Of(1)).MoveToOuterDisposeScope();
    }

    /// <summary>(batch, heads, frames, 1).</summary>
    private Tensor Gate(Tensor hidden)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor gates = Reduced.Widen(_gate.forward(PerHead(hidden)))
            .view(hidden.shape[0], Heads, hidden.shape[1], 2, GateValues / 2).sum(-1).sigmoid();
        Tensor[] parts = gates.chunk(2, dim: -1);
        return (parts[0] * (parts[1] * _gateScale - Scalars.Of(1.0))).add(Scalars.Of(2.0), Scalars.Of(1))
            .MoveToOuterDisposeScope();
    }

    /// <summary>Bias of each bucket and head; named as the embedding it is in the checkpoint.</summary>
    private sealed class BucketTable : nn.Module
    {
        [ComponentName(Name = "weight")]
        private readonly Parameter _weight;

        public BucketTable(long buckets, long heads)
            : base("rel_attn_embed")
        {
            _weight = Weights.Empty(buckets, heads);
        }

        public Parameter Weight => _weight;
    }
}
