using SpeechML.Data.Recordings;
using SpeechML.Encoders.Native;
using static TorchSharp.torch.nn.functional;
using static TorchSharp.torch;

namespace SpeechML.Training.Losses;

/// <summary>
/// CORAL (Cao, Mirjalili, Raschka 2020) on K - 1 logits: logit k says whether the class is above k. The mean over
/// present rows of the sum over k of the
/// weighted binary cross-entropy.
/// </summary>
/// <param name="levelWeights">Importance of each of the K - 1 levels; <see langword="null"/> for 1.</param>
internal sealed class CoralLoss(double[]? levelWeights = null) : OrdinalObjective, IManagedLoss
{
    public override bool SharesWeights => true;

    internal override OutputForm? Form => OutputForm.Sigmoid;

    public override double[] Above(double[] outputs) => Array.ConvertAll(outputs, Sigmoid);

    public double Sum(ReadOnlySpan<double> outputs, ReadOnlySpan<float> targets, int width, Span<double> slopes) =>
        Softplus.Levels(outputs, targets, width, levelWeights, (target, _) => target >= 0, slopes);

    protected override LossParts Parts(Tensor output, Tensor target)
    {
        (Tensor classes, Tensor present) = Classes(output, target);
        Tensor above = (classes.unsqueeze(1) > Scalars.Range(output.shape[1], output.device)).to(output.dtype);
        Tensor terms = -(logsigmoid(output) * above).Plus(logsigmoid(-output) * Scalars.Of(1).Minus(above));
        return SumOfPresent((levelWeights is null ? terms : terms * Constants(levelWeights, output)).sum([1]), present);
    }

    protected override void CheckShapes(Tensor output, Tensor target)
    {
        CheckClassNumbers(output, target);
        CheckWeights("level weights", levelWeights, output);
    }
}
