using SpeechML.Data.Recordings;
using SpeechML.Encoders.Native;
using static TorchSharp.torch.nn.functional;
using static TorchSharp.torch;

namespace SpeechML.Training.Losses;

/// <summary>
/// CORN (Shi, Cao, Raschka 2021) on K - 1 logits: logit k says whether the class is above k given that it is above k -
/// 1, so it learns only from the
/// rows of class k or higher. The sum of the weighted binary cross-entropies divided by the number of (row, level)
/// terms.
/// </summary>
/// <param name="levelWeights">Importance of each of the K - 1 levels; <see langword="null"/> for 1.</param>
internal sealed class CornLoss(double[]? levelWeights = null) : OrdinalObjective, IManagedLoss
{
    internal override OutputForm? Form => OutputForm.Conditional;

    public override double[] Above(double[] outputs)
    {
        double product = 1;
        return Array.ConvertAll(outputs, x => product *= Sigmoid(x));
    }

    public double Sum(ReadOnlySpan<double> outputs, ReadOnlySpan<float> targets, int width, Span<double> slopes) =>
        Softplus.Levels(outputs, targets, width, levelWeights, (target, level) => target >= level, slopes);

    protected override LossParts Parts(Tensor output, Tensor target)
    {
        (Tensor classes, Tensor present) = Classes(output, target);
        Tensor level = Scalars.Range(output.shape[1], output.device);
        Tensor column = classes.unsqueeze(1);
        Tensor above = (column > level).to(output.dtype);
        Tensor taking = (column >= level).logical_and(present.unsqueeze(1));
        Tensor terms = -(logsigmoid(output) * above).Plus(logsigmoid(-output) * Scalars.Of(1).Minus(above));
        return SumOfPresent(levelWeights is null ? terms : terms * Constants(levelWeights, output), taking);
    }

    protected override void CheckShapes(Tensor output, Tensor target)
    {
        CheckClassNumbers(output, target);
        CheckWeights("level weights", levelWeights, output);
    }
}
