using System.Text.Json.Nodes;
using SpeechML.Encoders.Checkpoints;
using SpeechML.Encoders.Features;
using SpeechML.Encoders.Layers;

namespace SpeechML.Encoders.Families.Ssl;

/// <summary>
/// wav2vec 2.0 and the encoders that are built like it: WavLM, HuBERT, UniSpeech, UniSpeech-SAT, data2vec.
/// </summary>
internal static class SslFamily
{
    private static readonly int[] s_kernels = [10, 3, 3, 3, 3, 2, 2];
    private static readonly int[] s_strides = [5, 2, 2, 2, 2, 2, 2];
    private static readonly int[] s_channels = [512, 512, 512, 512, 512, 512, 512];

    public static EncoderFamily WavLm { get; } = Of(
        "wavlm", "WavLMModel",
        (config, layer) => new WavLmAttention(config, ownsTable: layer == 0),
        [
            new("wavlm-base", "microsoft/wavlm-base", Base("wavlm")),
            new("wavlm-base-plus", "microsoft/wavlm-base-plus", Base("wavlm")),
            new("wavlm-large", "microsoft/wavlm-large", Large("wavlm", 1024, 24) with { ConvBias = false }),
        ]) with
    {
        PeftNote = "PEFT adapts q, k, v and out projections of WavLM without any effect (transformers#48773): " +
            "fold the adapter in before writing (`mergeAdapter`) to use it in Python.",
    };

    public static EncoderFamily Hubert { get; } = Of(
        "hubert", "HubertModel", Plain,
        [
            new("hubert-base", "facebook/hubert-base-ls960", Base("hubert")),
            new("hubert-large", "facebook/hubert-large-ll60k", Large("hubert", 1024, 24)),
            new("hubert-xlarge", "facebook/hubert-xlarge-ll60k", Large("hubert", 1280, 48)),
            new("distilhubert", "ntu-spml/distilhubert",
                Base("hubert") with { LayerCount = 2, ProjectionNorm = false }),
        ]);

    public static EncoderFamily Wav2Vec2 { get; } = Of(
        "wav2vec2", "Wav2Vec2Model", Plain,
        [
            new("wav2vec2-base", "facebook/wav2vec2-base", Base("wav2vec2")),
            // Large in size only: group norm and post-norm layers, as the base model.
            new("wav2vec2-large", "facebook/wav2vec2-large",
                Base("wav2vec2") with { HiddenSize = 1024, LayerCount = 24, Heads = 16, FeedForwardSize = 4096 }),
            new("wav2vec2-xls-r-300m", "facebook/wav2vec2-xls-r-300m", Large("wav2vec2", 1024, 24)),
            new("wav2vec2-xls-r-1b", "facebook/wav2vec2-xls-r-1b", Large("wav2vec2", 1280, 48)),
            new("wav2vec2-xls-r-2b", "facebook/wav2vec2-xls-r-2b", Large("wav2vec2", 1920, 48)),
        ]);

    public static EncoderFamily UniSpeech { get; } = Of(
        "unispeech", "UniSpeechModel", Plain,
        [new("unispeech-large", "microsoft/unispeech-large-1500h-cv", Large("unispeech", 1024, 24))]);

    public static EncoderFamily UniSpeechSat { get; } = Of(
        "unispeech-sat", "UniSpeechSatModel", Plain,
        [
            new("unispeech-sat-base", "microsoft/unispeech-sat-base", Base("unispeech-sat")),
            new("unispeech-sat-base-plus", "microsoft/unispeech-sat-base-plus", Base("unispeech-sat")),
            new("unispeech-sat-large", "microsoft/unispeech-sat-large", Large("unispeech-sat", 1024, 24)),
        ]);

