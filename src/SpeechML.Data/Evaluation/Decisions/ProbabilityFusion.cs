using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Audio.Options;
using SpeechML.Data.DataViews;
using SpeechML.Data.Evaluation.Decisions;
using SpeechML.Data.Evaluation.Metrics;
using SpeechML.Data.Interop;

namespace SpeechML;

/// <summary>
/// Combines several models of one chain (late fusion): the mean of their probabilities, weighted equally or by what
/// makes the labels of the validation data most likely. Each model writes
/// columns of its own names; all are saved in one zip.
/// </summary>
public sealed class ProbabilityFusionEstimator : IEstimator<ProbabilityFusionTransformer>, IFittedOnValidation
{
    private readonly IHost _host;
    private readonly string[] _inputs;
    private readonly string? _label;
    private readonly string _output;
    private readonly string _predictedLabel;
    private readonly bool _classes;

    internal ProbabilityFusionEstimator(
        IHostEnvironment env, string outputColumnName, string[] inputColumnNames, string? labelColumnName,
        string predictedLabelColumnName, bool classes)
    {
        _host = env.Register(nameof(ProbabilityFusionEstimator));
        OptionChecks.Check(inputColumnNames.Length >= 2, nameof(inputColumnNames),
            "two columns of probabilities or more", string.Join(", ", inputColumnNames));
        (_output, _inputs, _label, _predictedLabel, _classes) =
            (outputColumnName, inputColumnNames, labelColumnName, predictedLabelColumnName, classes);
    }

    /// <summary>
    /// Finds the weights on validation data that the models have scored. Without a label column all weigh the same.
    /// </summary>
    /// <exception cref="ArgumentException">A column is missing or of another type, no rated labels, probabilities that
    /// are none: names the row.</exception>
    public ProbabilityFusionTransformer Fit(IDataView input)
    {
        _host.CheckValue(input, nameof(input));
        GetOutputSchema(SchemaShape.Create(input.Schema));
        double[] weights = new double[_inputs.Length];
        Array.Fill(weights, 1.0 / weights.Length);
        if (_label is not null)
        {
            input = ReadOnceDataView.Of(input, [_label, .. _inputs]);
            weights = FusionWeights.Fit([.. _inputs.Select(name => TruthProbabilities(input, name))],
                new Cancellation(_host as ICancelable, default));
            using IChannel channel = _host.Start("Fit");
            channel.Info("weights of the models: {0}",
                string.Join(", ", _inputs.Zip(weights, (n, w) => FormattableString.Invariant($"{n} {w:F4}"))));
        }
        return new ProbabilityFusionTransformer(_host, _output, _inputs, _predictedLabel, _classes, weights);
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        _host.CheckValue(inputSchema, nameof(inputSchema));
        SchemaShape.Column[] columns =
            [.. _inputs.Select(name => ScoreShapes.FindVector(inputSchema, "probability", name))];
        SchemaShape.Column first = columns[0];
        SchemaShape keys = first.Annotations.TryFindColumn(
            AnnotationUtils.Kinds.TrainingLabelValues, out SchemaShape.Column values)
            ? new SchemaShape([new SchemaShape.Column(
                AnnotationUtils.Kinds.KeyValues, values.Kind, values.ItemType, values.IsKey)])
            : new SchemaShape([]);
        return ScoreShapes.With(
            inputSchema,
            new SchemaShape.Column(_output, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false,
            first.Annotations),
            _classes
                ? new SchemaShape.Column(
                    _predictedLabel, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.UInt32, true, keys)
                : ScoreShapes.Vector(_predictedLabel, BooleanDataViewType.Instance));
    }

    // what a model gives to what is true: one number per clip with a class, or per rated label
    private double[] TruthProbabilities(IDataView input, string column)
    {
        double[][] probabilities = ScoreColumns.Probabilities(input, column);
        double[] truth;
        if (_classes)
        {
            int[] classes = ScoreColumns.Classes(input, "label", _label!, out _);
            truth = [.. Enumerable.Range(0, classes.Length).Where(i => classes[i] >= 0).Select(i =>
            {
                MetricInput.CheckProbabilities(probabilities[i], i);
                MetricInput.CheckClass("Label", classes[i], probabilities[i].Length, i);
                return probabilities[i][classes[i]];
            })];
        }
        else
        {
            truth = [.. RatedLabel.Collect(ScoreColumns.Labels(input, _label!), probabilities, null)
                .SelectMany(r => r.Positive.Zip(r.Scores, (p, s) => p ? s : 1 - s))];
        }
        return truth.Length > 0 ? truth
            : throw new ArgumentException(
            $"Label column '{_label}': expected a label that is not missing, got none in {probabilities.Length} rows.");
    }
}

/// <summary>
/// What <see cref="ProbabilityFusionEstimator"/> gives: the combined probabilities and the decisions that follow from
/// them.
/// </summary>
public sealed class ProbabilityFusionTransformer : ScoreTransformer
{
    internal const string LoaderSignature = "SpeechData.Fusion";

    private readonly string _output;
    private readonly string[] _inputs;
    private readonly string _predictedLabel;
    private readonly bool _classes;
    private readonly double[] _weights;

