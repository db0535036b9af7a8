using System.Text.Json;
using System.Text.Json.Nodes;
using SpeechML.Encoders.Checkpoints;
using SpeechML.Encoders.Families.Conformer;
using SpeechML.Encoders.Families.Sew;
using SpeechML.Encoders.Families.Spectrogram;
using SpeechML.Encoders.Families.Ssl;
using SpeechML.Encoders.Families.Whisper;

namespace SpeechML.Encoders;

/// <summary>
/// All that the library knows of encoders of one <c>model_type</c>: how they are read, built and written, and what
/// they are called in Python. Each is described in its folder of <c>Families</c>.
/// </summary>
internal sealed record EncoderFamily
{
    /// <summary>The families that are built.</summary>
    public static IReadOnlyList<EncoderFamily> All { get; } =
    [
        SslFamily.WavLm,
        SslFamily.Hubert,
        SslFamily.Wav2Vec2,
        SslFamily.UniSpeech,
        SslFamily.UniSpeechSat,
        SslFamily.Data2Vec,
        SewFamily.Sew,
        ConformerFamily.Wav2Vec2Conformer,
        ConformerFamily.W2vBert,
        PatchFamily.Patches,
        WhisperFamily.Whisper,
    ];

    /// <summary>The family as <c>config.json</c> names it.</summary>
    public required string ModelType { get; init; }

    /// <summary>What checkpoints put before the encoder's parameter names, most specific first.</summary>
    public required IReadOnlyList<string> Prefixes { get; init; }

    /// <summary>The Python class whose weights are meant where <c>config.json</c> names none.</summary>
    public required string PythonClass { get; init; }

    /// <summary>
    /// The Python classes that hold the encoder elsewhere than the first of <see cref="Prefixes"/> says, with what
    /// stands before its names.
    /// </summary>
    public required IReadOnlyDictionary<string, string> PythonPrefixes { get; init; }

    /// <summary>The Python class of a classifier of clips on this encoder.</summary>
    public string ClassifierClass
    {
        get => field ?? $"{PythonClass[..^"Model".Length]}ForSequenceClassification";
        init;
    }

    /// <summary>
    /// Whether that class pools the silence that the feature extractor puts behind a clip, as all of a clip's frames.
    /// </summary>
    public bool PoolsSilence { get; init; }

    /// <summary>Whether that class pools the tokens before the frames, with a head of its own kind.</summary>
    public bool HasTokenHead => TokenHeadEpsilon is not null;

    /// <summary>The epsilon of that head's norm; <see langword="null"/> where no tokens are pooled.</summary>
    public Func<EncoderConfig, double>? TokenHeadEpsilon { get; init; }

    /// <summary>From the content of <c>config.json</c> to the facts.</summary>
    public required Func<JsonFieldReader, FeatureExtractorSettings, EncoderConfig> Parse { get; init; }

    /// <summary>Refuses a feature extractor whose output is not the encoder's input.</summary>
    public required Action<JsonFieldReader, EncoderConfig> CheckPreprocessor { get; init; }

    /// <summary>What Hugging Face's feature extractor writes to <c>preprocessor_config.json</c> (transformers 5).
    /// </summary>
    public required Func<EncoderConfig, FeatureExtractorSettings, JsonObject> WritePreprocessor { get; init; }

    /// <summary>From the facts to an encoder with so many layers and uninitialised weights.</summary>
    public required Func<EncoderConfig, EncoderSource, int, SpeechEncoder> Build { get; init; }

    /// <summary>Pretrained encoders that have a short name.</summary>
    public required IReadOnlyList<EncoderEntry> Known { get; init; }

    /// <summary>The module of <see cref="PythonClass"/>, where it is not as its neighbours are.</summary>
    public string? PythonModule { get; init; }

    /// <summary>
    /// From the name of a linear map, as it is in a checkpoint, to that of the module in Python's memory, which PEFT
    /// goes by; the same for most.
    /// </summary>
    public Func<string, string> ModuleName { get; init; } = name => name;

    /// <summary>
    /// What the library calls the attention's maps (<c>q_proj</c>, <c>k_proj</c>, <c>v_proj</c>, <c>out_proj</c>), with
    /// their names here, where these are others.
    /// </summary>
    public IReadOnlyDictionary<string, string> AttentionMaps { get; init; } =
        new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Why no Python class pools the frames of this encoder; empty where one does.</summary>
    public string WhyNoClassifier { get; init; } = "";

    /// <summary>
    /// What a Python program puts behind the feature extractor's output <c>(1, frames, …)</c> of <c>clip</c>, so that
    /// the model sees what it sees here.
    /// </summary>
    public string PythonInput { get; init; } = "";

    /// <summary>What a Python program puts behind a hidden state, so that it is the frames of <c>clip</c>.</summary>
    public Func<EncoderConfig, string> PythonFrames { get; init; } = _ => "";

    /// <summary>
    /// What a Python program does to the module that has the layers, so that <c>prompt(x)</c>, which puts vectors
    /// before frames, sees the first layer's input: a statement for each, behind the module's name.
    /// </summary>
    public IReadOnlyList<string> PythonPrompt { get; init; } =
        [".layers[0].register_forward_pre_hook(lambda m, a: (prompt(a[0]), *a[1:]))"];

    /// <summary>Whether that class makes other frames of the last layer's, without the prompt's vectors.</summary>
    public bool PythonDropsPrompt { get; init; }

    /// <summary>How Python loads a folder that was written, for its README.</summary>
    public string PythonUse { get; init; } = "`AutoModel.from_pretrained(folder)`.";

    /// <summary>What to know of its adapters in Python, for the README; empty for nothing.</summary>
    public string PeftNote { get; init; } = "";

    /// <summary>The family that a <c>config.json</c> names.</summary>
    /// <exception cref="CheckpointException">It names none that is built.</exception>
    public static EncoderFamily Of(JsonFieldReader config)
    {
        string expected =
            "one of " + string.Join(", ", All.Select(f => $"'{f.ModelType}'").Order(StringComparer.Ordinal));
        string type = config.Has("model_type") ? config.Text("model_type") : string.Empty;
        return All.FirstOrDefault(family => family.ModelType == type)
            ?? throw config.Wrong("model_type", expected, type.Length == 0 ? "nothing" : $"'{type}'");
    }

    /// <summary>
    /// Whether the classifiers on the encoder that a <c>config.json</c> names pool silence or tokens.
    /// </summary>
    public static bool PoolsMoreThanFrames(JsonElement config) =>
        Of(new JsonFieldReader(config, CheckpointFolder.ConfigFile)) is { PoolsSilence: true } or
        { HasTokenHead: true };

    /// <summary>
    /// What a folder's <c>preprocessor_config.json</c> says: the configuration that was read, as it was; else what
    /// transformers writes for such an encoder.
    /// </summary>
    public static JsonObject Preprocessor(SpeechEncoder encoder)
    {
        if (encoder.Features.Source is not { } source)
        {
            return Of(encoder).WritePreprocessor(encoder.Config, encoder.Features);
        }
        JsonObject json = JsonNode.Parse(source.GetRawText())!.AsObject();
        if (new JsonFieldReader(source, CheckpointFolder.PreprocessorFile)
            .Flag("do_normalize", FeatureExtractorSettings.Default.Normalize) != encoder.Features.Normalize)
        {
            json["do_normalize"] = encoder.Features.Normalize;
        }
        return json;
    }

    /// <summary>The family of an encoder.</summary>
    public static EncoderFamily Of(SpeechEncoder encoder) =>
        All.Single(family => family.ModelType == encoder.Config.ModelType);
}
