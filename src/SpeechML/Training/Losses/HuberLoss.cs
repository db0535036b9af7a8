using SpeechML.Encoders.Native;
using static TorchSharp.torch;

namespace SpeechML.Training.Losses;

/// <summary>Mean over the present entries of <c>d^2/2</c> if |d| ≤ delta, else <c>delta (|d| - delta/2)</c>.</summary>
/// <param name="delta">Where the loss becomes linear, above 0.</param>
internal sealed class HuberLoss(double delta = 1) : Loss
{
    protected override LossParts Parts(Tensor output, Tensor target)
    {
        Tensor present = PresentNumbers(target).to(output.device);
        Tensor difference = (output - Fill(output, target, present)).abs();
        Tensor quadratic = difference.clamp_max(Scalars.Of(delta));
        // with q = min(d, delta): q^2/2 + delta (d - q), one expression for both branches
        return SumOfPresent((quadratic.Squared() / Scalars.Of(2)).Plus(Scalars.Of(delta) * (difference - quadratic)),
            present);
    }

    protected override void CheckShapes(Tensor output, Tensor target) => CheckSameShape(output, target);
}
