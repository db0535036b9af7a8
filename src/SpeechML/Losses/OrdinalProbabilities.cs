using SpeechML.Interop;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Losses;

/// <summary>What the cumulative probabilities of an ordinal head say about the classes.</summary>
internal static class OrdinalProbabilities
{
    /// <summary>
    /// Class number (batch) = how many of P(class &gt; k) exceed one half, and probabilities (batch, K) = their differences. Logits that do not fall
    /// with k (CORAL without shared weights) give negative differences: they are left as they are, so that the caller can see it.
    /// </summary>
    /// <param name="above">P(class &gt; k), (batch, K - 1).</param>
    public static (Tensor Classes, Tensor Probabilities) FromAbove(Tensor above)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor one = ones_like(above.narrow(1, 0, 1));
        Tensor probabilities = cat([one, above], 1) - cat([above, zeros_like(one)], 1);
        return ((above > Scalars.Of(0.5)).sum([1]).MoveToOuterDisposeScope(), probabilities.MoveToOuterDisposeScope());
    }
}
