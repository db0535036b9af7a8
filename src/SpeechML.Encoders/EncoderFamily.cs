using SpeechML.Encoders.Checkpoints;
using SpeechML.Encoders.Families.Ssl;
using SpeechML.Encoders.Families.Whisper;
using SpeechML.Encoders.Features;
using SpeechML.Encoders.Layers;

namespace SpeechML.Encoders;

/// <summary>How encoders of one <c>model_type</c> are read and built.</summary>
/// <param name="ModelType">The family as <c>config.json</c> names it.</param>
/// <param name="Prefixes">What checkpoints put before the encoder's parameter names, most specific first.</param>
/// <param name="Parse">From the content of <c>config.json</c> to the facts.</param>
/// <param name="CheckPreprocessor">Refuses a feature extractor whose output is not the encoder's input.</param>
/// <param name="Build">From the facts to an encoder with so many layers and uninitialised weights.</param>
internal sealed record EncoderFamily(
    string ModelType,
    IReadOnlyList<string> Prefixes,
    Func<JsonFieldReader, FeatureExtractorSettings, EncoderConfig> Parse,
    Action<JsonFieldReader, EncoderConfig> CheckPreprocessor,
    Func<EncoderConfig, EncoderSource, int, SpeechEncoder> Build)
{
    /// <summary>The families that are built.</summary>
    public static IReadOnlyList<EncoderFamily> All { get; } =
    [
        Ssl("hubert", Plain),
        Ssl("wav2vec2", Plain),
        Ssl("wavlm", (config, layer) => new WavLmAttention(config, ownsTable: layer == 0)),
        new(
            "whisper",
            ["model.encoder.", "encoder.", string.Empty],
            WhisperConfig.Parse,
            (preprocessor, config) =>
            PreprocessorChecks.LogMel(preprocessor, ((WhisperConfig)config).Mels, ((WhisperConfig)config).MaxMelFrames),
            (config, source, layers) =>
            {
                var whisper = (WhisperConfig)config;
                return new WhisperEncoder(
                    whisper, source, layers, _ =>
                    new MultiHeadAttention(whisper.HiddenSize, whisper.Heads, keyBias: false,
                    whisper.AttentionDropout));
            }),
    ];

    /// <summary>The family that a <c>config.json</c> names.</summary>
    /// <exception cref="CheckpointException">It names none that is built.</exception>
    public static EncoderFamily Of(JsonFieldReader config)
    {
        string expected = "one of " + string.Join(", ", All.Select(family => $"'{family.ModelType}'"));
        string type = config.Has("model_type") ? config.Text("model_type") : string.Empty;
        return All.FirstOrDefault(family => family.ModelType == type)
            ?? throw config.Wrong("model_type", expected, type.Length == 0 ? "nothing" : $"'{type}'");
    }

    private static EncoderFamily Ssl(string type, Func<SslConfig, int, SelfAttention> attention) => new(
        type,
        [type + ".", string.Empty],
        SslConfig.Parse,
        (preprocessor, _) => PreprocessorChecks.Waveform(preprocessor),
        (config, source, layers) =>
        new SslEncoder((SslConfig)config, source, layers, layer => attention((SslConfig)config, layer)));

    private static MultiHeadAttention Plain(SslConfig config, int layer) =>
        new(config.HiddenSize, config.Heads, keyBias: true, config.AttentionDropout);
}
