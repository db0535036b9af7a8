using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Data.DataViews;
using SpeechML.Data.Speakers;

namespace SpeechML;

/// <summary>Compares two columns of speakers' embeddings: their cosine, from -1 to 1. Nothing is learned.</summary>
public sealed class SpeakerScoringEstimator : IEstimator<SpeakerScoringTransformer>
{
    private readonly IHost _host;
    private readonly string _outputColumnName;
    private readonly string _first;
    private readonly string _second;

    internal SpeakerScoringEstimator(IHostEnvironment env, string outputColumnName, string first, string second)
    {
        _host = env.Register(nameof(SpeakerScoringEstimator));
        _outputColumnName = _host.CheckNonEmpty(outputColumnName, nameof(outputColumnName));
        _first = _host.CheckNonEmpty(first, nameof(first));
        _second = _host.CheckNonEmpty(second, nameof(second));
    }

    /// <inheritdoc/>
    public SpeakerScoringTransformer Fit(IDataView input)
    {
        _host.CheckValue(input, nameof(input));
        GetOutputSchema(SchemaShape.Create(input.Schema));
        return new SpeakerScoringTransformer(_host, _outputColumnName, _first, _second);
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        _host.CheckValue(inputSchema, nameof(inputSchema));
        foreach (string name in new[] { _first, _second })
        {
            SchemaChecks.Find(inputSchema, "embedding", name, "Vector<Single> of known size",
                c => c.Kind == SchemaShape.Column.VectorKind.Vector && c.ItemType.Equals(NumberDataViewType.Single));
        }
        Dictionary<string, SchemaShape.Column> columns = inputSchema.ToDictionary(c => c.Name, StringComparer.Ordinal);
        columns[_outputColumnName] = new SchemaShape.Column(
            _outputColumnName, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.Single, false);
        return new SchemaShape(columns.Values);
    }
}

/// <summary>What <see cref="SpeakerScoringEstimator"/> gives.</summary>
public sealed class SpeakerScoringTransformer : ScoreTransformer
{
    internal const string LoaderSignature = "SpeechData.Speakers";

    private readonly string _outputColumnName;
    private readonly string _first;
    private readonly string _second;

    internal SpeakerScoringTransformer(IHostEnvironment env, string outputColumnName, string first, string second)
        : base(env.Register(nameof(SpeakerScoringTransformer)))
    {
        (_outputColumnName, _first, _second) = (outputColumnName, first, second);
    }

    private protected override IReadOnlyList<string> InputColumnNames => [_first, _second];

    /// <summary>Called by ML.NET when a saved model is loaded.</summary>
    private static SpeakerScoringTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        // *** Binary format ***
        // string: score column name
        // string: first embedding column name
        // string: second embedding column name
        ctx.CheckAtModel(GetVersionInfo());
        string output = ctx.LoadNonEmptyString();
        string first = ctx.LoadNonEmptyString();
        return new SpeakerScoringTransformer(env, output, first, ctx.LoadNonEmptyString());
    }

    /// <inheritdoc/>
    protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        ctx.SaveNonEmptyString(_outputColumnName);
        ctx.SaveNonEmptyString(_first);
        ctx.SaveNonEmptyString(_second);
    }

    private protected override DataViewSchema.DetachedColumn[] MakeOutputColumns(DataViewSchema inputSchema)
    {
        DataViewSchema.Column first = inputSchema.GetColumnOrNull(_first)
            ?? throw Host.ExceptSchemaMismatch(nameof(inputSchema), "embedding", _first);
        int size = first.Type is VectorDataViewType { IsKnownSize: true } vector ? vector.Size
            : throw Host.ExceptSchemaMismatch(nameof(inputSchema), "embedding", _first, "Vector<Single> of known size",
                first.Type.ToString());
        _ = Vector(inputSchema, _first, size);
        _ = Vector(inputSchema, _second, size);
        return [new DataViewSchema.DetachedColumn(_outputColumnName, NumberDataViewType.Single)];
    }

    private protected override Delegate MakeGetter(DataViewRow input, int column)
    {
        Func<float[]> first = Reader(input, _first), second = Reader(input, _second);
        return (ValueGetter<float>)((ref float value) => value = (float)Cosine.Of(first(), second()));
    }

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "SPCHSPKR",
        verWrittenCur: 0x00010001,
        verReadableCur: 0x00010001,
        verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature,
        loaderAssemblyName: typeof(SpeakerScoringTransformer).Assembly.FullName);
}
