using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Data.AudioColumns;
using SpeechML.Data.DataViews;
using SpeechML.Model;
using SpeechML.Training.Caching;

namespace SpeechML;

/// <summary>
/// Turns audio into the pooled features of a pretrained speech encoder: an ordinary vector column for any ML.NET
/// trainer.
/// </summary>
public sealed class SpeechEncodingEstimator : IEstimator<SpeechEncodingTransformer>
{
    private readonly IHost _host;
    private readonly string _outputColumnName;
    private readonly string _inputColumnName;
    private readonly SpeechEncodingOptions _options;

    internal SpeechEncodingEstimator(
        IHostEnvironment env, string outputColumnName, string inputColumnName, SpeechEncodingOptions options)
    {
        _host = env.Register(nameof(SpeechEncodingEstimator));
        _outputColumnName = _host.CheckNonEmpty(outputColumnName, nameof(outputColumnName));
        _inputColumnName = _host.CheckNonEmpty(inputColumnName, nameof(inputColumnName));
        _host.CheckValue(options, nameof(options));
        options.ValidateFeaturizer();
        EncoderChecks.AtCreation(options);
        _options = options.Copy();
    }

    /// <summary>Loads the encoder; nothing is trained.</summary>
    public SpeechEncodingTransformer Fit(IDataView input)
    {
        _host.CheckValue(input, nameof(input));
        GetOutputSchema(SchemaShape.Create(input.Schema));
        SpeechEncodingOptions options = _options.Copy();
        options.Lengths = () => ClipLengths.Of(input, _inputColumnName);
        options.Say = text =>
        {
            using IChannel channel = _host.Start("Encoding");
            channel.Info("{0}", text);
        };
        SpeechModel model = SpeechModel.FromPretrained(_host, options, plan: null, seed: 0);
        ActivationCache? kept = null;
        try
        {
            kept = ActivationCacheFolder.Open(_options) is { } files ? new ActivationCache(null, files) : null;
            return new SpeechEncodingTransformer(
                _host, _outputColumnName, _inputColumnName, model,
                kept?.Of(model.Network, CachePoint.Pooled, _options));
        }
        catch
        {
            kept?.Dispose();
            model.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        _host.CheckValue(inputSchema, nameof(inputSchema));
        SchemaChecks.Find(inputSchema, "input", _inputColumnName, AudioDataViewType.Instance);
        Dictionary<string, SchemaShape.Column> columns = inputSchema.ToDictionary(c => c.Name, StringComparer.Ordinal);
        SchemaShape.Column.VectorKind kind = _options.Output == SpeechFeatureOutput.Frames
            ? SchemaShape.Column.VectorKind.VariableVector : SchemaShape.Column.VectorKind.Vector;
        columns[_outputColumnName] = new SchemaShape.Column(_outputColumnName, kind, NumberDataViewType.Single, false);
        return new SchemaShape(columns.Values);
    }
}

/// <summary>What <see cref="SpeechEncodingEstimator"/> gives.</summary>
public sealed class SpeechEncodingTransformer : ColumnTransformer<MLAudio, float[]>, IDisposable
{
    internal const string LoaderSignature = "SpeechEncoding";

    private readonly SpeechModel _model;
    private SharedActivationCache? _kept;

    internal SpeechEncodingTransformer(
        IHostEnvironment env, string outputColumnName, string inputColumnName, SpeechModel model,
        SharedActivationCache? kept = null)
        : base(env.Register(nameof(SpeechEncodingTransformer)), outputColumnName, inputColumnName)
    {
        _model = model;
        _kept = kept;
        OutputType = model.Facts.Output == SpeechFeatureOutput.Frames
            ? new VectorDataViewType(NumberDataViewType.Single)
            : new VectorDataViewType(NumberDataViewType.Single, model.Network.Pooling.OutputSize);
    }

    internal SpeechModel Model => _model;

    private protected override DataViewType InputType => AudioDataViewType.Instance;

    private protected override bool SavesOnnx => true;

    private protected override DataViewType OutputType { get; }

    /// <summary>Sets the encoder's arithmetic. What is kept in files was computed by another.</summary>
    internal void UsePrecision(IHostEnvironment env, SpeechPrecision precision)
    {
        _model.UsePrecision(env, precision);
        _kept = null;
    }

    /// <inheritdoc cref="SpeechScoringTransformer.Dispose"/>
    public void Dispose() => _model.Dispose();

    private protected override void ThrowIfDisposed() => _model.Network.ThrowIfDisposed();

    /// <summary>Called by ML.NET when a saved model is loaded.</summary>
    private static SpeechEncodingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        // *** Binary format ***
        // string: output column name
        // string: input column name
        // SpeechModel without a head
        ctx.CheckAtModel(GetVersionInfo());
        string output = ctx.LoadNonEmptyString();
        string input = ctx.LoadNonEmptyString();
        return new SpeechEncodingTransformer(env, output, input, SpeechModel.LoadFeaturizer(env, ctx));
    }

    /// <inheritdoc/>
    protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        SaveColumns(ctx);
        _model.Save(ctx);
    }

    private protected override IEnumerable<float[]> Process(IEnumerable<MLAudio> rows) =>
        _model.Run(rows, InputColumnName, _kept);

    private protected override float[] ProcessOne(MLAudio row) => _kept is null
        ? _model.ScoreOne(row, null, InputColumnName) : _model.Run([row], InputColumnName, _kept).Single();

    private protected override Delegate MakeGetter(int column, Func<float[]> current) => VectorColumn.Getter(current);

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "SPCHENCO",
        verWrittenCur: 0x00010001,
        verReadableCur: 0x00010001,
        verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature,
        loaderAssemblyName: typeof(SpeechEncodingTransformer).Assembly.FullName);
}
