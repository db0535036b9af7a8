using System.Text.Json.Nodes;
using SpeechML.Encoders.Features;
using SpeechML.Encoders.Layers;

namespace SpeechML.Encoders.Families.Whisper;

/// <summary>Whisper's encoder, which takes a log-mel spectrogram.</summary>
internal static class WhisperFamily
{
    public static EncoderFamily Whisper { get; } = new()
    {
        ModelType = "whisper",
        Prefixes = ["model.encoder.", "encoder.", string.Empty],
        PythonClass = "WhisperForConditionalGeneration",
        PythonPrefixes = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["WhisperModel"] = "encoder.",
            ["WhisperForAudioClassification"] = "encoder.",
            ["WhisperEncoder"] = "",
        },
        ClassifierClass = "WhisperForAudioClassification",
        PoolsSilence = true,
        Parse = WhisperConfig.Parse,
        CheckPreprocessor = (preprocessor, config) =>
            PreprocessorChecks.LogMel(preprocessor, ((WhisperConfig)config).Mels, ((WhisperConfig)config).MaxMelFrames),
        WritePreprocessor = (config, _) => WritePreprocessor((WhisperConfig)config),
        Build = (config, source, layers) => Build((WhisperConfig)config, source, layers),
        Known =
        [
            new("whisper-tiny", "openai/whisper-tiny", Size(384, 4, 6)),
            new("whisper-base", "openai/whisper-base", Size(512, 6, 8)),
            new("whisper-small", "openai/whisper-small", Size(768, 12, 12)),
            new("whisper-medium", "openai/whisper-medium", Size(1024, 24, 16)),
            new("whisper-large", "openai/whisper-large", Size(1280, 32, 20)),
            new("whisper-large-v2", "openai/whisper-large-v2", Size(1280, 32, 20)),
            new("whisper-large-v3", "openai/whisper-large-v3", Size(1280, 32, 20, mels: 128)),
            new("whisper-large-v3-turbo", "openai/whisper-large-v3-turbo", Size(1280, 32, 20, mels: 128)),
        ],
        PythonUse = "`WhisperModel.from_pretrained(folder).encoder` (the folder holds no decoder: what Python says " +
            "of missing weights is of the decoder).",
    };

    private static WhisperEncoder Build(WhisperConfig config, EncoderSource source, int layers) =>
        new(config, source, layers,
            _ => new MultiHeadAttention(config.HiddenSize, config.Heads, keyBias: false, config.AttentionDropout));

    private static JsonObject WritePreprocessor(WhisperConfig config) => new()
    {
        ["chunk_length"] = config.MaxSamples / config.SampleRate,
        ["dither"] = JsonNode.Parse("0.0"),
        ["feature_extractor_type"] = "WhisperFeatureExtractor",
        ["feature_size"] = config.Mels,
        ["hop_length"] = LogMelSpectrogram.Hop,
        ["n_fft"] = LogMelSpectrogram.WindowLength,
        ["n_samples"] = config.MaxSamples,
        ["nb_max_frames"] = config.MaxMelFrames,
        ["padding_side"] = "right",
        ["padding_value"] = JsonNode.Parse("0.0"),
        ["return_attention_mask"] = false,
        ["sampling_rate"] = config.SampleRate,
    };

    private static WhisperConfig Size(int hidden, int layers, int heads, int mels = 80) => new()
    {
        ModelType = "whisper",
        SampleRate = 16000,
        HiddenSize = hidden,
        LayerCount = layers,
        Heads = heads,
        FeedForwardSize = 4 * hidden,
        Mels = mels,
        Positions = 1500,
    };
}
