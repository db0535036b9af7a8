using SpeechML.Audio.Options;

namespace SpeechML;

/// <summary>How a model of the Hugging Face Hub is loaded.</summary>
public sealed class HuggingFaceModelOptions
{
    /// <summary>
    /// The base model of a PEFT adapter, a folder or a Hub id. Empty, the default, for what
    /// <c>adapter_config.json</c> says, or the folder around the adapter's.
    /// </summary>
    [IsText("a folder or a Hub id, or an empty text for none", MayBeEmpty = true)]
    public string BaseModel { get; set; } = "";

    /// <summary>
    /// The label of the one number that is wanted of a model that gives several, such as <c>arousal</c>: then it is an
    /// ordinary regression model. Empty, the default, for all of them.
    /// </summary>
    [IsText("a label, or an empty text for all", MayBeEmpty = true)]
    public string Target { get; set; } = "";

    /// <summary>
    /// What is done with clips that are longer than the encoder is given at once. Python's pipelines give the encoder
    /// the whole clip, and Whisper its first 30 seconds.
    /// </summary>
    public LongAudioOptions LongAudio { get; set; } = new();

    /// <summary>Whether a download stays in the cache after loading. The default is <see langword="true"/>.</summary>
    [DoesNotAffectResult]
    public bool KeepDownload { get; set; } = true;

    /// <summary>Throws for the first option that is out of its range.</summary>
    internal void Validate()
    {
        OptionModel.Of(typeof(HuggingFaceModelOptions)).Validate(this);
        LongAudio.Validate();
    }
}
