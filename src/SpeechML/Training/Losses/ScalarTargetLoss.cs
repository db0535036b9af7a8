using static TorchSharp.torch;

namespace SpeechML.Training.Losses;

/// <summary>A loss of one target per clip, given as (batch): the inner loss sees it as (batch, 1).</summary>
/// <param name="inner">A loss whose target has the output's shape.</param>
internal sealed class ScalarTargetLoss(Loss inner) : Loss
{
    // One target per clip is the same row of numbers in both forms.
    internal override IManagedLoss? Managed => inner.Managed;

    protected override LossParts Parts(Tensor output, Tensor target) =>
        inner.ComputeParts(output, target.reshape(-1, 1));

    protected override void CheckShapes(Tensor output, Tensor target)
    {
        if (target.dim() != 1)
        {
            throw new ArgumentException(
                $"{inner.GetType().Name}: expected one target per clip (batch), got " +
                $"({string.Join(", ", target.shape)}).");
        }
    }
}
