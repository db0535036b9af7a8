using SpeechML.Encoders.Native;
using static TorchSharp.torch;

namespace SpeechML.Model.Pooling;

/// <summary>Mean and population standard deviation side by side, (batch, 2 hidden).</summary>
internal sealed class MeanStdPooling(int hidden) : FramePooling(nameof(MeanStdPooling), 2 * hidden)
{
    // A single frame gives std 1e-5 and gradient 0, where a bare square root would give an infinite one.
    internal const double VarianceFloor = 1e-10;

    internal override int PartsPerDimension => 2;

    internal override RunningPooling BeginRunning() => new RunningMoments(VarianceFloor);

    protected override Tensor Pool(Tensor hidden, Tensor padding, Tensor count)
    {
        Tensor mean = hidden.masked_fill(padding, Scalars.Of(0)).sum([1]) / count;
        Tensor variance = (hidden - mean.unsqueeze(1)).masked_fill(padding, Scalars.Of(0)).Squared().sum([1]) / count;
        return cat([mean, variance.clamp_min(Scalars.Of(VarianceFloor)).sqrt()], 1);
    }
}
