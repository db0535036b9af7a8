using SpeechML.Encoders.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Training;

/// <summary>What the losses of several batches add up to, kept on the device that computes them.</summary>
internal sealed class LossTotals : IDisposable
{
    private Tensor? _totals;

    /// <summary>Summed loss, then the sum's weight; after at least one <see cref="Add"/>.</summary>
    public Tensor Values => _totals ?? throw new InvalidOperationException("Loss totals: expected a batch, got none.");

    /// <summary>Adds the loss of a batch.</summary>
    public void Add(LossParts parts)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        ScalarType precise = DeviceReads.Precise(parts.Sum);
        Tensor both = stack([parts.Sum.detach().to(precise), parts.Weight.to(precise)]);
        if (_totals is null)
        {
            _totals = both.DetachFromDisposeScope();
        }
        else
        {
            _ = _totals.add_(both, Scalars.Of(1));
        }
    }

    public void Dispose() => _totals?.Dispose();
}
