using SpeechML.Encoders.Native;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SpeechML.Training.Optimization;

/// <summary>Clipping of all gradients by their common norm, as <c>torch.nn.utils.clip_grad_norm_</c>.</summary>
internal static class GradientClipping
{
    private const double Epsilon = 1e-6; // PyTorch's guard against division by 0

    /// <summary>
    /// The norm of all gradients together, then gradients times <c>min(1, maxNorm / (norm + 1e-6))</c>. Nothing is read
    /// from a device that works behind the program.
    /// </summary>
    /// <returns>The norm before clipping, a scalar where the gradients are, in the caller's dispose scope; NaN or
    /// infinite if a gradient is, and then nothing is clipped.</returns>
    /// <param name="parameters">Those without gradient are skipped.</param>
    /// <param name="maxNorm">The largest norm allowed; infinite to only measure.</param>
    /// <param name="order">1, 2 or infinity.</param>
    public static Tensor Clip(IReadOnlyList<Parameter> parameters, double maxNorm, double order = 2)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        Tensor[] gradients = [.. parameters.Select(p => p.grad).OfType<Tensor>()];
        if (gradients.Length == 0)
        {
            return zeros([], device: parameters.Count == 0 ? CPU : parameters[0].device).MoveToOuterDisposeScope();
        }
        // Tensor.norm, not linalg.vector_norm: that makes a scalar for the order (see Scalars).
        Tensor norm = stack([.. gradients.Select(g => g.norm((float)order).to(float32))]).norm((float)order);
        if (double.IsFinite(maxNorm))
        {
            Scale(gradients, norm, maxNorm);
        }
        return norm.MoveToOuterDisposeScope();
    }

    private static void Scale(Tensor[] gradients, Tensor norm, double maxNorm)
    {
        ScalarType precise = DeviceReads.Precise(norm);
        using Scalar most = maxNorm.ToScalar();
        Tensor factor = full([], most, precise, norm.device).div_(
            norm.to(precise).add(Scalars.Of(Epsilon), Scalars.Of(1)));
        // Infinite, or not equal to itself: no number to clip by.
        factor = factor.clamp_max(Scalars.Of(1.0))
            .masked_fill(norm.eq(Scalars.Of(double.PositiveInfinity)), Scalars.Of(1.0))
            .masked_fill(norm.ne(norm), Scalars.Of(1.0));
        if (DeviceReads.AreFree(factor) && factor.item<double>() == 1)
        {
            return;
        }
        foreach (Tensor gradient in gradients)
        {
            _ = gradient.mul_(factor);
        }
    }
}
