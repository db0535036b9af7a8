using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SpeechML.Training.Optimization;

/// <summary>Clipping of all gradients by their common norm, as <c>torch.nn.utils.clip_grad_norm_</c>.</summary>
internal static class GradientClipping
{
    private const double Epsilon = 1e-6; // PyTorch's guard against division by 0

    /// <summary>
    /// The norm of all gradients together, then gradients times <c>min(1, maxNorm / (norm + 1e-6))</c>.
    /// </summary>
    /// <returns>The norm before clipping; NaN or infinite if a gradient is, and then nothing is clipped.</returns>
    /// <param name="parameters">Those without gradient are skipped.</param>
    /// <param name="maxNorm">The largest norm allowed; infinite to only measure.</param>
    /// <param name="order">1, 2 or infinity.</param>
    public static double Clip(IEnumerable<Parameter> parameters, double maxNorm, double order = 2)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        Tensor[] gradients = [.. parameters.Select(p => p.grad).OfType<Tensor>()];
        if (gradients.Length == 0)
        {
            return 0;
        }
        // Tensor.norm, not linalg.vector_norm: that makes a scalar for the order (see Scalars).
        using Scalar total = stack([.. gradients.Select(g => g.norm((float)order).to(float32))]).norm((float)order)
            .ToScalar();
        double norm = total.ToDouble();
        double factor = maxNorm / (norm + Epsilon);
        if (double.IsFinite(norm) && factor < 1)
        {
            using Scalar scale = factor.ToScalar();
            foreach (Tensor gradient in gradients)
            {
                gradient.mul_(scale);
            }
        }
        return norm;
    }
}
