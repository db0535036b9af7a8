using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Data.DataViews;
using SpeechML.Data.Segments;

namespace SpeechML;

/// <summary>Cuts recordings into segments of speech: a row for each, with where it begins and ends.</summary>
public sealed class SpeechSegmentationEstimator : IEstimator<SpeechSegmentationTransformer>
{
    private readonly SpeechSegmentationTransformer _transformer;

    internal SpeechSegmentationEstimator(
        IHostEnvironment env, string[] names, string inputColumnName, SpeechSegmentOptions options) =>
        _transformer = new SpeechSegmentationTransformer(env, names, inputColumnName, options);

    /// <summary>Learns nothing.</summary>
    public SpeechSegmentationTransformer Fit(IDataView input)
    {
        _ = _transformer.GetOutputSchema(input.Schema);
        return _transformer;
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        SchemaChecks.Find(inputSchema, "input", _transformer.InputColumnName, AudioDataViewType.Instance);
        Dictionary<string, SchemaShape.Column> columns = inputSchema.ToDictionary(c => c.Name, StringComparer.Ordinal);
        foreach (DataViewSchema.DetachedColumn made in SegmentDataView.MakeColumns(_transformer.Names))
        {
            columns[made.Name] = new SchemaShape.Column(
                made.Name, SchemaShape.Column.VectorKind.Scalar, made.Type, isKey: false);
        }
        return new SchemaShape(columns.Values);
    }
}

/// <summary>
/// What <see cref="SpeechSegmentationEstimator"/> gives. It makes several rows of one, or none: a prediction engine,
/// which gives one for one, cannot have it.
/// </summary>
public sealed class SpeechSegmentationTransformer : ITransformer
{
    internal const string LoaderSignature = "SpeechData.Segments";

    // MaxLength may be infinite.
    private static readonly JsonSerializerOptions s_json =
        new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    private readonly IHost _host;
    private readonly SpeechSegmentOptions _options;

    internal SpeechSegmentationTransformer(
        IHostEnvironment env, string[] names, string inputColumnName, SpeechSegmentOptions options)
    {
        _host = env.Register(nameof(SpeechSegmentationTransformer));
        InputColumnName = _host.CheckNonEmpty(inputColumnName, nameof(inputColumnName));
        foreach (string name in names)
        {
            _ = _host.CheckNonEmpty(name, nameof(names));
        }
        if (names.Distinct(StringComparer.Ordinal).Count() != names.Length)
        {
            throw new ArgumentException(
                $"SegmentSpeech: expected other names for the columns of audio, start and end, got " +
                $"'{string.Join("', '", names)}'.");
        }
        options.Validate();
        (Names, _options) = (names, options);
    }

    internal string InputColumnName { get; }

    /// <summary>The columns made: audio, start, end.</summary>
    internal string[] Names { get; }

    /// <summary>Several rows come of one: <see langword="false"/>.</summary>
    public bool IsRowToRowMapper => false;

    /// <inheritdoc/>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) =>
        Transform(new EmptyDataView(_host, inputSchema)).Schema;

    /// <summary>None: several rows come of one.</summary>
    /// <exception cref="InvalidOperationException">Always.</exception>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => throw new InvalidOperationException(
        "SegmentSpeech: expected a data view, got single rows: it makes several rows of one.");

    /// <summary>The segments of the recordings, computed as they are read.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such audio column.</exception>
    public IDataView Transform(IDataView input)
    {
        _host.CheckValue(input, nameof(input));
        DataViewSchema.Column column = input.Schema.GetColumnOrNull(InputColumnName)
            ?? throw _host.ExceptSchemaMismatch(nameof(input), "input", InputColumnName);
        if (!column.Type.Equals(AudioDataViewType.Instance))
        {
            throw _host.ExceptSchemaMismatch(
                nameof(input), "input", InputColumnName, AudioDataViewType.Instance.ToString(), column.Type.ToString());
        }
        return new SegmentDataView(_host, input, column, Names,
            audio => SpeechSegmenter.Find(audio.Samples.Span, audio.SampleRate, _options));
    }

    /// <summary>Called by ML.NET when a saved model is loaded.</summary>
    private static SpeechSegmentationTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        // *** Binary format ***
        // string: input column name
        // string x 3: names of the columns of audio, start, end
        // string: options, JSON
        ctx.CheckAtModel(GetVersionInfo());
        string input = ctx.LoadNonEmptyString();
        string[] names = [ctx.LoadNonEmptyString(), ctx.LoadNonEmptyString(), ctx.LoadNonEmptyString()];
        string json = ctx.LoadNonEmptyString();
        try
        {
            SpeechSegmentOptions options = JsonSerializer.Deserialize<SpeechSegmentOptions>(json, s_json)
                ?? throw ModelEntry.Wrong("options of SegmentSpeech", "a JSON object", json);
            return new SpeechSegmentationTransformer(env, names, input, options);
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw ModelEntry.Wrong("options of SegmentSpeech", "those that SpeechML writes", e.Message);
        }
    }

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        _host.CheckValue(ctx, nameof(ctx));
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        ctx.SaveNonEmptyString(InputColumnName);
        foreach (string name in Names)
        {
            ctx.SaveNonEmptyString(name);
        }
        ctx.SaveNonEmptyString(JsonSerializer.Serialize(_options, s_json));
    }

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "SPCHSEGM",
        verWrittenCur: 0x00010001,
        verReadableCur: 0x00010001,
        verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature,
        loaderAssemblyName: typeof(SpeechSegmentationTransformer).Assembly.FullName);
}
