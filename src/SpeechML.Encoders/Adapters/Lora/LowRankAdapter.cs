using SpeechML.Encoders.Kernels;
using SpeechML.Encoders.Layers;
using SpeechML.Encoders.Native;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Adapters.Lora;

/// <summary>
/// LoRA (Hu et al. 2022): <c>y = x Wᵀ + b + scaling · dropout(x) Aᵀ Bᵀ</c> with A (rank, inputs) and B (outputs, rank).
/// It is part of the map itself, so it
/// also works where a reference implementation reads raw weights past the map (WavLM in Hugging Face,
/// transformers#48773).
/// </summary>
internal class LowRankAdapter : ProjectionAdapter
{
    /// <summary>The name of the adapter's module below a projection's: <c>….q_proj.lora.A</c>.</summary>
    public const string ModuleName = "lora";

    private readonly double _scaling;
    private readonly double _dropout;

    [ComponentName(Name = "A")]
    private readonly Parameter _down;

    [ComponentName(Name = "B")]
    private readonly Parameter _up;

    /// <param name="inputs">Inputs of the map.</param>
    /// <param name="outputs">Outputs of the map.</param>
    /// <param name="rank">Rank of the change.</param>
    /// <param name="scaling">Factor of the change.</param>
    /// <param name="dropout">Probability of dropping an input of the change in training.</param>
    public LowRankAdapter(long inputs, long outputs, int rank, double scaling, double dropout)
        : base(ModuleName)
    {
        _scaling = scaling;
        _dropout = dropout;
        _down = Weights.Empty(rank, inputs);
        _up = Weights.Empty(outputs, rank);
    }

    /// <summary>The parameters with the names that PEFT writes after the projection's, in PEFT's order.</summary>
    public virtual IReadOnlyList<(string PeftName, Parameter Parameter)> Parts =>
        [("lora_A.weight", _down), ("lora_B.weight", _up)];

    /// <summary>What the adapter computes beside its values, for comparisons and messages.</summary>
    public virtual string Shape => FormattableString.Invariant($"rank {_down.shape[0]}, scale {_scaling}");

    protected bool Drops => training && _dropout > 0;

    /// <summary>
    /// Sets the start of a training as PEFT does: A Kaiming-uniform with a = √5, that is uniform in ±1/√inputs, B zero,
    /// so that nothing changes yet.
    /// </summary>
    public virtual void Initialize(Tensor weight, Generator generator)
    {
        using IDisposable still = no_grad();
        double bound = 1 / Math.Sqrt(_down.shape[1]);
        _ = _down.uniform_(-bound, bound, generator);
        _ = _up.zero_();
    }

    /// <summary>
    /// Sets what depends on the map's weight as it is at the start of a training, after that weight was replaced.
    /// </summary>
    public virtual void Rebase(Tensor weight)
    {
    }

    /// <inheritdoc/>
    public override Tensor Run(Tensor input, Projection map)
    {
        using DisposeScope scope = NewDisposeScope();
        return TensorMath.Add(map.Plain(input), Change(Dropped(input)))
            .MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor Merge(Tensor weight)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        return weight.Plus(_up.matmul(_down).mul_(Scalars.Of(_scaling))).MoveToOuterDisposeScope();
    }

    protected Tensor Dropped(Tensor input) => TensorMath.Dropout(input, _dropout, training);

    /// <summary>What is added to the map's output, (…, outputs).</summary>
    protected Tensor Change(Tensor input) =>
        MatrixProducts.Linear(MatrixProducts.Linear(input, _down).mul(Scalars.Of(_scaling)), _up);
}
