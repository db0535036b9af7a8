using SpeechML.Encoders.Native;
using static TorchSharp.torch;

namespace SpeechML.Training.Losses;

/// <summary>Mean over the present entries of the squared difference.</summary>
internal sealed class MeanSquaredErrorLoss : Loss, IManagedLoss
{
    public double Sum(ReadOnlySpan<double> outputs, ReadOnlySpan<float> targets, int width, Span<double> slopes)
    {
        double sum = 0;
        for (int i = 0; i < outputs.Length; i++)
        {
            double difference = float.IsNaN(targets[i]) ? 0 : outputs[i] - targets[i];
            sum += difference * difference;
            slopes[i] = 2 * difference;
        }
        return sum;
    }

    protected override LossParts Parts(Tensor output, Tensor target)
    {
        Tensor present = PresentNumbers(target).to(output.device);
        return SumOfPresent((output - Fill(output, target, present)).Squared(), present);
    }

    protected override void CheckShapes(Tensor output, Tensor target) => CheckSameShape(output, target);
}
