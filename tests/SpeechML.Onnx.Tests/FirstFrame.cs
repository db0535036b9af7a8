using static TorchSharp.torch;

namespace SpeechML.Onnx.Tests;

/// <summary>A pooling that no converter knows.</summary>
internal sealed class FirstFrame(int hidden) : FramePooling("first", hidden)
{
    protected override Tensor Pool(Tensor hidden, Tensor padding, Tensor count) => hidden.select(1, 0);
}
