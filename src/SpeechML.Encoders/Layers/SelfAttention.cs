using static TorchSharp.torch;

namespace SpeechML.Encoders.Layers;

/// <summary>The attention that a transformer layer is given: which kind it is, the layer does not know.</summary>
internal abstract class SelfAttention(string name) : nn.Module(name)
{
    /// <summary>Attends within each clip.</summary>
    /// <param name="hidden">(batch, frames, hidden).</param>
    /// <param name="keyMask">Added to the scores, (batch, 1, 1, frames); <see langword="null"/> where no key is
    /// padded.</param>
    /// <param name="positions">What <see cref="Positions"/> of the first layer gave.</param>
    public abstract Tensor Attend(Tensor hidden, Tensor? keyMask, Tensor? positions);

    /// <summary>The softmax weights of each head, (batch, heads, frames, frames).</summary>
    public abstract Tensor AttentionWeights(Tensor hidden, Tensor? keyMask, Tensor? positions);

    /// <summary>
    /// What all layers share of so many frames' positions: a bias (heads, frames, frames), sinusoids of distances, or
    /// angles; <see langword="null"/> for kinds without any.
    /// </summary>
    public virtual Tensor? Positions(long frames) => null;
}
