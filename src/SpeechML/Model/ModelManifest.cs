using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using SpeechML.Audio.Common;
using SpeechML.Data.DataViews;
using SpeechML.Data.Extras;
using SpeechML.Encoders.Checkpoints;
using SpeechML.Model.HuggingFace;
using SpeechML.Training.Probing;

namespace SpeechML.Model;

/// <summary>
/// What a model zip says about a speech model besides its weights: <c>model.json</c> (see
/// <c>docs/concepts/model-zip.md</c>).
/// </summary>
internal sealed record ModelManifest
{
    /// <summary>Version of this document that is written.</summary>
    public const int CurrentFormat = 1;

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter() },
        RespectNullableAnnotations = true,
    };

    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false, MaxDepth = 32 };

    public int Format { get; init; } = CurrentFormat;

    /// <summary>The encoder's own <c>config.json</c>, unchanged.</summary>
    public required JsonElement EncoderConfig { get; init; }

    /// <summary>What its feature extractor does beyond that.</summary>
    public required FeatureExtractorSettings Features { get; init; }

    /// <summary>Transformer layers that the zip holds.</summary>
    public required int BuiltLayers { get; init; }

    public required WhisperContext WhisperContext { get; init; }

    /// <summary>The arithmetic that the model scores with; the weights are float32.</summary>
    public SpeechPrecision Precision { get; init; }

    /// <summary>The hidden state in use, or -1 for the last one.</summary>
    public required int Layer { get; init; }

    /// <summary>Several hidden states instead, ascending; empty for <see cref="Layer"/>.</summary>
    public int[] Layers { get; init; } = [];

    /// <summary>How several hidden states are combined.</summary>
    public LayerCombination LayerCombination { get; init; }

    public required string Pooling { get; init; }

    /// <summary>
    /// Whether the silence that the encoder is given behind a short clip is pooled too; absent where it is not.
    /// </summary>
    public bool? PoolsSilence { get; init; }

    /// <summary>Whether the tokens before the frames are pooled instead of these; absent where they are not.</summary>
    public bool? PoolsTokens { get; init; }

    /// <summary>The epsilon of the head's norms, where it is not PyTorch's 1e-5.</summary>
    public double? NormEpsilon { get; init; }

    /// <summary>Whether frames are pooled.</summary>
    public SpeechFeatureOutput Output { get; init; }

    /// <summary>
    /// What is done with long clips; <see langword="null"/> of a model of an earlier version, which refuses what its
    /// encoder does not take.
    /// </summary>
    public LongAudioOptions? LongAudio { get; init; }

    /// <summary>The encoder's adapter, where there is one.</summary>
    public LoraOptions? Lora { get; init; }

    /// <summary>The <c>adapter_config.json</c> that the adapter was loaded from; absent for one of our own.</summary>
    public JsonElement? AdapterConfig { get; init; }

    /// <summary>The soft prompt, where there is one.</summary>
    public SoftPromptOptions? SoftPrompt { get; init; }

    /// <summary>The head, where there is one.</summary>
    public HeadOptions? Head { get; init; }

    /// <summary>
    /// What of the pooled layers each output of the head is given, or one for all outputs; absent for all of them.
    /// </summary>
    public LayerFeatures[]? HeadInputs { get; init; }

    /// <summary>The head of a Hub's model as its class has it; absent for one of our own.</summary>
    public HeadForm? HeadForm { get; init; }

    /// <summary>The head that gives a speaker's embedding, in the place of the pooling; absent for others.</summary>
    public XVectorShape? Speaker { get; init; }

    /// <summary>The columns whose numbers the head is given beside the pooled vector; absent for none.</summary>
    public ExtraFeature[]? ExtraFeatures { get; init; }

    /// <summary>How the layers were chosen, where the trainer chose them.</summary>
    public LayerSearch? LayerSearch { get; init; }

    /// <summary>Outputs of the head.</summary>
    public int Outputs { get; init; }

    /// <summary>
    /// The ordinal loss, which says what the outputs of the head mean; <see langword="null"/> for other tasks.
    /// </summary>
    public string? Ordinal { get; init; }

    /// <summary>
    /// What the outputs are for: the name of the trainer's options without <c>Options</c>; absent for a featurizer.
    /// </summary>
    public string? Task { get; init; }

    /// <summary>The classes or labels, where there are any.</summary>
    public LabelValues? Labels { get; init; }

    /// <summary>
    /// The options of the run that made the weights, for the record, as the zip has them: nothing asks for them when a
    /// model is loaded, and some hundred options of many types take long to read at a start.
    /// </summary>
    public JsonObject? Options { get; init; }

    /// <summary>How that run ended; absent in zips of version 0.1.</summary>
    public TrainingOutcome? Outcome { get; init; }

    /// <summary>Options as <see cref="Options"/> holds them.</summary>
    public static JsonObject Record(SpeechTrainingOptions options) =>
        JsonSerializer.SerializeToNode(options, s_json)!.AsObject();

    /// <summary>The JSON, which says nothing of the machine: of absolute paths the last name.</summary>
    public string ToJson()
    {
        JsonObject json = JsonSerializer.SerializeToNode(this, s_json)!.AsObject();
        if (json["options"] is { } options)
        {
            json["options"] = MachinePaths.Hide(options, null);
        }
        return json.ToJsonString(s_json);
    }

    /// <exception cref="FormatException">The text is no JSON of a model.</exception>
    public static ModelManifest Parse(string json)
    {
        try
        {
            return Read(json);
        }
        // Half a surrogate pair, written as an escape, is an InvalidOperationException.
        catch (Exception error) when (
            error is JsonException or InvalidOperationException or ArgumentException or NotSupportedException)
        {
            throw new FormatException(
                $"Speech model: '{SpeechModel.FactsEntry}': expected the JSON that SpeechML writes, got something " +
                $"else: {CheckpointException.Shorten(error.Message).TrimEnd('.')}.", error);
        }
    }

    private static ModelManifest Read(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json, s_strict);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException(
                $"Speech model: '{SpeechModel.FactsEntry}': expected a JSON object, got " +
                $"{document.RootElement.ValueKind.ToString().ToLowerInvariant()}.");
        }
        CheckpointJson.CheckTexts(document.RootElement);
        int format = document.RootElement.TryGetProperty("format", out JsonElement f) ? f.GetInt32() : 0;
        if (format is < 1 or > CurrentFormat)
        {
            string reason = format > CurrentFormat ? "It was written by a newer version of SpeechML."
                : "model.json is damaged or of another program.";
            throw new FormatException(
                $"Speech model in the zip: expected format 1 to {CurrentFormat}, got {format}. {reason}");
        }
        return document.Deserialize<ModelManifest>(s_json)
            ?? throw new FormatException("Speech model in the zip: expected a JSON object, got null.");
    }
}
