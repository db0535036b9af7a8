using SpeechML.Encoders.Native;
using static TorchSharp.torch;

namespace SpeechML.Training.Losses;

/// <summary>Mean over the present entries of the squared difference.</summary>
internal sealed class MeanSquaredErrorLoss : Loss
{
    protected override LossParts Parts(Tensor output, Tensor target)
    {
        Tensor present = PresentNumbers(target).to(output.device);
        return SumOfPresent((output - Fill(output, target, present)).Squared(), present);
    }

    protected override void CheckShapes(Tensor output, Tensor target) => CheckSameShape(output, target);
}
