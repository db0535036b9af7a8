namespace SpeechML;

/// <summary>What is taken from the model of <see cref="InitialModelOptions"/>.</summary>
public enum InitialParts
{
    /// <summary>
    /// The encoder and all that is on top of it. Layers in use, pooling, head and labels must be the same.
    /// </summary>
    All,

    /// <summary>The encoder alone, with its adapter: the head starts anew, for the same task or another.</summary>
    Encoder,

    /// <summary>
    /// What is on top of the encoder: the learned combination of layers, the pooling's weights and the head. The
    /// encoder is <see cref="SpeechTrainingOptions.Encoder"/>.
    /// </summary>
    Head,
}
