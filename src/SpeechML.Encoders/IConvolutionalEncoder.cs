using static TorchSharp.torch;

namespace SpeechML.Encoders;

/// <summary>
/// An encoder whose convolutions give frames that everything else in it goes on from: a projection, masks, positions,
/// the layers. Fine-tuning mostly leaves the convolutions alone, so that what they give can be kept.
/// </summary>
internal interface IConvolutionalEncoder
{
    /// <summary>Numbers in a frame that the convolutions give.</summary>
    int FrontEndChannels { get; }

    /// <summary>Whether a parameter or buffer is one of the convolutions.</summary>
    /// <param name="name">Its name, such as <c>feature_extractor.conv_layers.0.conv.weight</c>.</param>
    bool IsOfFrontEnd(string name);

    /// <summary>From features to frames (batch, frames, channels), with the valid ones of each clip.</summary>
    (Tensor Frames, long[] Lengths) RunFrontEnd(EncoderInput input);

    /// <summary>From frames (batch, frames, channels) to hidden state 0 (batch, frames, hidden).</summary>
    /// <param name="frames">What <see cref="RunFrontEnd"/> gave; it stays the caller's.</param>
    /// <param name="lengths">Valid frames of each clip. What is behind them does not matter.</param>
    /// <param name="masks">The masks of a training step; <see langword="null"/> for none.</param>
    Tensor EmbedFrontEnd(Tensor frames, long[] lengths, FeatureMasking? masks);
}
