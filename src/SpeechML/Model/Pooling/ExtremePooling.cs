using SpeechML.Encoders.Native;
using static TorchSharp.torch;

namespace SpeechML.Model.Pooling;

/// <summary>Largest or smallest value over valid frames; frames that tie share the gradient.</summary>
internal sealed class ExtremePooling(int hidden, bool largest) : FramePooling(nameof(ExtremePooling), hidden)
{
    /// <summary>Whether the largest is taken, rather than the smallest.</summary>
    internal bool Largest => largest;

    internal override RunningPooling BeginRunning() => new RunningExtreme(largest);

    protected override Tensor Pool(Tensor hidden, Tensor padding, Tensor count) => largest
        ? hidden.masked_fill(padding, Scalars.Of(double.NegativeInfinity)).amax([1])
        : hidden.masked_fill(padding, Scalars.Of(double.PositiveInfinity)).amin([1]);
}
