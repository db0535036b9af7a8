using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Layers;

/// <summary>A convolution over time, (batch, inputs, frames) to (batch, outputs, frames).</summary>
internal sealed class TimeConvolution : ProductModule
{
    private readonly long _stride;
    private readonly long _padding;

    public TimeConvolution(long inputs, long outputs, long kernel, long stride, long padding, bool bias)
        : base(nameof(TimeConvolution), Weights.Empty(outputs, inputs, kernel), bias ? Weights.Empty(outputs) : null)
    {
        _stride = stride;
        _padding = padding;
    }

    public override Tensor forward(Tensor input)
    {
        if (IsPlain(input))
        {
            return nn.functional.conv1d(input, Weight, Bias, stride: _stride, padding: _padding);
        }
        using DisposeScope scope = NewDisposeScope();
        return nn.functional.conv1d(Take(input), ProductWeight, ProductBias, stride: _stride, padding: _padding)
            .MoveToOuterDisposeScope();
    }
}
