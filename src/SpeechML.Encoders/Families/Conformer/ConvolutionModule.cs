using SpeechML.Encoders.Families.Ssl;
using SpeechML.Encoders.Kernels;
using SpeechML.Encoders.Layers;
using SpeechML.Encoders.Native;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Families.Conformer;

/// <summary>
/// The conformer's convolution: norm, a linear map with a gate, a convolution of each channel over time, a norm, an
/// activation, a linear map. How it looks around and which norm follows, kinds of it say.
/// </summary>
internal abstract class ConvolutionModule : nn.Module
{
    private readonly double _dropout;
    private readonly Activation _activation;

    [ComponentName(Name = "layer_norm")]
    private readonly LayerNormalization _norm;

    [ComponentName(Name = "pointwise_conv1")]
    private readonly PointwiseConvolution _in;

    [ComponentName(Name = "depthwise_conv")]
    private readonly DepthwiseConvolution _depthwise;

    [ComponentName(Name = "pointwise_conv2")]
    private readonly PointwiseConvolution _out;

    /// <param name="width">The transformer's width.</param>
    /// <param name="sizes">The conformer's sizes.</param>
    protected ConvolutionModule(long width, ConformerSizes sizes)
        : base("conv_module")
    {
        _dropout = sizes.ConvolutionDropout;
        _activation = sizes.Activation;
        _norm = new LayerNormalization(width, sizes.Epsilon);
        _in = new PointwiseConvolution(width, 2 * width);
        _depthwise = new DepthwiseConvolution(width, sizes.Kernel);
        _out = new PointwiseConvolution(width, width);
    }

    /// <summary>(batch, frames, hidden) to a fresh tensor of the same shape.</summary>
    /// <param name="hidden">The input.</param>
    /// <param name="padded">True on padded frames, (batch, frames, 1), of which the others see nothing;
    /// <see langword="null"/> where there are none.</param>
    public Tensor Run(Tensor hidden, Tensor? padded)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor gated = nn.functional.glu(_in.forward(_norm.forward(hidden)), -1);
        if (padded is not null)
        {
            gated = gated.masked_fill(padded, Scalars.Of(0));
        }
        Tensor activated = _activation.Apply(Convolve(gated, padded, _depthwise));
        return TensorMath.Dropout(_out.forward(activated), _dropout, training).MoveToOuterDisposeScope();
    }

    /// <summary>The convolution over time and its norm: (batch, frames, hidden) to a fresh one.</summary>
    protected abstract Tensor Convolve(Tensor gated, Tensor? padded, DepthwiseConvolution depthwise);
}

/// <summary>As wav2vec 2.0's conformer has it: half a kernel on both sides, batch norm.</summary>
internal sealed class SymmetricConvolution : ConvolutionModule
{
    private readonly int _half;

    [ComponentName(Name = "batch_norm")]
    private readonly FrameBatchNorm _batchNorm;

    /// <inheritdoc cref="ConvolutionModule(long, ConformerSizes)"/>
    public SymmetricConvolution(long width, ConformerSizes sizes)
        : base(width, sizes)
    {
        _half = sizes.Kernel / 2;
        _batchNorm = new FrameBatchNorm(width);
    }

    protected override Tensor Convolve(Tensor gated, Tensor? padded, DepthwiseConvolution depthwise) =>
        _batchNorm.Run(depthwise.Run(gated.transpose(1, 2), _half, _half), padded).transpose(1, 2);
}

/// <summary>As w2v-BERT has it: frames see only those before them; layer norm.</summary>
internal sealed class CausalConvolution : ConvolutionModule
{
    private readonly int _before;

    [ComponentName(Name = "depthwise_layer_norm")]
    private readonly LayerNormalization _depthwiseNorm;

    /// <inheritdoc cref="ConvolutionModule(long, ConformerSizes)"/>
    public CausalConvolution(long width, ConformerSizes sizes)
        : base(width, sizes)
    {
        _before = sizes.Kernel - 1;
        _depthwiseNorm = new LayerNormalization(width, sizes.Epsilon);
    }

    protected override Tensor Convolve(Tensor gated, Tensor? padded, DepthwiseConvolution depthwise) =>
        _depthwiseNorm.forward(depthwise.Run(gated.transpose(1, 2), _before, 0).transpose(1, 2));
}

/// <summary>A convolution of one tap without bias: a linear map of each frame.</summary>
internal sealed class PointwiseConvolution : ProductModule
{
    public PointwiseConvolution(long inputs, long outputs)
        : base(nameof(PointwiseConvolution), Weights.Empty(outputs, inputs, 1), null)
    {
    }

    /// <summary>(batch, frames, inputs) to (batch, frames, outputs).</summary>
    public override Tensor forward(Tensor frames)
    {
        using DisposeScope scope = NewDisposeScope();
        return MatrixProducts.Linear(Take(frames), ProductWeight.squeeze(2)).MoveToOuterDisposeScope();
    }
}

/// <summary>A convolution of each channel with taps of its own, without bias.</summary>
internal sealed class DepthwiseConvolution : nn.Module
{
    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    public DepthwiseConvolution(long channels, long kernel)
        : base(nameof(DepthwiseConvolution)) => _weight = Weights.Empty(channels, 1, kernel);

    /// <summary>(batch, channels, frames) to as many frames.</summary>
    /// <param name="channels">The input.</param>
    /// <param name="before">Frames of zeros before it.</param>
    /// <param name="after">Frames of zeros after it.</param>
    public Tensor Run(Tensor channels, long before, long after)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor padded = nn.functional.pad(Reduced.Widen(channels), [before, after]);
        return nn.functional.conv1d(padded, _weight, groups: _weight.shape[0]).MoveToOuterDisposeScope();
    }
}
