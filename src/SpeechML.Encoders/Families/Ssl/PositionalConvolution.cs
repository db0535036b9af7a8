using SpeechML.Encoders.Kernels;
using SpeechML.Encoders.Layers;
using SpeechML.Encoders.Native;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Families.Ssl;

/// <summary>
/// The convolution that tells the transformer where a frame is: grouped, half a kernel of zeros on both sides, GELU.
/// </summary>
internal sealed class PositionalConvolution : PositionalEmbedding
{
    private readonly int _groups;
    private readonly int _size;
    private readonly KernelSpectrum _spectrum;

    [ComponentName(Name = "conv")]
    private readonly PositionalKernel _kernel;

    [ComponentName(Name = "batch_norm")]
    private readonly FrameBatchNorm? _batchNorm;

    /// <param name="config">The sizes.</param>
    /// <param name="batchNorm">Batch norm before the convolution, which then has no weight norm.</param>
    public PositionalConvolution(WaveformConfig config, bool batchNorm = false)
    {
        _groups = config.PositionalGroups;
        _size = config.PositionalKernel;
        _spectrum = new KernelSpectrum(_groups, _size);
        _batchNorm = batchNorm ? new FrameBatchNorm(config.HiddenSize) : null;
        _kernel = batchNorm
            ? new PlainKernel(config.HiddenSize, _groups, _size)
            : new WeightNormKernel(config.HiddenSize, _groups, _size);
    }

    /// <inheritdoc/>
    public override Tensor Run(Tensor hidden, Tensor? padded)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor channels = Reduced.Widen(hidden.transpose(1, 2));
        if (_batchNorm is not null)
        {
            channels = _batchNorm.Run(channels, padded);
            if (padded is not null)
            {
                // The convolution pads a clip alone with zeros after the norm; in a batch it must see the same.
                channels = channels.masked_fill(padded.transpose(1, 2), Scalars.Of(0));
            }
        }
        Tensor convolved = Convolve(channels);
        return TensorMath.Gelu(convolved).transpose(1, 2).MoveToOuterDisposeScope();
    }

    /// <summary>The kernel in effect, (hidden, hidden / groups, size), row after row.</summary>
    public float[] KernelWeight() => _kernel.Values();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _spectrum.Dispose();
        }
        base.Dispose(disposing);
    }

    /// <summary>
    /// The convolution with bias, as long as its input: through the spectrum where the kernel does not learn, else as
    /// torch does it.
    /// </summary>
    private Tensor Convolve(Tensor channels)
    {
        bool learns = is_grad_enabled() && _kernel.parameters().Any(p => p.requires_grad);
        if (FastPaths.PositionalConvolution && !learns && _spectrum.CanRun(channels))
        {
            return _spectrum.Convolve(channels, _kernel);
        }
        Tensor convolved = nn.functional.conv1d(channels, _kernel.Weight(), _kernel.Bias, padding: _size / 2,
            groups: _groups);
        return _size % 2 == 0 ? convolved.narrow(2, 0, convolved.shape[2] - 1) : convolved;
    }
}