    internal ProbabilityFusionTransformer(
        IHostEnvironment env, string outputColumnName, string[] inputColumnNames, string predictedLabelColumnName,
        bool classes, double[] weights)
        : base(env.Register(nameof(ProbabilityFusionTransformer)))
    {
        (_output, _inputs, _predictedLabel, _classes, _weights) =
            (outputColumnName, inputColumnNames, predictedLabelColumnName, classes, weights);
    }

    /// <summary>The weight of each model; the sum is 1.</summary>
    public IReadOnlyList<double> Weights => _weights;

    private protected override IReadOnlyList<string> InputColumnNames => _inputs;

    /// <summary>Called by ML.NET when a saved model is loaded.</summary>
    private static ProbabilityFusionTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        // *** Binary format ***
        // string: output column name
        // string: predicted label column name
        // byte: 1 for classes, 0 for labels
        // int: number of models
        // for each model: string: its probability column; double: its weight
        ctx.CheckAtModel(GetVersionInfo());
        string output = ctx.LoadNonEmptyString();
        string predicted = ctx.LoadNonEmptyString();
        bool classes = ctx.Reader.ReadByte() == 1;
        string[] inputs = new string[ModelEntry.ReadCount(ctx, "fused models", sizeof(int) + sizeof(double), min: 1)];
        double[] weights = new double[inputs.Length];
        for (int m = 0; m < inputs.Length; m++)
        {
            inputs[m] = ctx.LoadNonEmptyString();
            weights[m] = ModelEntry.ReadFinite(ctx, "weight of a model");
        }
        return new ProbabilityFusionTransformer(env, output, inputs, predicted, classes, weights);
    }

    /// <inheritdoc/>
    protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        ctx.SaveNonEmptyString(_output);
        ctx.SaveNonEmptyString(_predictedLabel);
        ctx.Writer.Write((byte)(_classes ? 1 : 0));
        ctx.Writer.Write(_inputs.Length);
        for (int m = 0; m < _inputs.Length; m++)
        {
            ctx.SaveNonEmptyString(_inputs[m]);
            ctx.Writer.Write(_weights[m]);
        }
    }

    private protected override DataViewSchema.DetachedColumn[] MakeOutputColumns(DataViewSchema inputSchema)
    {
        DataViewSchema.Column first = inputSchema.GetColumnOrNull(_inputs[0])
            ?? throw Host.ExceptSchemaMismatch(nameof(inputSchema), "score", _inputs[0]);
        int size = (first.Type as VectorDataViewType)?.Size ?? 0;
        string[]? names = null;
        foreach (string input in _inputs)
        {
            string[]? these = LabelValues.Read(
                Vector(inputSchema, input, size), AnnotationUtils.Kinds.SlotNames)?.Values;
            if (names is not null && these is not null && !names.SequenceEqual(these))
            {
                throw new ArgumentException(
                    $"Column '{input}': expected the labels of '{_inputs[0]}', {string.Join(", ", names)}, got " +
                    $"{string.Join(", ", these)}.", nameof(inputSchema));
            }
            names ??= these;
        }
        DataViewSchema.DetachedColumn probabilities =
            new(_output, new VectorDataViewType(NumberDataViewType.Single, size), first.Annotations);
        if (!_classes)
        {
            return [probabilities, new DataViewSchema.DetachedColumn(
                _predictedLabel, new VectorDataViewType(BooleanDataViewType.Instance, size), SlotNames(first))];
        }
        var keys = new DataViewSchema.Annotations.Builder();
        LabelValues.Read(first, AnnotationUtils.Kinds.TrainingLabelValues)?.AddTo(
            keys, AnnotationUtils.Kinds.KeyValues);
        return [probabilities, new DataViewSchema.DetachedColumn(
            _predictedLabel, new KeyDataViewType(typeof(uint), size), keys.ToAnnotations())];
    }

    private protected override Delegate MakeGetter(DataViewRow input, int column)
    {
        Func<float[]>[] readers = [.. _inputs.Select(name => Reader(input, name))];
        float[] Fused()
        {
            double[]? sum = null;
            for (int m = 0; m < readers.Length; m++)
            {
                float[] values = readers[m]();
                sum ??= new double[values.Length];
                for (int j = 0; j < sum.Length; j++)
                {
                    sum[j] += _weights[m] * values[j];
                }
            }
            return Array.ConvertAll(sum!, v => (float)v);
        }
        if (column == 0)
        {
            return VectorColumn.Getter(Fused);
        }
        return _classes
            ? (ValueGetter<uint>)((ref uint value) =>
            {
                float[] fused = Fused();
                value = (uint)Array.IndexOf(fused, fused.Max()) + 1;
            })
            : VectorColumn.Getter(() => Array.ConvertAll(Fused(), p => p >= 0.5f));
    }

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "SPCHFUSE",
        verWrittenCur: 0x00010001,
        verReadableCur: 0x00010001,
        verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature,
        loaderAssemblyName: typeof(ProbabilityFusionTransformer).Assembly.FullName);
}
