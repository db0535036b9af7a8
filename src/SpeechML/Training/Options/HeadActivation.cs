namespace SpeechML;

/// <summary>The non-linearity between the layers of a head.</summary>
public enum HeadActivation
{
    /// <summary>max(0, x).</summary>
    Relu,

    /// <summary>x Φ(x), exact.</summary>
    Gelu,

    /// <summary>Hyperbolic tangent.</summary>
    Tanh,

    /// <summary>1 / (1 + e^-x). Only between layers: a head's output is never squashed.</summary>
    Sigmoid,

    /// <summary>
    /// None: linear layers alone, as the classifiers of Hugging Face transformers have (<c>projector</c>,
    /// <c>classifier</c>).
    /// </summary>
    Identity,
}
