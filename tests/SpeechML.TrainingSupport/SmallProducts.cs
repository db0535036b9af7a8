using SpeechML.Encoders.Kernels;

namespace SpeechML.TrainingSupport;

/// <summary>
/// While it lives, the fast products and attention take everything: the encoders of the tests are so small that theirs
/// would be left to torch.
/// </summary>
internal sealed class SmallProducts : IDisposable
{
    private readonly (long Products, long Attention, int Head) _usual =
        (MatrixProducts.MinMultiplications, AttentionKernel.MinMultiplications, AttentionKernel.SmallestHead);

    public SmallProducts() =>
        (MatrixProducts.MinMultiplications, AttentionKernel.MinMultiplications, AttentionKernel.SmallestHead) =
        (0, 0, 0);

    public void Dispose() =>
        (MatrixProducts.MinMultiplications, AttentionKernel.MinMultiplications, AttentionKernel.SmallestHead) =
        _usual;
}
