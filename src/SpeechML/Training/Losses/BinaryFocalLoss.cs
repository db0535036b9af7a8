using SpeechML.Encoders.Native;
using static TorchSharp.torch.nn.functional;
using static TorchSharp.torch;

namespace SpeechML.Training.Losses;

/// <summary>
/// Focal loss on logits (Lin et al. 2017): <c>alpha_t (1 - p_t)^gamma (-ln p_t)</c>, mean over the present entries.
/// Targets are 0 or 1; a soft target
/// counts as 1 from 0.5 up.
/// </summary>
/// <param name="gamma">Focusing exponent, at least 0.</param>
/// <param name="alpha">Weight of the positive class, 1 - alpha of the negative one; <see langword="null"/> for
/// none.</param>
internal sealed class BinaryFocalLoss(double gamma = 2, double? alpha = null) : Loss
{
    protected override LossParts Parts(Tensor output, Tensor target)
    {
        Tensor present = (target >= Scalars.Of(0)).to(output.device);
        Tensor positive = (target >= Scalars.Of(0.5)).to(output.dtype, output.device);
        Tensor logit = output * ((Scalars.Of(2) * positive) - Scalars.Of(1));
        // (1 - p_t)^gamma by the logarithm: a power has no finite gradient where 1 - p_t rounds to 0 and gamma < 1
        Tensor terms = -logsigmoid(logit) * (Scalars.Of(gamma) * logsigmoid(-logit)).exp();
        if (alpha is double a)
        {
            terms *= (Scalars.Of(a) * positive).Plus(Scalars.Of(1 - a) * Scalars.Of(1).Minus(positive));
        }
        return SumOfPresent(terms, present);
    }

    protected override void CheckShapes(Tensor output, Tensor target) => CheckSameShape(output, target);
}
