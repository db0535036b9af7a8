namespace SpeechML;

/// <summary>Which parameters of the encoder stay as they were pretrained.</summary>
public enum LayerFreezing
{
    /// <summary>Nothing is frozen, not even the convolutional front end.</summary>
    None,

    /// <summary>
    /// Only what fine-tuning always leaves alone: the convolutional front end and the masked-frame embedding (HuBERT,
    /// WavLM, wav2vec 2.0), the two
    /// convolutions and the positions (Whisper).
    /// </summary>
    RequiredOnly,

    /// <summary>
    /// As <see cref="RequiredOnly"/>, and the positional convolution and the encoder's own layer norm (HuBERT, WavLM,
    /// wav2vec 2.0).
    /// </summary>
    Optional,

    /// <summary>The upper half of the layers in use trains, everything below is frozen.</summary>
    Half,

    /// <summary>Only the highest layer in use trains.</summary>
    ExcludeLast,

    /// <summary>
    /// The layers named by <see cref="SpeechTrainingOptions.FrozenLayers"/> are frozen, and what <see cref="Optional"/>
    /// freezes.
    /// </summary>
    Layers,

    /// <summary>The whole encoder is frozen; only the head trains.</summary>
    All,
}
