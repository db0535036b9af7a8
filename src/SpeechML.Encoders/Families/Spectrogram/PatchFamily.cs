using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SpeechML.Encoders.Features;

namespace SpeechML.Encoders.Families.Spectrogram;

/// <summary>The Audio Spectrogram Transformer, which takes patches of a log-mel spectrogram.</summary>
internal static partial class PatchFamily
{
    // Names in transformers 5's memory of what a checkpoint calls as ViT does.
    private static readonly (string Stored, string InMemory)[] s_maps =
    [
        ("attention.attention.query", "attention.q_proj"),
        ("attention.attention.key", "attention.k_proj"),
        ("attention.attention.value", "attention.v_proj"),
        ("attention.output.dense", "attention.o_proj"),
        ("intermediate.dense", "mlp.fc1"),
        ("output.dense", "mlp.fc2"),
    ];

    public static EncoderFamily Patches { get; } = new()
    {
        ModelType = "audio-spectrogram-transformer",
        Prefixes = ["audio_spectrogram_transformer.", string.Empty],
        PythonClass = "ASTModel",
        ClassifierClass = "ASTForAudioClassification",
        TokenHeadEpsilon = config => ((PatchConfig)config).LayerNormEpsilon,
        PythonPrefixes = new Dictionary<string, string>(StringComparer.Ordinal) { ["ASTModel"] = "" },
        Parse = PatchConfig.Parse,
        CheckPreprocessor = (preprocessor, config) =>
            PreprocessorChecks.Patches(preprocessor, ((PatchConfig)config).Mels, ((PatchConfig)config).Frames),
        WritePreprocessor = (config, features) => WritePreprocessor((PatchConfig)config, features),
        Build = (config, source, layers) => new PatchEncoder((PatchConfig)config, source, layers),
        ModuleName = ModuleName,
        AttentionMaps = new Dictionary<string, string>(StringComparer.Ordinal) { ["out_proj"] = "o_proj" },
        WhyNoClassifier = "ASTForAudioClassification pools the first two tokens, not frames (option " +
            "HuggingFaceHead trains so)",
        PythonFrames = config => Frames((PatchConfig)config),
        PeftNote = "Maps have the names that they have in transformers 5 (`layers.0.attention.q_proj`).",
        Known =
        [
            new("ast-audioset", "MIT/ast-finetuned-audioset-10-10-0.4593", new PatchConfig
            {
                ModelType = "audio-spectrogram-transformer",
                SampleRate = 16000,
                HiddenSize = 768,
                LayerCount = 12,
                Heads = 12,
                FeedForwardSize = 3072,
            }),
        ],
    };

    private static string ModuleName(string name)
    {
        name = Layer().Replace(name, "layers.");
        foreach ((string stored, string inMemory) in s_maps)
        {
            if (name.EndsWith("." + stored, StringComparison.Ordinal))
            {
                return name[..^stored.Length] + inMemory;
            }
        }
        return name;
    }

    private static string Frames(PatchConfig config) =>
        $"[:, {PatchConfig.ExtraTokens}:].unflatten(1, ({config.Bands}, {config.Times})).mean(1)" +
        $"[:, :(min((len(clip) - 400) // 160 + 1, {config.Frames}) - {config.PatchSize}) // {config.TimeStride} + 1]";

    private static JsonObject WritePreprocessor(PatchConfig config, FeatureExtractorSettings features)
    {
        (double mean, double deviation) = PatchFeatures.Read(features);
        return new JsonObject
        {
            ["do_normalize"] = features.Normalize,
            ["feature_extractor_type"] = "ASTFeatureExtractor",
            ["feature_size"] = 1,
            ["max_length"] = config.Frames,
            ["mean"] = mean,
            ["num_mel_bins"] = config.Mels,
            ["padding_side"] = "right",
            ["padding_value"] = JsonNode.Parse("0.0"),
            ["return_attention_mask"] = false,
            ["sampling_rate"] = config.SampleRate,
            ["std"] = deviation,
        };
    }

    [GeneratedRegex(@"^encoder\.layer\.")]
    private static partial Regex Layer();
}
