using System.Text.Json;
using System.Text.Json.Serialization;
using SpeechML.Data.Extras;
using SpeechML.Data.Measures;
using SpeechML.Data.Recordings;

namespace SpeechML.Data.Onnx;

/// <summary>What a program that scores needs to know of an ONNX file that SpeechML wrote.</summary>
internal sealed record OnnxDescription
{
    public const int CurrentFormat = 1;

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(allowIntegerValues: false) },
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    public required string AudioColumn { get; init; }

    /// <summary>Columns of numbers that the model is given beside the audio; absent of models without any.</summary>
    public ExtraFeature[]? Features { get; init; }

    /// <summary>How those of them are made that are measured from the audio.</summary>
    public MeasuringRecipe[]? Measurings { get; init; }

    /// <summary>How files were read; absent for the defaults.</summary>
    public AudioLoadingOptions? Loading { get; init; }

    /// <summary>What was done to the audio between the file and the model; absent where nothing was.</summary>
    public AudioStep[]? Steps { get; init; }

    public required OnnxColumn[] Columns { get; init; }

    public required OnnxLimits Limits { get; init; }

    /// <summary>The pooling of the frames of a recording's windows.</summary>
    public required OnnxPooling Pooling { get; init; }

    /// <summary>Elements of a frame.</summary>
    public required int FrameSize { get; init; }

    /// <summary>Outputs of the head; 0 of a featuriser.</summary>
    public required int Outputs { get; init; }

    /// <summary>How outputs of several windows are averaged.</summary>
    public required OutputForm Form { get; init; }

    /// <summary>Numbers that the model is given beside the audio.</summary>
    [JsonIgnore]
    public int FeatureCount => (Features ?? []).Sum(f => f.Size);

    public string ToJson() => JsonSerializer.Serialize(this, s_json);

    /// <exception cref="FormatException">It is not what SpeechML writes.</exception>
    public static OnnxDescription Parse(string json)
    {
        try
        {
            OnnxDescription read = JsonSerializer.Deserialize<OnnxDescription>(json, s_json)
                ?? throw new JsonException("null");
            return read.Check() is { } wrong ? throw new JsonException(wrong) : read;
        }
        catch (Exception error) when (
            error is JsonException or InvalidOperationException or ArgumentException or NotSupportedException)
        {
            throw new FormatException(
                $"ONNX model, metadata '{OnnxParts.DescriptionKey}': expected the JSON that SpeechML writes, got " +
                $"something else: {error.Message.TrimEnd('.')}. Export the model again.", error);
        }
    }

    private string? Check()
    {
        bool heads = Outputs > 0;
        return string.IsNullOrEmpty(AudioColumn) ? "audioColumn: nothing"
            : Columns.Length is 0 or > 64 ? $"columns: {Columns.Length}"
            : FrameSize is < 1 or > 1 << 24 ? $"frameSize: {FrameSize}"
            : Outputs is < 0 or > 1 << 24 ? $"outputs: {Outputs}"
            : !heads && Columns.Length != 1 ? $"columns of a featuriser: {Columns.Length}"
            : Array.Find(Columns, c => c.Check() is not null) is { } column ? column.Check()
            : Columns.Select(c => c.Name).Distinct(StringComparer.Ordinal).Count() < Columns.Length
                ? "columns: a name twice"
            : CheckFeatures() is { } features ? features
            : CheckAudio() is { } audio ? audio
            : Limits.Check();
    }

    private string? CheckAudio()
    {
        Loading?.Validate();
        return Steps is { Length: > 64 } ? $"steps: {Steps.Length}"
            : (Steps ?? []).Select(s => s is null ? "steps: null" : s.Check()).FirstOrDefault(w => w is not null);
    }

    private string? CheckFeatures() => Features is not { } features
        ? Measurings is null ? null : "measurings: without features"
        : features.Length == 0 || Outputs == 0 ? $"features: {features.Length}"
            : Array.Find(features, f => f.Column.Length == 0 || f.Size is < 1 or > 1 << 20
                || (f.Slots is { } slots && (slots.Length != f.Size || slots.Contains(null!)))) is { } wrong
                ? $"feature '{wrong.Column}'"
            : features.Length > 64 || features.DistinctBy(f => f.Column).Count() < features.Length
                ? "features: a name twice, or too many"
            : Array.Find(Measurings ?? [], m => !features.Any(f => f.Column == m.Column)) is { } other
                ? $"measuring of '{other.Column}'" : null;
}

/// <summary>How the frames of several windows become one vector.</summary>
internal enum OnnxPooling
{
    Mean,
    MeanStd,
    Max,
    Min,
    Attention,
}
