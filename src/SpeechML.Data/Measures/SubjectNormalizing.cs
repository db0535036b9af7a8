using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Data.DataViews;
using SpeechML.Data.Measures;

namespace SpeechML;

/// <summary>
/// Sets measures in relation to the subject's own: each slot less its mean over the subject's clips, over its standard
/// deviation.
/// </summary>
public sealed class SubjectNormalizingEstimator : IEstimator<SubjectNormalizingTransformer>
{
    private readonly SubjectNormalizingTransformer _transformer;

    internal SubjectNormalizingEstimator(
        IHostEnvironment env, string outputColumnName, string inputColumnName, string subjectColumnName) =>
        _transformer = new SubjectNormalizingTransformer(env, outputColumnName, inputColumnName, subjectColumnName);

    /// <summary>Learns nothing: the statistics are those of the data that are transformed.</summary>
    public SubjectNormalizingTransformer Fit(IDataView input)
    {
        _ = _transformer.GetOutputSchema(input.Schema);
        return _transformer;
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        const string Expected = "Vector<Single> of known size";
        SchemaChecks.Find(inputSchema, "input", _transformer.InputColumnName, Expected,
            c => c.Kind == SchemaShape.Column.VectorKind.Vector && c.ItemType.Equals(NumberDataViewType.Single));
        SchemaChecks.Find(inputSchema, "subject", _transformer.SubjectColumnName, TextDataViewType.Instance);
        Dictionary<string, SchemaShape.Column> columns = inputSchema.ToDictionary(c => c.Name, StringComparer.Ordinal);
        columns[_transformer.OutputColumnName] = MeasureShapes.Vector(_transformer.OutputColumnName);
        return new SchemaShape(columns.Values);
    }
}

/// <summary>
/// What <see cref="SubjectNormalizingEstimator"/> gives. It needs all clips of a subject: a prediction engine, which
/// has one row, cannot have it.
/// </summary>
public sealed class SubjectNormalizingTransformer : ITransformer
{
    internal const string LoaderSignature = "SpeechData.NormalizeSub";

    private readonly IHost _host;

    internal SubjectNormalizingTransformer(
        IHostEnvironment env, string outputColumnName, string inputColumnName, string subjectColumnName)
    {
        _host = env.Register(nameof(SubjectNormalizingTransformer));
        OutputColumnName = _host.CheckNonEmpty(outputColumnName, nameof(outputColumnName));
        InputColumnName = _host.CheckNonEmpty(inputColumnName, nameof(inputColumnName));
        SubjectColumnName = _host.CheckNonEmpty(subjectColumnName, nameof(subjectColumnName));
    }

    internal string OutputColumnName { get; }

    internal string InputColumnName { get; }

    internal string SubjectColumnName { get; }

    /// <summary>A row's values come of all rows of its subject: <see langword="false"/>.</summary>
    public bool IsRowToRowMapper => false;

    /// <inheritdoc/>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) =>
        Transform(new EmptyDataView(_host, inputSchema)).Schema;

    /// <summary>None: a row's values come of all rows of its subject.</summary>
    /// <exception cref="InvalidOperationException">Always.</exception>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => throw new InvalidOperationException(
        "NormalizeBySubject: expected a data view with all clips of each subject, got single rows. Transform the " +
        "view and read its column.");

    /// <summary>
    /// The measures in relation to the subject's own in these data, which are read once more, when they are first read.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such vector or subject column.</exception>
    public IDataView Transform(IDataView input)
    {
        _host.CheckValue(input, nameof(input));
        DataViewSchema.Column vector = input.Schema.GetColumnOrNull(InputColumnName)
            ?? throw _host.ExceptSchemaMismatch(nameof(input), "input", InputColumnName);
        if (vector.Type is not VectorDataViewType { IsKnownSize: true } type
            || !type.ItemType.Equals(NumberDataViewType.Single))
        {
            throw _host.ExceptSchemaMismatch(
                nameof(input), "input", InputColumnName, "Vector<Single> of known size", vector.Type.ToString());
        }
        DataViewSchema.Column subject = input.Schema.GetColumnOrNull(SubjectColumnName)
            ?? throw _host.ExceptSchemaMismatch(nameof(input), "subject", SubjectColumnName);
        return subject.Type is TextDataViewType
            ? new SubjectNormalizedDataView(_host, input, vector, subject, OutputColumnName)
            : throw _host.ExceptSchemaMismatch(
                nameof(input), "subject", SubjectColumnName, TextDataViewType.Instance.ToString(),
                subject.Type.ToString());
    }

    /// <summary>Called by ML.NET when a saved model is loaded.</summary>
    private static SubjectNormalizingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        // *** Binary format ***
        // string: output column name
        // string: input column name
        // string: subject column name
        ctx.CheckAtModel(GetVersionInfo());
        return new SubjectNormalizingTransformer(
            env, ctx.LoadNonEmptyString(), ctx.LoadNonEmptyString(), ctx.LoadNonEmptyString());
    }

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        _host.CheckValue(ctx, nameof(ctx));
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        ctx.SaveNonEmptyString(OutputColumnName);
        ctx.SaveNonEmptyString(InputColumnName);
        ctx.SaveNonEmptyString(SubjectColumnName);
    }

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "SPCHSUBN",
        verWrittenCur: 0x00010001,
        verReadableCur: 0x00010001,
        verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature,
        loaderAssemblyName: typeof(SubjectNormalizingTransformer).Assembly.FullName);
}
