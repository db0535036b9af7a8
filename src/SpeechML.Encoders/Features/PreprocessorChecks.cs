using SpeechML.Encoders.Checkpoints;

namespace SpeechML.Encoders.Features;

/// <summary>
/// Refuses a feature extractor that computes another input than the encoder's; fields that do not change the input of a
/// clip alone are not looked at.
/// </summary>
internal static class PreprocessorChecks
{
    /// <summary>
    /// For encoders that take the waveform (wav2vec 2.0 and its kind). Padding is masked, so its value and side are
    /// of no effect.
    /// </summary>
    public static void Waveform(JsonFieldReader preprocessor)
    {
        preprocessor.Require("feature_extractor_type", "Wav2Vec2FeatureExtractor", "Wav2Vec2FeatureExtractor");
        preprocessor.RequireNumber("feature_size", 1, "the waveform");
    }

    /// <summary>For encoders that take stacked log-mel frames (w2v-BERT). Padding is masked.</summary>
    /// <param name="preprocessor">The feature extractor's configuration.</param>
    /// <param name="mels">Mel bands that the encoder takes.</param>
    /// <param name="stacked">Frames that become one.</param>
    public static void StackedLogMel(JsonFieldReader preprocessor, int mels, int stacked)
    {
        const string why = "'feature_projection_input_dim' of config.json over the frames that are stacked";
        preprocessor.Require("feature_extractor_type", "SeamlessM4TFeatureExtractor", "SeamlessM4TFeatureExtractor");
        preprocessor.RequireNumber("feature_size", mels, why);
        preprocessor.RequireNumber("num_mel_bins", mels, why);
        preprocessor.RequireNumber("stride", stacked, "the only one supported");
        preprocessor.Require("padding_side", "right", "right");
    }

    /// <summary>For encoders that take patches of a log-mel spectrogram (Audio Spectrogram Transformer).</summary>
    /// <param name="preprocessor">The feature extractor's configuration.</param>
    /// <param name="mels">Mel bands that the encoder takes.</param>
    /// <param name="frames">Frames that clips are cut or padded to.</param>
    public static void Patches(JsonFieldReader preprocessor, int mels, int frames)
    {
        preprocessor.Require("feature_extractor_type", "ASTFeatureExtractor", "ASTFeatureExtractor");
        preprocessor.RequireNumber("feature_size", 1, "the only one supported");
        preprocessor.RequireNumber("num_mel_bins", mels, "'num_mel_bins' of config.json");
        preprocessor.RequireNumber("max_length", frames, "'max_length' of config.json");
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
