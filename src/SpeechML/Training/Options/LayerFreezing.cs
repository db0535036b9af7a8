namespace SpeechML;

/// <summary>
/// Words of <see cref="SpeechTrainingOptions.Freezing"/>: which parameters of the encoder stay as they were pretrained.
/// </summary>
public static class LayerFreezing
{
    /// <summary>
    /// <see cref="All"/> where the layers are found by the trainer (<see cref="EncoderLayers.Auto"/>), else
    /// <see cref="RequiredOnly"/>.
    /// </summary>
    public const string Auto = "auto";

    /// <summary>Nothing is frozen, not even the convolutional front end.</summary>
    public const string None = "none";

    /// <summary>
    /// Only what fine-tuning always leaves alone: the convolutional front end and the masked-frame embedding (HuBERT,
    /// WavLM, wav2vec 2.0), the two convolutions and the positions (Whisper).
    /// </summary>
    public const string RequiredOnly = "required-only";

    /// <summary>
    /// As <see cref="RequiredOnly"/>, and the positional convolution and the encoder's own layer norm (HuBERT, WavLM,
    /// wav2vec 2.0).
    /// </summary>
    public const string Optional = "optional";

    /// <summary>The upper half of the layers in use trains, everything below is frozen.</summary>
    public const string Half = "half";

    /// <summary>Only the highest layer in use trains.</summary>
    public const string ExcludeLast = "exclude-last";

    /// <summary>The whole encoder is frozen; only the head trains.</summary>
    public const string All = "all";

    /// <summary>Every word; anything else is a list of layers and names.</summary>
    internal static readonly string[] Words = [Auto, None, RequiredOnly, Optional, Half, ExcludeLast, All];
}
