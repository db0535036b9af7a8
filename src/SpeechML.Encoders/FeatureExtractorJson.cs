using System.Text.Json.Nodes;
using SpeechML.Encoders.Checkpoints;
using SpeechML.Encoders.Families.Ssl;
using SpeechML.Encoders.Families.Whisper;

namespace SpeechML.Encoders;

/// <summary>What Hugging Face's feature extractors write to <c>preprocessor_config.json</c> (transformers 5).</summary>
internal static class FeatureExtractorJson
{
    /// <summary>The configuration that was read, as it was; else what transformers writes for such an encoder.
    /// </summary>
    public static JsonObject Write(SpeechEncoder encoder)
    {
        if (encoder.Features.Source is not { } source)
        {
            return Make(encoder);
        }
        JsonObject json = JsonNode.Parse(source.GetRawText())!.AsObject();
        if (new JsonFieldReader(source, CheckpointFolder.PreprocessorFile)
            .Flag("do_normalize", FeatureExtractorSettings.Default.Normalize) != encoder.Features.Normalize)
        {
            json["do_normalize"] = encoder.Features.Normalize;
        }
        return json;
    }

    private static JsonObject Make(SpeechEncoder encoder) => encoder.Config switch
    {
        WhisperConfig whisper => Whisper(whisper),
        SslConfig ssl => Waveform(ssl, encoder.Features),
        _ => throw new InvalidOperationException(
        $"Feature extractor of encoder '{encoder.Config.ModelType}': expected a known family."),
    };

    private static JsonObject Waveform(SslConfig config, FeatureExtractorSettings features) => new()
    {
        ["do_normalize"] = features.Normalize,
        ["feature_extractor_type"] = "Wav2Vec2FeatureExtractor",
        ["feature_size"] = 1,
        ["padding_side"] = "right",
        ["padding_value"] = Zero(),
        // Group-norm models were trained without a mask, WavLM with one.
        ["return_attention_mask"] = !config.GroupNorm || config.ModelType == "wavlm",
        ["sampling_rate"] = features.SampleRate,
    };

    private static JsonObject Whisper(WhisperConfig config) => new()
    {
        ["chunk_length"] = config.MaxSamples / config.SampleRate,
        ["dither"] = Zero(),
        ["feature_extractor_type"] = "WhisperFeatureExtractor",
        ["feature_size"] = config.Mels,
        ["hop_length"] = LogMelSpectrogram.Hop,
        ["n_fft"] = LogMelSpectrogram.WindowLength,
        ["n_samples"] = config.MaxSamples,
        ["nb_max_frames"] = config.MaxMelFrames,
        ["padding_side"] = "right",
        ["padding_value"] = Zero(),
        ["return_attention_mask"] = false,
        ["sampling_rate"] = config.SampleRate,
    };

    /// <summary>As Python writes a float.</summary>
    private static JsonNode Zero() => JsonNode.Parse("0.0")!;
}
