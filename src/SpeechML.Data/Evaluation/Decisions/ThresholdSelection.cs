using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Audio.Options;
using SpeechML.Data.DataViews;
using SpeechML.Data.Evaluation.Decisions;
using SpeechML.Data.Evaluation.Metrics;

namespace SpeechML;

/// <summary>
/// Chooses the probability from which a label counts as present, each label by itself. Fit it on validation data that
/// the model has scored, and append the transformer to the model: thresholds
/// chosen on training or test data make a model look better than it is.
/// </summary>
public sealed class ThresholdEstimator : IEstimator<ThresholdTransformer>
{
    private readonly IHost _host;
    private readonly string _label;
    private readonly string _probability;
    private readonly string _predictedLabel;
    private readonly ThresholdRule _rule;
    private readonly double _sensitivity;

    internal ThresholdEstimator(
        IHostEnvironment env, string labelColumnName, string probabilityColumnName, string predictedLabelColumnName,
        ThresholdRule rule, double sensitivity)
    {
        _host = env.Register(nameof(ThresholdEstimator));
        OptionChecks.CheckEnum(rule, nameof(rule));
        OptionChecks.Check(sensitivity is > 0 and <= 1, nameof(sensitivity), "a share above 0 and up to 1",
            sensitivity);
        (_label, _probability, _predictedLabel, _rule, _sensitivity) =
            (labelColumnName, probabilityColumnName, predictedLabelColumnName, rule, sensitivity);
    }

    /// <summary>
    /// Chooses each label's threshold on the rows in which it is rated. A label with one class keeps 0.5; the log says
    /// so.
    /// </summary>
    /// <exception cref="ArgumentException">A column is missing or of another type, no rows, a probability out of range:
    /// names the row.</exception>
    public ThresholdTransformer Fit(IDataView input)
    {
        _host.CheckValue(input, nameof(input));
        GetOutputSchema(SchemaShape.Create(input.Schema));
        bool vector = input.Schema[_probability].Type is VectorDataViewType;
        double[][] labels = vector ? ScoreColumns.Labels(input, _label)
            : [.. input.GetColumn<bool>(_label).Select(v => new[] { v ? 1.0 : 0.0 })];
        double[][] probabilities = vector ? ScoreColumns.Probabilities(input, _probability)
            : [.. ScoreColumns.Numbers(input, "probability", _probability).Select(v => new[] { v })];
        for (int i = 0; i < probabilities.Length; i++)
        {
            Array.ForEach(probabilities[i], p => MetricInput.CheckProbability(p, i));
        }
        RatedLabel[] rated = RatedLabel.Collect(
            labels, probabilities, vector ? ScoreColumns.Names(input, _probability) ?? ScoreColumns.Names(input, _label)
            : [_label]);
        using IChannel channel = _host.Start("Fit");
        return new ThresholdTransformer(_host, _probability, _predictedLabel, vector, [.. rated.Select(r =>
        {
            double? threshold = DecisionThreshold.Choose(r.Positive, r.Scores, _rule, _sensitivity, out string? kept);
            if (threshold is null)
            {
                channel.Warning("threshold of label '{0}': {1} among its {2} rated clips, it stays at 0.5", r.Name,
                    kept!, r.Positive.Length);
            }
            return threshold ?? DecisionThreshold.Default;
        })]);
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        _host.CheckValue(inputSchema, nameof(inputSchema));
        SchemaShape.Column probability = SchemaChecks.Find(
            inputSchema, "probability", _probability, "Single or Vector<Single>", c =>
            !c.IsKey && c.Kind != SchemaShape.Column.VectorKind.VariableVector
            && c.ItemType.Equals(NumberDataViewType.Single));
        if (probability.Kind == SchemaShape.Column.VectorKind.Vector)
        {
            ScoreShapes.FindVector(inputSchema, "label", _label);
            return ScoreShapes.With(inputSchema, ScoreShapes.Vector(_predictedLabel, BooleanDataViewType.Instance));
        }
        SchemaChecks.Find(inputSchema, "label", _label, BooleanDataViewType.Instance);
        return ScoreShapes.With(
            inputSchema, new SchemaShape.Column(
            _predictedLabel, SchemaShape.Column.VectorKind.Scalar, BooleanDataViewType.Instance, false));
    }
}

