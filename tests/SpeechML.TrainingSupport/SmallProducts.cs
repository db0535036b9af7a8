using SpeechML.Encoders.Kernels;

namespace SpeechML.TrainingSupport;

/// <summary>
/// While it lives, the fast products and attention take everything: the encoders of the tests are so small that theirs
/// would be left to torch.
/// </summary>
internal sealed class SmallProducts : IDisposable
{
    private readonly (long Products, long Attention, int Head) _usual =
        (MatrixProducts.Fewest, AttentionKernel.Fewest, AttentionKernel.SmallestHead);

    public SmallProducts() => (MatrixProducts.Fewest, AttentionKernel.Fewest, AttentionKernel.SmallestHead) = (0, 0, 0);

    public void Dispose() => (MatrixProducts.Fewest, AttentionKernel.Fewest, AttentionKernel.SmallestHead) = _usual;
}
