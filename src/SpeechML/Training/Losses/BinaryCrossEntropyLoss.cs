using SpeechML.Encoders.Native;
using static TorchSharp.torch.nn.functional;
using static TorchSharp.torch;

namespace SpeechML.Training.Losses;

/// <summary>
/// Binary cross-entropy on logits, one independent label per column: <c>w_j (p_j y softplus(-x) + (1 - y)
/// softplus(x))</c>, mean over the present
/// entries (divided by their number, not by the sum of weights). Targets may be soft, in [0, 1].
/// </summary>
/// <param name="positiveWeights">p_j, one per label; <see langword="null"/> for 1.</param>
/// <param name="labelWeights">w_j, one per label; <see langword="null"/> for 1.</param>
internal sealed class BinaryCrossEntropyLoss(double[]? positiveWeights = null, double[]? labelWeights = null)
    : Loss, IManagedLoss
{
    public double Sum(ReadOnlySpan<double> outputs, ReadOnlySpan<float> targets, int width, Span<double> slopes)
    {
        double sum = 0;
        for (int i = 0; i < outputs.Length; i++)
        {
            double y = targets[i];
            slopes[i] = 0;
            if (!(y >= 0))
            {
                continue;
            }
            double weight = labelWeights?[i % width] ?? 1, positive = y * (positiveWeights?[i % width] ?? 1);
            double x = outputs[i], value = Softplus.Of(x, out double slope);
            // softplus(-x) = softplus(x) - x, but for the digits that are lost where x is large.
            double other = Math.Max(-x, 0) + (value - Math.Max(x, 0));
            sum += weight * ((positive * other) + ((1 - y) * value));
            slopes[i] = weight * (((1 - y) * slope) - (positive * (1 - slope)));
        }
        return sum;
    }

    protected override LossParts Parts(Tensor output, Tensor target)
    {
        Tensor present = (target >= Scalars.Of(0)).to(output.device);
        return SumOfPresent(Terms(output, Fill(output, target, present)), present);
    }

    protected override void CheckShapes(Tensor output, Tensor target)
    {
        CheckSameShape(output, target);
        CheckWeights("positive weights", positiveWeights, output);
        CheckWeights("label weights", labelWeights, output);
    }

    private Tensor Terms(Tensor x, Tensor y)
    {
        Tensor positive = LogLoss(x) * y;
        if (positiveWeights is not null)
        {
            positive *= Constants(positiveWeights, x);
        }
        Tensor terms = positive.Plus(LogLoss(-x) * Scalars.Of(1).Minus(y));
        return labelWeights is null ? terms : terms * Constants(labelWeights, x);
    }

    private static Tensor LogLoss(Tensor x) => -logsigmoid(x);
}