/// <summary>What <see cref="ThresholdEstimator"/> gives: decisions.</summary>
public sealed class ThresholdTransformer : ScoreTransformer
{
    internal const string LoaderSignature = "SpeechData.Thresholds";

    private readonly string _probability;
    private readonly string _predictedLabel;
    private readonly bool _vector;
    private readonly double[] _thresholds;

    internal ThresholdTransformer(
        IHostEnvironment env, string probabilityColumnName, string predictedLabelColumnName, bool vector,
        double[] thresholds)
        : base(env.Register(nameof(ThresholdTransformer)))
    {
        (_probability, _predictedLabel, _vector, _thresholds) =
            (probabilityColumnName, predictedLabelColumnName, vector, thresholds);
    }

    /// <summary>Per label: probabilities from here up are positive.</summary>
    public IReadOnlyList<double> Thresholds => _thresholds;

    private protected override IReadOnlyList<string> InputColumnNames => [_probability];

    /// <summary>Called by ML.NET when a saved model is loaded.</summary>
    private static ThresholdTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        // *** Binary format ***
        // string: probability column name
        // string: predicted label column name
        // byte: 1 for a vector, 0 for one label
        // int: number of labels
        // double[]: thresholds
        ctx.CheckAtModel(GetVersionInfo());
        string probability = ctx.LoadNonEmptyString();
        string predicted = ctx.LoadNonEmptyString();
        bool vector = ctx.Reader.ReadByte() == 1;
        int count = ModelEntry.ReadCount(ctx, "thresholds", sizeof(double), min: 1);
        return new ThresholdTransformer(
            env, probability, predicted, vector,
            [.. Enumerable.Range(0, count).Select(_ => ModelEntry.ReadFinite(ctx, "threshold"))]);
    }

    /// <inheritdoc/>
    protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        ctx.SaveNonEmptyString(_probability);
        ctx.SaveNonEmptyString(_predictedLabel);
        ctx.Writer.Write((byte)(_vector ? 1 : 0));
        ctx.Writer.Write(_thresholds.Length);
        Array.ForEach(_thresholds, ctx.Writer.Write);
    }

    private protected override DataViewSchema.DetachedColumn[] MakeOutputColumns(DataViewSchema inputSchema)
    {
        if (_vector)
        {
            DataViewSchema.Annotations names = SlotNames(Vector(inputSchema, _probability, _thresholds.Length));
            return [new DataViewSchema.DetachedColumn(
                _predictedLabel, new VectorDataViewType(BooleanDataViewType.Instance, _thresholds.Length), names)];
        }
        DataViewSchema.Column probability = inputSchema.GetColumnOrNull(_probability)
            ?? throw Host.ExceptSchemaMismatch(nameof(inputSchema), "probability", _probability);
        return probability.Type.Equals(NumberDataViewType.Single)
            ? [new DataViewSchema.DetachedColumn(_predictedLabel, BooleanDataViewType.Instance)]
            : throw Host.ExceptSchemaMismatch(nameof(inputSchema), "probability", _probability, "Single",
                probability.Type.ToString());
    }

    private protected override Delegate MakeGetter(DataViewRow input, int column)
    {
        if (_vector)
        {
            Func<float[]> probabilities = Reader(input, _probability);
            return VectorColumn.Getter(() => (bool[])[.. probabilities().Zip(_thresholds, (p, t) => p >= t)]);
        }
        ValueGetter<float> probability = input.GetGetter<float>(input.Schema[_probability]);
        return (ValueGetter<bool>)((ref bool value) =>
        {
            float p = 0;
            probability(ref p);
            value = p >= _thresholds[0];
        });
    }

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "SPCHTHRE",
        verWrittenCur: 0x00010001,
        verReadableCur: 0x00010001,
        verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature,
        loaderAssemblyName: typeof(ThresholdTransformer).Assembly.FullName);
}
