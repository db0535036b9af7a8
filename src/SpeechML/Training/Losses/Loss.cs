using SpeechML.Encoders.Native;
using SpeechML.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML;

/// <summary>
/// A loss as a fraction, so that micro-batches of different size can be accumulated without changing the value.
/// </summary>
/// <param name="Sum">Sum of the contributing terms, a scalar with gradient; 0 (gradient 0) where nothing
/// contributes.</param>
/// <param name="Weight">What the sum is divided by, a scalar without gradient; 0 where nothing contributes.</param>
public sealed record LossParts(Tensor Sum, Tensor Weight)
{
    /// <summary>The loss itself; 0 where nothing contributes.</summary>
    public Tensor Value => Sum / Weight.masked_fill(Weight == Scalars.Of(0), Scalars.Of(1));
}

/// <summary>
/// A differentiable loss. A missing target takes part in nothing, neither in the sum nor in its divisor nor in the
/// gradient: it is NaN; of class numbers and labels (0 or 1) also any number below 0, which is none of them.
/// <see cref="RegressionLoss"/>, <see cref="BinaryLoss"/>, <see cref="ClassificationLoss"/> and
/// <see cref="MultiLabelLoss"/> give a class of this kind a name that options can choose; ordinal ones derive
/// <see cref="OrdinalObjective"/>.
/// </summary>
public abstract class Loss
{
    /// <summary>
    /// Sum and divisor, in the type of <paramref name="output"/> (float32 where that is half precision) and on its
    /// device; the tensors belong to the
    /// caller's dispose scope.
    /// </summary>
    /// <param name="output">What the head gives (batch, targets); logits where probabilities are meant.</param>
    /// <param name="target">(batch, targets), or (batch) for class numbers.</param>
    public LossParts ComputeParts(Tensor output, Tensor target)
    {
        CheckShapes(output, target);
        using DisposeScope scope = NewDisposeScope();
        // half precision has too few digits for a sum over a batch; the gradient returns in the output's own type
        bool half = output.dtype is ScalarType.Float16 or ScalarType.BFloat16;
        LossParts parts = Parts(half ? output.to(ScalarType.Float32) : output, target);
        if (parts.Sum.dim() != 0 || parts.Weight.dim() != 0)
        {
            throw new InvalidOperationException(
                $"{GetType().Name}: expected sum and weight to be scalars, got ({Text(parts.Sum)}) and " +
                $"({Text(parts.Weight)}).");
        }
        return new LossParts(parts.Sum.MoveToOuterDisposeScope(), parts.Weight.detach().MoveToOuterDisposeScope());
    }

    /// <summary>The same without torch; <see langword="null"/> where there is none.</summary>
    internal virtual IManagedLoss? Managed => this as IManagedLoss;

    /// <summary>The loss as a scalar.</summary>
    /// <inheritdoc cref="ComputeParts"/>
    public Tensor Compute(Tensor output, Tensor target)
    {
        using DisposeScope scope = NewDisposeScope();
        return ComputeParts(output, target).Value.MoveToOuterDisposeScope();
    }

    /// <summary>The computation itself, inside a dispose scope.</summary>
    /// <param name="output">What the head gives (batch, targets), float32 at least.</param>
    /// <param name="target">(batch, targets), or (batch) for class numbers; on the CPU or the device of
    /// <paramref name="output"/>.</param>
    /// <returns>Sum and divisor over what is present, each a scalar; 0 and 0 where nothing is.</returns>
    protected abstract LossParts Parts(Tensor output, Tensor target);

    /// <summary>Refuses a target that does not fit the output.</summary>
    /// <param name="output">What the head gives.</param>
    /// <param name="target">The targets.</param>
    /// <exception cref="ArgumentException">It does not fit.</exception>
    protected abstract void CheckShapes(Tensor output, Tensor target);

    /// <summary>Sum of the present entries and their number.</summary>
    /// <param name="values">The terms.</param>
    /// <param name="present">Which count, of the same shape.</param>
    protected static LossParts SumOfPresent(Tensor values, Tensor present) =>
        new(values.masked_fill(present.logical_not(), Scalars.Of(0)).sum(), present.sum(values.dtype));

    /// <summary>Entries that are not NaN, for targets that may be any number, -1 too.</summary>
    protected static Tensor PresentNumbers(Tensor target) => target.isnan().logical_not();

    /// <summary>
    /// Targets in the output's type with 0 where they are missing (so that a NaN reaches neither value nor gradient).
    /// </summary>
    protected static Tensor Fill(Tensor output, Tensor target, Tensor present) =>
        target.to(output.dtype, output.device).masked_fill(present.logical_not(), Scalars.Of(0));

    /// <summary>Class numbers as int64 with 0 where missing, and which rows are present.</summary>
    protected static (Tensor Classes, Tensor Present) Classes(Tensor output, Tensor target)
    {
        Tensor present = (target >= Scalars.Of(0)).to(output.device);
        return (target.to(output.device).masked_fill(present.logical_not(), Scalars.Of(0)).to(ScalarType.Int64),
            present);
    }

    /// <summary>Constants of the loss in the output's type and place.</summary>
    /// <param name="values">The constants.</param>
    /// <param name="output">What the head gives.</param>
    protected static Tensor Constants(double[] values, Tensor output) => tensor(values, output.dtype, output.device);

    /// <summary>Requires a target of the output's shape (batch, targets).</summary>
    protected void CheckSameShape(Tensor output, Tensor target)
    {
        if (output.dim() != 2 || !output.shape.AsSpan().SequenceEqual(target.shape))
        {
            throw new ArgumentException(
                $"{GetType().Name}: expected output and target of one shape (batch, targets), got output " +
                $"({Text(output)}) and target ({Text(target)}).");
        }
    }

    /// <summary>Requires one class number per row of the output.</summary>
    protected void CheckClassNumbers(Tensor output, Tensor target)
    {
        if (output.dim() != 2 || target.dim() != 1 || target.shape[0] != output.shape[0])
        {
            throw new ArgumentException(
                $"{GetType().Name}: expected output (batch, classes) and target (batch), got output ({Text(output)}) " +
                $"and target ({Text(target)}).");
        }
    }

    /// <summary>Requires one weight per column of the output.</summary>
    protected void CheckWeights(string role, double[]? weights, Tensor output)
    {
        if (weights is not null && weights.Length != output.shape[1])
        {
            throw new ArgumentException(
                $"{GetType().Name}: expected {output.shape[1]} {role}, one per column of the output, got " +
                $"{weights.Length}.");
        }
    }

    private static string Text(Tensor t) => string.Join(", ", t.shape);
}