    public static EncoderFamily Data2Vec { get; } = Of(
        "data2vec-audio", "Data2VecAudioModel", Plain,
        [
            new("data2vec-audio-base", "facebook/data2vec-audio-base", Data2VecSize(768, 12, 12)),
            new("data2vec-audio-large", "facebook/data2vec-audio-large", Data2VecSize(1024, 24, 16)),
        ]) with
    {
        PythonModule = "transformers.models.data2vec.modeling_data2vec_audio",
        Parse = Data2VecConfig.Parse,
        Build = (config, source, layers) => Build((Data2VecConfig)config, source, layers, Plain,
            new PositionalStack((Data2VecConfig)config)),
    };

    /// <summary>A family that takes the waveform, with all but its parser and its builder.</summary>
    /// <param name="type">The family as <c>config.json</c> names it.</param>
    /// <param name="python">The Python class of the encoder alone.</param>
    /// <param name="known">Pretrained encoders with a short name.</param>
    /// <param name="parse">Reads <c>config.json</c>.</param>
    /// <param name="build">Builds an encoder.</param>
    public static EncoderFamily OfWaveforms(
        string type, string python, EncoderEntry[] known,
        Func<JsonFieldReader, FeatureExtractorSettings, EncoderConfig> parse,
        Func<EncoderConfig, EncoderSource, int, SpeechEncoder> build) => new()
        {
            ModelType = type,
            Prefixes = [type.Replace('-', '_') + ".", string.Empty],
            PythonClass = python,
            PythonPrefixes = new Dictionary<string, string>(StringComparer.Ordinal) { [python] = "" },
            Parse = parse,
            CheckPreprocessor = (preprocessor, _) => PreprocessorChecks.Waveform(preprocessor),
            WritePreprocessor = (config, features) => WritePreprocessor((WaveformConfig)config, features),
            Build = build,
            Known = known,
        };

    private static EncoderFamily Of(
        string type, string python, Func<SslConfig, int, SelfAttention> attention, EncoderEntry[] known) =>
        OfWaveforms(type, python, known, SslConfig.Parse, (config, source, layers) =>
        {
            var facts = (SslConfig)config;
            return Build(facts, source, layers, attention,
                new PositionalConvolution(facts, facts.PositionalBatchNorm));
        });

    private static SslEncoder Build(
        SslConfig config, EncoderSource source, int layers, Func<SslConfig, int, SelfAttention> attention,
        PositionalEmbedding positions) =>
        new(config, source, layers, layer => attention(config, layer), positions);

    private static MultiHeadAttention Plain(SslConfig config, int layer) =>
        new(config.HiddenSize, config.Heads, keyBias: true, config.AttentionDropout);

    private static JsonObject WritePreprocessor(WaveformConfig config, FeatureExtractorSettings features) => new()
    {
        ["do_normalize"] = features.Normalize,
        ["feature_extractor_type"] = "Wav2Vec2FeatureExtractor",
        ["feature_size"] = 1,
        ["padding_side"] = "right",
        ["padding_value"] = JsonNode.Parse("0.0"),
        // Group-norm models were trained without a mask, WavLM with one.
        ["return_attention_mask"] = !config.GroupNorm || config.ModelType == "wavlm",
        ["sampling_rate"] = features.SampleRate,
    };

    private static SslConfig Base(string type) => new()
    {
        ModelType = type,
        SampleRate = 16000,
        HiddenSize = 768,
        LayerCount = 12,
        Heads = 12,
        FeedForwardSize = 3072,
        ConvChannels = s_channels,
        ConvKernels = s_kernels,
        ConvStrides = s_strides,
    };

    private static Data2VecConfig Data2VecSize(int hidden, int layers, int heads) => new()
    {
        ModelType = "data2vec-audio",
        SampleRate = 16000,
        HiddenSize = hidden,
        LayerCount = layers,
        Heads = heads,
        FeedForwardSize = 4 * hidden,
        ConvChannels = s_channels,
        ConvKernels = s_kernels,
        ConvStrides = s_strides,
        PositionalKernel = 19,
    };

    private static SslConfig Large(string type, int hidden, int layers) => Base(type) with
    {
        HiddenSize = hidden,
        LayerCount = layers,
        Heads = 16,
        FeedForwardSize = 4 * hidden,
        GroupNorm = false,
        PreNorm = true,
        ConvBias = true,
    };
}
