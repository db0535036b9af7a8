using SpeechML.Encoders.Layers;
using SpeechML.Encoders.Native;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Families.Ssl;

/// <summary>
/// Batch norm over the frames of clips. In training mode it goes by the statistics of the batch's valid frames and
/// moves the stored ones, as PyTorch does, which takes frames of padding too; in evaluation mode, and so wherever it
/// is frozen, by the stored ones.
/// </summary>
internal sealed class FrameBatchNorm : nn.Module
{
    // PyTorch's, which no configuration changes.
    private const double Momentum = 0.1;

    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    [ComponentName(Name = "bias")]
    private readonly Parameter _bias;

    [ComponentName(Name = "running_mean")]
    private readonly Tensor _mean;

    [ComponentName(Name = "running_var")]
    private readonly Tensor _variance;

    [ComponentName(Name = "num_batches_tracked")]
    private readonly Tensor _batches;

    public FrameBatchNorm(long channels)
        : base("batch_norm")
    {
        _weight = Weights.Empty(channels);
        _bias = Weights.Empty(channels);
        _mean = Weights.EmptyBuffer(ScalarType.Float32, channels);
        _variance = Weights.EmptyBuffer(ScalarType.Float32, channels);
        _batches = Weights.EmptyBuffer(ScalarType.Int64);
    }

    /// <summary>(batch, channels, frames) to a fresh tensor of the same shape.</summary>
    /// <param name="channels">The input, in float32.</param>
    /// <param name="padded">True on padded frames, (batch, frames, 1), whose results mean nothing;
    /// <see langword="null"/> where there are none.</param>
    public Tensor Run(Tensor channels, Tensor? padded)
    {
        // A single frame has no deviation.
        if (!training || channels.shape[0] * channels.shape[2] < 2)
        {
            return Norm(channels, ofBatch: false);
        }
        if (padded is null)
        {
            return Norm(channels, ofBatch: true);
        }
        using DisposeScope scope = NewDisposeScope();
        Tensor frames = channels.transpose(1, 2);
        Tensor rows = frames.reshape(-1, channels.shape[1]);
        Tensor valid = padded.logical_not().reshape(-1).nonzero().squeeze(1);
        if (valid.shape[0] < 2)
        {
            return Norm(channels, ofBatch: false).MoveToOuterDisposeScope();
        }
        Tensor normed = Norm(rows.index_select(0, valid), ofBatch: true);
        return zeros_like(rows).index_copy(0, valid, normed).view(frames.shape).transpose(1, 2)
            .MoveToOuterDisposeScope();
    }

    private Tensor Norm(Tensor channels, bool ofBatch)
    {
        // A layer that is computed again for its gradient has moved them, or will, only once.
        bool moves = ofBatch && is_grad_enabled();
        if (moves)
        {
            using IDisposable still = no_grad();
            using Tensor one = ones_like(_batches);
            _ = _batches.add_(one, Scalars.Of(1));
        }
        return nn.functional.batch_norm(channels, _mean, _variance, _weight, _bias, training: ofBatch,
            momentum: moves ? Momentum : 0, eps: WaveformConfig.FixedEpsilon);
    }
}
