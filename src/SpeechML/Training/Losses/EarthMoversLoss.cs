using SpeechML.Data.Recordings;
using SpeechML.Encoders.Native;
using SpeechML.Tasks;
using static TorchSharp.torch.nn.functional;
using static TorchSharp.torch;

namespace SpeechML.Training.Losses;

/// <summary>
/// Squared earth mover's distance between the softmax and the class (Hou et al. 2016, not divided by the number of
/// classes): mean over present rows of
/// <c>sum_k (CDF_k(softmax x) - [k ≥ y])^2</c>.
/// </summary>
internal sealed class EarthMoversLoss : OrdinalObjective
{
    public override int Outputs(int classes) => classes;

    internal override OutputForm? Form => OutputForm.Softmax;

    public override double[] Above(double[] outputs)
    {
        double[] shares = OutputScores.Softmax(outputs);
        double reached = 0;
        return [.. shares.Take(shares.Length - 1).Select(p => 1 - (reached += p))];
    }

    protected override LossParts Parts(Tensor output, Tensor target)
    {
        (Tensor classes, Tensor present) = Classes(output, target);
        Tensor reached = (Scalars.Range(output.shape[1], output.device) >= classes.unsqueeze(1)).to(output.dtype);
        return SumOfPresent((softmax(output, 1).cumsum(1) - reached).Squared().sum([1]), present);
    }

    protected override void CheckShapes(Tensor output, Tensor target) => CheckClassNumbers(output, target);
}
