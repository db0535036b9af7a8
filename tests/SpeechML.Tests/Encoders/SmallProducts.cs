using SpeechML.Encoders.Blocks;

namespace SpeechML.Tests.Encoders;

/// <summary>While it lives, the fast products take everything: the encoders of the tests are so small that theirs would be left to torch.</summary>
internal sealed class SmallProducts : IDisposable
{
    private readonly long _fewest = MatrixProducts.Fewest;

    public SmallProducts() => MatrixProducts.Fewest = 0;

    public void Dispose() => MatrixProducts.Fewest = _fewest;
}
