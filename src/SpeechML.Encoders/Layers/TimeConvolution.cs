using SpeechML.Encoders.Kernels;
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

    /// <summary>
    /// The convolution frame after frame, (batch, frames, inputs) to (batch, frames, outputs), contiguous;
    /// <see langword="null"/> where that is not to be had (<see cref="FrameConvolution"/>).
    /// </summary>
    /// <param name="frames">What comes in.</param>
    /// <param name="gelu">Whether GELU follows.</param>
    public Tensor? Frames(Tensor frames, bool gelu)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor given = Take(frames);
        return !FrameConvolution.CanRun(given.device_type, given.dtype, given.numel(), WeightForm.shape[0])
            || MatrixProducts.NeedsGraph(given, WeightForm, Bias) ? null
            : FrameConvolution.Run(given.contiguous(), ProductWeight, ProductBias, _stride, _padding, gelu)
                .MoveToOuterDisposeScope();
    }

    /// <summary>Whether <see cref="Frames"/> is to be had of so many frames that need no gradient.</summary>
    public bool CanRunFrames(long frames) =>
        FrameConvolution.CanRun(
            WeightForm.device_type, Rounding ?? WeightForm.dtype, frames * WeightForm.shape[1], WeightForm.shape[0])
        && !(is_grad_enabled() && (WeightForm.requires_grad || Bias is { requires_grad: true }));

    /// <summary>
    /// What each output of a convolution of a single channel is made of: (batch, samples) to (batch, frames, kernel),
    /// in the type of the product; <see langword="null"/> where frame after frame is not to be had.
    /// </summary>
    public Tensor? Windows(Tensor waveforms)
    {
        if (WeightForm.shape[1] != 1 || _padding != 0)
        {
            return null;
        }
        using DisposeScope scope = NewDisposeScope();
        Tensor given = Take(waveforms);
        return !FrameConvolution.CanRun(given.device_type, given.dtype, given.numel(), WeightForm.shape[0])
            || MatrixProducts.NeedsGraph(given, WeightForm, Bias) ? null
            : given.unfold(1, WeightForm.shape[2], _stride).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>The convolution of a single channel as a product with <see cref="Windows"/>.</summary>
    /// <param name="waveforms">(batch, samples).</param>
    /// <param name="norm">What follows; <see langword="null"/> for GELU.</param>
    public FirstConvolution? FirstFrames(Tensor waveforms, Func<Tensor, Tensor>? norm = null)
    {
        if (Windows(waveforms) is not { } windows)
        {
            return null;
        }
        return new FirstConvolution(windows, [(ProductWeight.squeeze(1), ProductBias)], norm);
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
