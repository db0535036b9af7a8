using static TorchSharp.torch;

namespace SpeechML.Encoders.Layers;

/// <summary>One transformer layer, (batch, frames, hidden) to the same shape.</summary>
internal abstract class EncoderLayer(string name) : nn.Module(name)
{
    /// <summary>The attention it was given.</summary>
    public abstract SelfAttention Attention { get; }

    /// <summary>What the attention sees of the layer's input: itself, or its norm where the norm comes first.</summary>
    public abstract Tensor AttentionInput(Tensor hidden);

    /// <summary>Runs the layer; the parameters are those of <see cref="SelfAttention.Attend"/>.</summary>
    public abstract Tensor Run(Tensor hidden, Tensor? keyMask, Tensor? positions);
}
