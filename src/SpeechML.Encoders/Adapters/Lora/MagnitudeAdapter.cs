using SpeechML.Encoders.Layers;
using SpeechML.Encoders.Native;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Adapters.Lora;

/// <summary>
/// DoRA (Liu et al. 2024): the weight becomes <c>m · V / ‖V‖</c> row by row with <c>V = W + scaling · B A</c>; the
/// magnitude m is learned. The norm counts as
/// a constant in the backward pass (section 4.3 of the paper).
/// </summary>
internal sealed class MagnitudeAdapter : LowRankAdapter
{
    [ComponentName(Name = "magnitude")]
    private readonly Parameter _magnitude;

    /// <inheritdoc cref="LowRankAdapter(long, long, int, double, double)"/>
    public MagnitudeAdapter(long inputs, long outputs, int rank, double scaling, double dropout)
        : base(inputs, outputs, rank, scaling, dropout)
    {
        _magnitude = Weights.Empty(outputs);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string PeftName, Parameter Parameter)> Parts =>
        [.. base.Parts, ("lora_magnitude_vector", _magnitude)];

    /// <inheritdoc/>
    public override string Shape => base.Shape + ", DoRA";

    /// <summary>As LoRA; the magnitudes are the norms of the rows.</summary>
    public override void Initialize(Tensor weight, Generator generator)
    {
        base.Initialize(weight, generator);
        Rebase(weight);
    }

    /// <inheritdoc/>
    public override void Rebase(Tensor weight)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        _ = _magnitude.copy_(RowNorms(weight));
    }

    /// <inheritdoc/>
    public override Tensor Run(Tensor input, Projection map)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor factor = Factor(base.Merge(map.Weight));
        if (Drops)
        {
            // As PEFT: the plain map sees every input, and only the change is computed from what dropout left.
            Tensor left = Dropped(input);
            Tensor change = map.Plain(left, bias: false).mul(factor.sub(Scalars.Of(1)))
                .Plus(Change(left).mul(factor));
            return map.Plain(input).Plus(change).MoveToOuterDisposeScope();
        }
        Tensor scaled = TensorMath.Add(map.Plain(input, bias: false), Change(input)).mul(factor);
        return (map.Bias is { } bias ? TensorMath.Add(scaled, bias) : scaled).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor Merge(Tensor weight)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        Tensor direction = base.Merge(weight);
        return direction.mul(Factor(direction).unsqueeze(1)).MoveToOuterDisposeScope();
    }

    /// <summary>m / ‖V‖, (outputs); the gradient passes through m alone.</summary>
    private Tensor Factor(Tensor direction)
    {
        using DisposeScope scope = NewDisposeScope();
        return _magnitude.div(RowNorms(direction)).MoveToOuterDisposeScope();
    }

    private static Tensor RowNorms(Tensor matrix)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        return matrix.Squared().sum([1]).sqrt().MoveToOuterDisposeScope();
    }
}
