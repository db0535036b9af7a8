using SpeechML.Encoders.Native;
using static TorchSharp.torch.nn.functional;
using static TorchSharp.torch;

namespace SpeechML.Training.Losses;

/// <summary>
/// Focal loss over classes: <c>alpha_y (1 - p_y)^gamma (-ln p_y)</c> with p = softmax, mean over the present rows.
/// </summary>
/// <param name="gamma">Focusing exponent, at least 0.</param>
/// <param name="classWeights">alpha, one per class; <see langword="null"/> for 1.</param>
internal sealed class MulticlassFocalLoss(double gamma = 2, double[]? classWeights = null) : Loss
{
    // Below this the power's gradient would overflow for gamma < 1; the term is 0 there anyway.
    private const double Smallest = 1e-30;

    protected override LossParts Parts(Tensor output, Tensor target)
    {
        (Tensor classes, Tensor present) = Classes(output, target);
        Tensor logProbability = log_softmax(output, 1).gather(1, classes.unsqueeze(1)).squeeze(1);
        Tensor terms = -logProbability *
            (-logProbability.expm1()).clamp_min(Scalars.Of(Smallest)).pow(Scalars.Of(gamma));
        if (classWeights is not null)
        {
            terms *= Constants(classWeights, output).index_select(0, classes);
        }
        return SumOfPresent(terms, present);
    }

    protected override void CheckShapes(Tensor output, Tensor target)
    {
        CheckClassNumbers(output, target);
        CheckWeights("class weights", classWeights, output);
    }
}
