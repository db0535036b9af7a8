using SpeechML.Encoders.Native;
using static TorchSharp.torch;

namespace SpeechML.Training.Losses;

/// <summary>
/// Margin ranking and binary cross-entropy on ratings: <c>(1 - w) R + w B</c>. B is the binary cross-entropy of "rating
/// ≥ threshold" over the present
/// entries. R is, for each label, the mean over all pairs of present rows with different ratings of <c>max(0, margin -
/// (x_higher - x_lower))</c>;
/// a label without such a pair counts 0, and R averages over all labels. Its weight is the number of present entries;
/// pairs are those of the batch it is given.
/// </summary>
internal sealed class RankedClassificationLoss : Loss
{
    private readonly double _threshold;
    private readonly double _margin;
    private readonly double _crossEntropyShare;
    private readonly BinaryCrossEntropyLoss _crossEntropy;

    /// <summary>Creates the loss.</summary>
    /// <param name="threshold">Ratings from here up are positive.</param>
    /// <param name="margin">By how much the higher rated clip's logit should be ahead.</param>
    /// <param name="crossEntropyShare">w, in [0, 1].</param>
    /// <param name="positiveWeights">Positive weights of the cross-entropy, one per label; <see langword="null"/> for
    /// 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is outside [0, 1].</exception>
    public RankedClassificationLoss(
        double threshold = 2, double margin = 1, double crossEntropyShare = 0.5, double[]? positiveWeights = null)
    {
        if (!(crossEntropyShare is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(crossEntropyShare), crossEntropyShare,
                "The cross-entropy's share of the ranked loss must be in [0, 1].");
        }
        _threshold = threshold;
        _margin = margin;
        _crossEntropyShare = crossEntropyShare;
        _crossEntropy = new BinaryCrossEntropyLoss(positiveWeights);
    }

    protected override LossParts Parts(Tensor output, Tensor target)
    {
        Tensor present = PresentNumbers(target).to(output.device);
        Tensor ratings = Fill(output, target, present);
        Tensor binary = (ratings >= Scalars.Of(_threshold)).to(output.dtype).masked_fill(present.logical_not(),
            Scalars.Of(-1));
        LossParts entropy = _crossEntropy.ComputeParts(output, binary);
        Tensor value = (Scalars.Of(1 - _crossEntropyShare) * Ranking(output, ratings, present))
            .Plus(Scalars.Of(_crossEntropyShare) * entropy.Value);
        return new LossParts(value * entropy.Weight, entropy.Weight);
    }

    protected override void CheckShapes(Tensor output, Tensor target) => CheckSameShape(output, target);

    private Tensor Ranking(Tensor x, Tensor ratings, Tensor present)
    {
        // (batch, batch, labels); a pair is looked at once, with the higher rated row first
        Tensor pairs = (ratings.unsqueeze(1) > ratings.unsqueeze(0)).logical_and(present.unsqueeze(1)).logical_and(
            present.unsqueeze(0));
        Tensor hinge = Scalars.Of(_margin)
            .Minus(x.unsqueeze(1) - x.unsqueeze(0)).relu().masked_fill(pairs.logical_not(), Scalars.Of(0));
        return (hinge.sum([0, 1]) / pairs.sum([0, 1]).clamp_min(Scalars.Of(1))).mean();
    }
}
