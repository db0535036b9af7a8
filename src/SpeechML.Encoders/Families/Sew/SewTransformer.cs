using SpeechML.Encoders.Families.Ssl;
using SpeechML.Encoders.Kernels;
using SpeechML.Encoders.Layers;
using SpeechML.Encoders.Native;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Families.Sew;

/// <summary>What SEW's checkpoints call <c>encoder</c>: squeeze, layer norm, layers, upsampling.</summary>
internal sealed class SewTransformer : nn.Module
{
    private readonly SewConfig _config;

    [ComponentName(Name = "pos_conv_embed")]
    private readonly SqueezingConvolution _positions;

    [ComponentName(Name = "layer_norm")]
    private readonly LayerNormalization _norm;

    [ComponentName(Name = "layers")]
    private readonly ModuleList<EncoderLayer> _layers;

    [ComponentName(Name = "upsample")]
    private readonly Upsampling? _upsampling;

    /// <param name="config">The encoder's facts.</param>
    /// <param name="layers">Layers to build.</param>
    /// <param name="attention">Makes the attention of a layer.</param>
    public SewTransformer(SewConfig config, int layers, Func<int, SelfAttention> attention)
        : base("encoder")
    {
        _config = config;
        _positions = new SqueezingConvolution(config);
        _norm = new LayerNormalization(config.HiddenSize, config.LayerNormEpsilon);
        _layers = new ModuleList<EncoderLayer>(
            [.. Enumerable.Range(0, layers).Select(layer => new PostNormLayer(config, attention(layer)))]);
        _upsampling = layers == config.LayerCount ? new Upsampling(config) : null;
    }

    public IReadOnlyList<EncoderLayer> Layers => [.. _layers];

    public SqueezingConvolution Positions => _positions;

    /// <summary>
    /// From projected frames (batch, frames, hidden), padded ones being 0, to the input of the first layer (batch,
    /// frames / squeeze, hidden). What is left over at the end is dropped.
    /// </summary>
    public Tensor Embed(Tensor projected)
    {
        using DisposeScope scope = NewDisposeScope();
        long squeezed = projected.shape[1] / _config.Squeeze;
        Tensor positions = _positions.Run(projected);
        Tensor means = projected.narrow(1, 0, squeezed * _config.Squeeze)
            .view(projected.shape[0], squeezed, _config.Squeeze, projected.shape[2]).mean([2]);
        long frames = Math.Min(squeezed, positions.shape[1]);
        Tensor hidden = means.narrow(1, 0, frames).Plus(positions.narrow(1, 0, frames));
        return TensorMath.Dropout(_norm.forward(hidden), _config.HiddenDropout, training).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// From the last layer's output to <c>last_hidden_state</c>, (batch, frames, hidden): frames that the squeeze
    /// dropped are 0.
    /// </summary>
    public Tensor Finish(Tensor hidden, long[] lengths)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor frames = Resize(_upsampling!.Run(hidden), lengths.Max());
        long[] made = [.. lengths.Select(n => n / _config.Squeeze * _config.Squeeze)];
        Tensor? valid = FrameMask.Valid(made, frames.shape[1], frames.device);
        return (valid is null ? frames : frames.masked_fill(valid.logical_not().unsqueeze(2), Scalars.Of(0)))
            .MoveToOuterDisposeScope();
    }

    /// <summary>(batch, frames, hidden) with so many frames: cut, or filled with zeros.</summary>
    public static Tensor Resize(Tensor values, long frames)
    {
        long missing = frames - values.shape[1];
        return missing <= 0 ? values.narrow(1, 0, frames)
            : cat([values, zeros([values.shape[0], missing, values.shape[2]], values.dtype, values.device)], 1);
    }
}

/// <summary>The positional convolution, which takes a step of the squeeze at a time.</summary>
internal sealed class SqueezingConvolution : nn.Module
{
    private readonly SewConfig _config;
    private readonly KernelSpectrum _spectrum;

    [ComponentName(Name = "conv")]
    private readonly WeightNormKernel _kernel;

    public SqueezingConvolution(SewConfig config)
        : base("pos_conv_embed")
    {
        _config = config;
        _spectrum = new KernelSpectrum(config.PositionalGroups, config.PositionalKernel);
        _kernel = new WeightNormKernel(config.HiddenSize, config.PositionalGroups, config.PositionalKernel);
    }

    /// <summary>The kernel in effect, (hidden, hidden / groups, size), row after row.</summary>
    public float[] KernelWeight() => _kernel.Values();

    /// <summary>(batch, frames, hidden) to fewer frames; padded ones must be 0.</summary>
    public Tensor Run(Tensor hidden)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor convolved = Convolve(Reduced.Widen(hidden.transpose(1, 2)));
        return TensorMath.Gelu(convolved).transpose(1, 2).MoveToOuterDisposeScope();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _spectrum.Dispose();
        }
        base.Dispose(disposing);
    }

    private Tensor Convolve(Tensor channels)
    {
        (int size, int step) = (_config.PositionalKernel, _config.Squeeze);
        bool learns = is_grad_enabled() && _kernel.parameters().Any(p => p.requires_grad);
        if (FastPaths.PositionalConvolution && !learns && _spectrum.CanRun(channels))
        {
            long frames = channels.shape[2];
            // All of them in blocks take less time than every other one by itself.
            return _spectrum.Convolve(channels, _kernel).slice(2, 0, frames, step)
                .narrow(2, 0, size % 2 == 0 ? frames / step : ((frames - 1) / step) + 1).contiguous();
        }
        Tensor convolved = nn.functional.conv1d(channels, _kernel.Weight(), _kernel.Bias, stride: step,
            padding: size / 2, groups: _config.PositionalGroups);
        return size % 2 == 0 ? convolved.narrow(2, 0, convolved.shape[2] - 1) : convolved;
    }
}

/// <summary>Makes several frames of each.</summary>
internal sealed class Upsampling : nn.Module
{
    private readonly int _factor;

    [ComponentName(Name = "projection")]
    private readonly Projection _projection;

    public Upsampling(SewConfig config)
        : base("upsample")
    {
        _factor = config.Squeeze;
        _projection = new Projection(config.HiddenSize, checked((long)config.HiddenSize * _factor));
    }

    /// <summary>(batch, frames, hidden) to (batch, frames · squeeze, hidden).</summary>
    public Tensor Run(Tensor hidden) =>
        _projection.ForwardGelu(hidden).view(hidden.shape[0], hidden.shape[1] * _factor, hidden.shape[2]);
}
