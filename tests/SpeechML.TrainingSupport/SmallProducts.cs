using SpeechML.Encoders.Kernels;

namespace SpeechML.TrainingSupport;

/// <summary>
/// While it lives, the fast products and attention take everything, and every weight is packed: the encoders of the
/// tests are so small that theirs would be left to torch.
/// </summary>
internal sealed class SmallProducts : IDisposable
{
    private readonly (long Products, long Attention, int Head, long Packed) _usual = (
        MatrixProducts.MinMultiplications, AttentionKernel.MinMultiplications, AttentionKernel.SmallestHead,
        PackedWeight.MinValues);

    public SmallProducts() => Set((0, 0, 0, 0));

    public void Dispose() => Set(_usual);

    private static void Set((long Products, long Attention, int Head, long Packed) limits) => (
        MatrixProducts.MinMultiplications, AttentionKernel.MinMultiplications, AttentionKernel.SmallestHead,
        PackedWeight.MinValues) = limits;
}
