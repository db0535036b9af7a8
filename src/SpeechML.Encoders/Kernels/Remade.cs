using static TorchSharp.torch;

namespace SpeechML.Encoders.Kernels;

/// <summary>
/// How the left factor of a product was made of what autograd keeps anyway, so that the product need not keep it for
/// its backward pass: it is made again there, of the same bits. Of a base model's step (4 × 10 s) the factors of
/// attention and feed-forward are 0.9 GB.
/// </summary>
/// <param name="Source">What it was made of; nobody changes it in place.</param>
/// <param name="Gelu">Whether the exact GELU was taken of it.</param>
/// <param name="Key">The key of its dropout; <see langword="null"/> for none.</param>
/// <param name="Probability">The probability of dropout.</param>
internal sealed record Remade(Tensor Source, bool Gelu, ulong? Key = null, double Probability = 0)
{
    /// <summary>The same, kept outside of dispose scopes and of the graph.</summary>
    public Remade Keep() => this with { Source = Source.detach().DetachFromDisposeScope() };

    /// <summary>The factor, of the current dispose scope.</summary>
    public Tensor Make()
    {
        Tensor made = Gelu ? Source.gelu() : Source;
        return Key is { } key ? DropoutMask.Apply(made, key, Probability) : made;
    }
}
