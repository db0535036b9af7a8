using static TorchSharp.torch;

namespace SpeechML.Encoders.Layers;

/// <summary>The attention that a transformer layer is given: which kind it is, the layer does not know.</summary>
internal abstract class SelfAttention(string name) : nn.Module(name)
{
    /// <summary>Attends within each clip.</summary>
    /// <param name="hidden">(batch, frames, hidden).</param>
    /// <param name="keyMask">Added to the scores, (batch, 1, 1, frames); <see langword="null"/> where no key is
    /// padded.</param>
    /// <param name="positionBias">What <see cref="PositionBias"/> of the first layer gave.</param>
    public abstract Tensor Attend(Tensor hidden, Tensor? keyMask, Tensor? positionBias);

    /// <summary>The softmax weights of each head, (batch, heads, frames, frames).</summary>
    public abstract Tensor AttentionWeights(Tensor hidden, Tensor? keyMask, Tensor? positionBias);

    /// <summary>
    /// A bias by relative position that all layers share, (heads, frames, frames); <see langword="null"/> for kinds
    /// without one.
    /// </summary>
    public virtual Tensor? PositionBias(long frames) => null;
}
