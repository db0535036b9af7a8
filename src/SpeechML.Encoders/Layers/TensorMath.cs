using SpeechML.Encoders.Kernels;
using SpeechML.Encoders.Native;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Layers;

/// <summary>Element-wise steps that work in place where nothing needs the old value.</summary>
internal static class TensorMath
{
    /// <summary>
    /// The exact (erf) GELU. <paramref name="owned"/> must be a fresh result that nobody else reads: it is overwritten
    /// where no gradient passes.
    /// </summary>
    public static Tensor Gelu(Tensor owned) => owned.requires_grad ? owned.gelu() : owned.gelu_();

    /// <summary>Residual sum; <paramref name="owned"/> is overwritten where no gradient passes.</summary>
    // A sum of two types has the wider one: what is owned can only hold it if that is its own.
    public static Tensor Add(Tensor owned, Tensor other) =>
        owned.requires_grad || other.requires_grad || (Reduced.Is(owned) && owned.dtype != other.dtype)
            ? owned.Plus(other) : owned.add_(other, Scalars.Of(1));

    /// <summary>Dropout in training, the tensor itself otherwise.</summary>
    public static Tensor Dropout(Tensor input, double probability, bool training) =>
        Dropped(input, probability, training).Output;

    /// <summary>As <see cref="Dropout"/>, with the key of the mask where it has one.</summary>
    public static (Tensor Output, ulong? Key) Dropped(Tensor input, double probability, bool training)
    {
        if (!training || probability == 0)
        {
            return (input, null);
        }
        if (!FastPaths.Dropout || !DropoutMask.CanMake(input, probability))
        {
            return (ElementDropout(input, probability, training), null);
        }
        if (Reduced.Is(input))
        {
            using TorchSharp.DisposeScope scope = NewDisposeScope();
            return (Dropout(Reduced.Widen(input), probability, training).to(input.dtype).MoveToOuterDisposeScope(),
                null);
        }
        ulong key = DropoutMask.DrawKey();
        return (input.requires_grad && is_grad_enabled() ? DropoutFunction.Apply(input, key, probability)
            : DropoutMask.Apply(input, key, probability), key);
    }

    /// <summary>
    /// torch's own dropout, which draws one number per element, from the generator of <see cref="DropoutStream"/>.
    /// </summary>
    public static Tensor ElementDropout(Tensor input, double probability, bool training)
    {
        if (!training || probability == 0)
        {
            return input;
        }
        if (DropoutStream.For(input.device) is not { } generator)
        {
            return nn.functional.dropout(input, probability, training: true);
        }
        // As at::native::_dropout does it on the CPU, so that one seed gives the same mask as there.
        using Tensor noise = empty_like(input).bernoulli_(1 - probability, generator)
            .div_(Scalars.Of(1 - probability));
        return input * noise;
    }
}
