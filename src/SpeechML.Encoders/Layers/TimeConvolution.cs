using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Layers;

/// <summary>A convolution over time, (batch, inputs, frames) to (batch, outputs, frames).</summary>
internal sealed class TimeConvolution : nn.Module<Tensor, Tensor>
{
    private readonly long _stride;
    private readonly long _padding;

    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    [ComponentName(Name = "bias")]
    private readonly Parameter? _bias;

    public TimeConvolution(long inputs, long outputs, long kernel, long stride, long padding, bool bias)
        : base(nameof(TimeConvolution))
    {
        _stride = stride;
        _padding = padding;
        _weight = Weights.Empty(outputs, inputs, kernel);
        _bias = bias ? Weights.Empty(outputs) : null;
    }

    /// <summary>(outputs, inputs, kernel).</summary>
    public Parameter Weight => _weight;

    public override Tensor forward(Tensor input) =>
        nn.functional.conv1d(input, _weight, _bias, stride: _stride, padding: _padding);
}
