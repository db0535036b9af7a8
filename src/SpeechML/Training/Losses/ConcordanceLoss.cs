using SpeechML.Encoders.Native;
using static TorchSharp.torch;

namespace SpeechML.Training.Losses;

/// <summary>
/// 1 - concordance correlation coefficient (Lin 1989) per column over its present rows, population moments:
/// <c>1 - 2 cov / (var x + var y + (mean x - mean y)^2 + 1e-8)</c>; mean over the columns with at least two present
/// rows. It is a statistic of the
/// batch: micro-batches give the mean of their own values, not the value of the whole.
/// </summary>
internal sealed class ConcordanceLoss : Loss
{
    private const double Floor = 1e-8; // keeps two constant columns finite

    protected override LossParts Parts(Tensor output, Tensor target)
    {
        Tensor present = PresentNumbers(target).to(output.device);
        Tensor mask = present.to(output.dtype);
        Tensor rows = mask.sum([0], keepdim: true);
        Tensor divisor = rows.clamp_min(Scalars.Of(1));
        Tensor x = Centred(output, out Tensor meanX), y = Centred(Fill(output, target, present), out Tensor meanY);
        Tensor moments = x.Squared().sum([0]).Plus(y.Squared().sum([0]));
        Tensor concordance = Scalars.Of(2) *
            (x * y).sum([0]) / divisor / ((moments / divisor)
            .Plus((meanX - meanY).Squared()).add(Scalars.Of(Floor), Scalars.Of(1)));
        Tensor usable = (rows >= Scalars.Of(2)).to(output.dtype);
        return new LossParts((Scalars.Of(1).Minus(concordance) * usable).sum(), usable.sum());

        Tensor Centred(Tensor values, out Tensor mean)
        {
            mean = (values * mask).sum([0], keepdim: true) / divisor;
            return (values - mean) * mask;
        }
    }

    protected override void CheckShapes(Tensor output, Tensor target) => CheckSameShape(output, target);
}
