using SpeechML.Encoders.Native;
using static TorchSharp.torch.nn.functional;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace SpeechML.Training.Losses;

/// <summary>
/// Cross-entropy on logits (batch, classes), as <c>torch.nn.functional.cross_entropy</c>: <c>sum(w_y l) / sum(w_y)</c>
/// over the present rows; with label
/// smoothing e the target is e/K everywhere plus 1 - e at the class, each class term times its weight, the divisor
/// still <c>sum(w_y)</c>.
/// </summary>
internal sealed class CrossEntropyLoss : Loss, IManagedLoss
{
    private readonly double[]? _classWeights;
    private readonly double _labelSmoothing;

    /// <summary>Creates the loss.</summary>
    /// <param name="classWeights">w, one per class; <see langword="null"/> for 1.</param>
    /// <param name="labelSmoothing">e, in [0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">The smoothing is outside [0, 1).</exception>
    public CrossEntropyLoss(double[]? classWeights = null, double labelSmoothing = 0)
    {
        if (!(labelSmoothing >= 0 && labelSmoothing < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(labelSmoothing), labelSmoothing,
                "Label smoothing must be in [0, 1).");
        }
        _classWeights = classWeights;
        _labelSmoothing = labelSmoothing;
    }

    public double Sum(ReadOnlySpan<double> outputs, ReadOnlySpan<float> targets, int width, Span<double> slopes)
    {
        double sum = 0;
        slopes.Clear();
        for (int row = 0; row < targets.Length; row++)
        {
            if (!(targets[row] >= 0))
            {
                continue;
            }
            int y = (int)targets[row];
            ReadOnlySpan<double> x = outputs.Slice(row * width, width);
            Span<double> slope = slopes.Slice(row * width, width);
            double most = TensorPrimitives.Max(x), all = 0;
            for (int c = 0; c < width; c++)
            {
                all += slope[c] = Math.Exp(x[c] - most);
            }
            double logAll = most + Math.Log(all), shares = 0;
            for (int c = 0; c < width; c++)
            {
                shares += Share(c);
                sum += Share(c) * (logAll - x[c]);
            }
            for (int c = 0; c < width; c++)
            {
                slope[c] = (shares * slope[c] / all) - Share(c);
            }

            double Share(int c) => ((c == y ? 1 - _labelSmoothing : 0) + (_labelSmoothing / width))
                * (_classWeights?[c] ?? 1);
        }
        return sum;
    }

    protected override LossParts Parts(Tensor output, Tensor target)
    {
        (Tensor classes, Tensor present) = Classes(output, target);
        Tensor loss = -log_softmax(output, 1);
        Tensor weight = present.to(output.dtype);
        Tensor index = classes.unsqueeze(1);
        Tensor atClass = loss.gather(1, index).squeeze(1);
        Tensor everywhere;
        if (_classWeights is null)
        {
            everywhere = loss.mean([1]);
        }
        else
        {
            Tensor weights = Constants(_classWeights, output);
            Tensor weightOfRow = weights.index_select(0, classes);
            weight *= weightOfRow;
            atClass *= weightOfRow;
            everywhere = (loss * weights).mean([1]);
        }
        Tensor terms = _labelSmoothing == 0 ? atClass
            : (atClass * Scalars.Of(1 - _labelSmoothing)).Plus(everywhere * Scalars.Of(_labelSmoothing));
        return new LossParts(terms.masked_fill(present.logical_not(), Scalars.Of(0)).sum(), weight.sum());
    }

    protected override void CheckShapes(Tensor output, Tensor target)
    {
        CheckClassNumbers(output, target);
        CheckWeights("class weights", _classWeights, output);
    }
}
