using SpeechML.Encoders.Native;
using static TorchSharp.torch;

namespace SpeechML.Model.Pooling;

/// <summary>Mean over valid frames.</summary>
internal sealed class MeanPooling(int hidden) : FramePooling(nameof(MeanPooling), hidden)
{
    public override bool CanPoolBeforeMixing => true;

    internal override int PartsPerDimension => 1;

    internal override RunningPooling BeginRunning() => new RunningMoments(varianceFloor: null);

    protected override Tensor Pool(Tensor hidden, Tensor padding, Tensor count) =>
        hidden.masked_fill(padding, Scalars.Of(0)).sum([1]) / count;
}
