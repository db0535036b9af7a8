namespace SpeechML;

/// <summary>What <c>EncodeSpeech</c> can be told. Checked when the estimator is created.</summary>
public sealed class SpeechEncodingOptions
{
    /// <summary>The pretrained encoder: a folder in Hugging Face layout (<c>config.json</c> and weights).</summary>
    public string Encoder { get; set; } = "";

    /// <summary>The hidden state that is pooled: -1 for <c>last_hidden_state</c>, else its number in Hugging Face's <c>hidden_states</c>. Layers above it are neither computed nor saved.</summary>
    public int Layer { get; set; } = SpeechTrainingOptions.LastLayer;

    /// <summary>How the frames of a clip become one vector.</summary>
    public SpeechPooling Pooling { get; set; } = SpeechPooling.Mean;

    /// <summary>How much audio a Whisper encoder is shown for a short clip; other encoders ignore it.</summary>
    public WhisperContext WhisperContext { get; set; } = WhisperContext.Exact30Seconds;

    internal void Validate()
    {
        OptionChecks.Check(!string.IsNullOrWhiteSpace(Encoder), nameof(Encoder), "the folder of a pretrained encoder", Encoder);
        OptionChecks.Check(Layer >= SpeechTrainingOptions.LastLayer, nameof(Layer), "-1 (last) or the number of a hidden state", Layer);
        OptionChecks.CheckEnum(WhisperContext, nameof(WhisperContext));
        OptionChecks.CheckEnum(Pooling, nameof(Pooling));
        OptionChecks.Check(
            Pooling is not (SpeechPooling.Attention or SpeechPooling.AttentionTanh),
            nameof(Pooling),
            "a pooling without learned weights (a featurizer does not train)",
            Pooling);
    }
}
