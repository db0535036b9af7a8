using static TorchSharp.torch;

namespace SpeechML.Encoders;

/// <summary>
/// A pretrained speech encoder as a TorchSharp module. Parameters have the names of the Hugging Face checkpoint, without the task's prefix
/// (<c>encoder.layers.0.attention.q_proj.weight</c>, ...). Layers above <see cref="BuiltLayers"/> do not exist.
/// </summary>
public abstract class SpeechEncoder : nn.Module
{
    /// <summary>Creates the base.</summary>
    protected SpeechEncoder(string name, int builtLayers)
        : base(name)
    {
        BuiltLayers = builtLayers;
    }

    /// <summary>The encoder's facts.</summary>
    public abstract EncoderConfig Config { get; }

    /// <summary>Transformer layers that were built: all, or only those up to the highest one in use.</summary>
    public int BuiltLayers { get; }

    /// <summary>Turns mono clips at <see cref="EncoderConfig.SampleRate"/> into one padded batch of this encoder's input features, on the device of its weights.</summary>
    /// <param name="clips">Samples of each clip in [-1, 1].</param>
    public abstract EncoderInput Prepare(IReadOnlyList<float[]> clips);

    /// <summary>The front end: from features to hidden state 0 (batch, frames, hidden), the input of the first layer.</summary>
    public abstract (Tensor Hidden, long[] Lengths) Embed(EncoderInput input);

    /// <summary>Runs the layers on hidden state <paramref name="first"/> (0 after <see cref="Embed"/>).</summary>
    /// <param name="hidden">Hidden state <paramref name="first"/>, (batch, frames, hidden).</param>
    /// <param name="lengths">Valid frames of each clip.</param>
    /// <param name="first">The number of the hidden state given.</param>
    /// <param name="keep">Numbers of the hidden states to return; <see langword="null"/> for all built.</param>
    public abstract EncodedFrames RunLayers(Tensor hidden, long[] lengths, int first = 0, IReadOnlySet<int>? keep = null);

    /// <summary>The whole encoder: <see cref="Embed"/>, then <see cref="RunLayers"/>.</summary>
    public EncodedFrames Encode(EncoderInput input, IReadOnlySet<int>? keep = null)
    {
        (Tensor hidden, long[] lengths) = Embed(input);
        return RunLayers(hidden, lengths, 0, keep);
    }
}
