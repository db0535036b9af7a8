using System.Text.Json.Nodes;
using SpeechML.Encoders.Families.Ssl;
using SpeechML.Encoders.Features;

namespace SpeechML.Encoders.Families.Conformer;

/// <summary>Encoders of conformer layers: wav2vec 2.0's on a waveform, w2v-BERT's on a log-mel spectrogram.</summary>
internal static class ConformerFamily
{
    private static readonly Dictionary<string, string> s_attention = new(StringComparer.Ordinal)
    {
        ["q_proj"] = "linear_q",
        ["k_proj"] = "linear_k",
        ["v_proj"] = "linear_v",
        ["out_proj"] = "linear_out",
    };

    public static EncoderFamily Wav2Vec2Conformer { get; } = SslFamily.OfWaveforms(
        "wav2vec2-conformer", "Wav2Vec2ConformerModel",
        [
            new("wav2vec2-conformer-rel-pos-large", "facebook/wav2vec2-conformer-rel-pos-large", Large(false)),
            new("wav2vec2-conformer-rope-large", "facebook/wav2vec2-conformer-rope-large", Large(true)),
        ],
        ConformerConfig.Parse,
        (config, source, layers) => new ConformerEncoder((ConformerConfig)config, source, layers)) with
    {
        AttentionMaps = s_attention,
        // Positions are computed once, of what the dropout before the layers gives.
        PythonPrompt = [".dropout.register_forward_hook(lambda m, a, out: prompt(out))"],
    };

    public static EncoderFamily W2vBert { get; } = new()
    {
        ModelType = "wav2vec2-bert",
        Prefixes = ["wav2vec2_bert.", string.Empty],
        PythonClass = "Wav2Vec2BertModel",
        PythonPrefixes = new Dictionary<string, string>(StringComparer.Ordinal) { ["Wav2Vec2BertModel"] = "" },
        Parse = W2vBertConfig.Parse,
        CheckPreprocessor = (preprocessor, config) =>
            PreprocessorChecks.StackedLogMel(preprocessor, ((W2vBertConfig)config).Mels, W2vBertConfig.Stacked),
        WritePreprocessor = (config, _) => WritePreprocessor((W2vBertConfig)config),
        Build = (config, source, layers) => new W2vBertEncoder((W2vBertConfig)config, source, layers),
        AttentionMaps = s_attention,
        // A last 10 ms frame without a partner is filled with padding there.
        PythonInput = "[:, :((len(clip) - 400) // 160 + 1) // 2]",
        Known =
        [
            new("w2v-bert-2.0", "facebook/w2v-bert-2.0", new W2vBertConfig
            {
                ModelType = "wav2vec2-bert",
                SampleRate = 16000,
                HiddenSize = 1024,
                LayerCount = 24,
                Heads = 16,
                FeedForwardSize = 4096,
            }),
        ],
    };

    private static JsonObject WritePreprocessor(W2vBertConfig config) => new()
    {
        ["feature_extractor_type"] = "SeamlessM4TFeatureExtractor",
        ["feature_size"] = config.Mels,
        ["num_mel_bins"] = config.Mels,
        ["padding_side"] = "right",
        ["padding_value"] = 1,
        ["return_attention_mask"] = true,
        ["sampling_rate"] = config.SampleRate,
        ["stride"] = W2vBertConfig.Stacked,
    };

    private static ConformerConfig Large(bool rotary) => new()
    {
        ModelType = "wav2vec2-conformer",
        SampleRate = 16000,
        HiddenSize = 1024,
        LayerCount = 24,
        Heads = 16,
        FeedForwardSize = 4096,
        ConvChannels = [512, 512, 512, 512, 512, 512, 512],
        ConvKernels = [10, 3, 3, 3, 3, 2, 2],
        ConvStrides = [5, 2, 2, 2, 2, 2, 2],
        GroupNorm = false,
        ConvBias = true,
        IsRotary = rotary,
    };
}
