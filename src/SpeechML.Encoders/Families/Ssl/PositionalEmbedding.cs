using static TorchSharp.torch;

namespace SpeechML.Encoders.Families.Ssl;

/// <summary>What tells the transformer where a frame is, from the frames themselves.</summary>
internal abstract class PositionalEmbedding() : nn.Module("pos_conv_embed")
{
    /// <summary>(batch, frames, hidden) to the same shape.</summary>
    /// <param name="hidden">Padded frames must be 0.</param>
    /// <param name="padded">True on padded frames, (batch, frames, 1); <see langword="null"/> where there are
    /// none.</param>
    public abstract Tensor Run(Tensor hidden, Tensor? padded);
}
