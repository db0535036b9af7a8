namespace SpeechML.Encoders;

/// <summary>What an encoder was built from: with its weights, enough to build it again.</summary>
/// <param name="ConfigJson">The text of <c>config.json</c>.</param>
/// <param name="Features">What <c>preprocessor_config.json</c> said.</param>
/// <param name="Context">How much audio a Whisper encoder is shown for a short clip.</param>
internal sealed record EncoderSource(string ConfigJson, FeatureExtractorSettings Features, WhisperContext Context)
{
    /// <summary>How much audio a Whisper encoder is shown for a short clip.</summary>
    public WhisperContext Context { get; } = Context == WhisperContext.Auto ? WhisperContext.Exact30Seconds : Context;
}
