using SpeechML.Encoders.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Layers;

/// <summary>
/// Masks from valid lengths. Where every clip fills the batch there is no mask, and the unmasked fast path is taken.
/// </summary>
internal static class FrameMask
{
    /// <summary>True on valid frames, (batch, frames); <see langword="null"/> where all frames are valid.</summary>
    public static Tensor? Valid(long[] lengths, long frames, Device device)
    {
        if (Array.TrueForAll(lengths, length => length >= frames))
        {
            return null;
        }
        using DisposeScope scope = NewDisposeScope();
        Tensor ends = tensor(lengths, device: device).unsqueeze(1);
        return Scalars.Range(frames, device).unsqueeze(0).lt(ends).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// What is added to attention scores, (batch, 1, 1, frames): 0 on valid keys, -∞ on padded ones;
    /// <see langword="null"/> where all are valid.
    /// </summary>
    public static Tensor? Keys(long[] lengths, Tensor hidden)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor? valid = Valid(lengths, hidden.shape[1], hidden.device);
        if (valid is null)
        {
            return null;
        }
        return zeros(valid.shape, dtype: Reduced.Is(hidden) ? ScalarType.Float32 : hidden.dtype, device: hidden.device)
            .masked_fill_(valid.logical_not(), Scalars.Of(double.NegativeInfinity))
            .unsqueeze(1).unsqueeze(1).MoveToOuterDisposeScope();
    }
}
