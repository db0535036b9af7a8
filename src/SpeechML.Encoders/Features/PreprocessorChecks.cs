using SpeechML.Encoders.Checkpoints;

namespace SpeechML.Encoders.Features;

/// <summary>
/// Refuses a feature extractor that computes another input than the encoder's; fields that do not change the input of a
/// clip alone are not looked at.
/// </summary>
internal static class PreprocessorChecks
{
    /// <summary>
    /// For encoders that take the waveform (HuBERT, WavLM, wav2vec 2.0). Padding is masked, so its value and side are
    /// of no effect.
    /// </summary>
    public static void Waveform(JsonFieldReader preprocessor)
    {
        preprocessor.Require("feature_extractor_type", "Wav2Vec2FeatureExtractor", "Wav2Vec2FeatureExtractor");
        preprocessor.RequireNumber("feature_size", 1, "the waveform");
    }

    /// <summary>For encoders that take a log-mel spectrogram (Whisper).</summary>
    /// <param name="preprocessor">The feature extractor's configuration.</param>
    /// <param name="mels">Mel bands that the encoder takes.</param>
    /// <param name="maxFrames">Frames of the longest clip.</param>
    public static void LogMel(JsonFieldReader preprocessor, int mels, int maxFrames)
    {
        const string only = "the only one supported";
        preprocessor.Require("feature_extractor_type", "WhisperFeatureExtractor", "WhisperFeatureExtractor");
        preprocessor.RequireNumber("feature_size", mels, "'num_mel_bins' of config.json");
        preprocessor.RequireNumber("n_fft", LogMelSpectrogram.WindowLength, only);
        preprocessor.RequireNumber("hop_length", LogMelSpectrogram.Hop, only);
        preprocessor.RequireNumber("chunk_length",
            (double)maxFrames * LogMelSpectrogram.Hop / FeatureExtractorSettings.Default.SampleRate,
            "seconds, as 'max_source_positions' of config.json");
        preprocessor.RequireNumber("padding_value", 0, "silence");
        preprocessor.RequireNumber("dither", 0, only);
        preprocessor.Require("padding_side", "right", "right");
    }
}
