using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Audio.Options;
using SpeechML.Data.DataViews;
using SpeechML.Data.Evaluation.Calibration;
using SpeechML.Data.Evaluation.Decisions;
using SpeechML.Data.Evaluation.Metrics;
using SpeechML.Data.Interop;

namespace SpeechML;

/// <summary>
/// Calibrates the probabilities of several labels, each by itself. Fit it on validation data that the model has scored,
/// and append the transformer to the model: fitted on the training data
/// it would learn the model's overconfidence there.
/// </summary>
public sealed class ProbabilityCalibrationEstimator : IEstimator<ProbabilityCalibrationTransformer>, IFittedOnValidation
{
    private readonly IHost _host;
    private readonly string _labels;
    private readonly string _scores;
    private readonly string _probabilities;
    private readonly string _predictedLabels;
    private readonly CalibrationMethod _method;

    internal ProbabilityCalibrationEstimator(
        IHostEnvironment env, string labelColumnName, string scoreColumnName, string probabilityColumnName,
        string predictedLabelColumnName, CalibrationMethod method)
    {
        _host = env.Register(nameof(ProbabilityCalibrationEstimator));
        OptionChecks.CheckEnum(method, nameof(method));
        (_labels, _scores, _probabilities, _predictedLabels, _method) =
            (labelColumnName, scoreColumnName, probabilityColumnName, predictedLabelColumnName, method);
    }

    /// <summary>
    /// Fits each label's calibration on the rows in which it is rated. A label with one class keeps its probability;
    /// the log says so.
    /// </summary>
    /// <exception cref="ArgumentException">A column is missing or of another type, no rows, a score that is not finite:
    /// names the row.</exception>
    public ProbabilityCalibrationTransformer Fit(IDataView input)
    {
        _host.CheckValue(input, nameof(input));
        input = ReadOnceDataView.Of(input, _labels, _scores);
        double[][] labels = ScoreColumns.Labels(input, _labels);
        double[][] scores = [.. ScoreColumns.Vectors(input, "score", _scores)
            .Select(r => Array.ConvertAll(r, v => (double)v))];
        RatedLabel[] rated = RatedLabel.Collect(
            labels, scores, ScoreColumns.Names(input, _scores) ?? ScoreColumns.Names(input, _labels));
        var cancellation = new Cancellation(_host as ICancelable, default);
        using IChannel channel = _host.Start("Fit");
        return new ProbabilityCalibrationTransformer(
            _host, _scores, _probabilities, _predictedLabels, [.. rated.Select(r =>
        {
            LabelCalibration calibration =
                LabelCalibration.Fit(_method, r.Positive, r.Scores, out string? kept, cancellation);
            if (kept is not null)
            {
                channel.Warning(
                    "calibration of label '{0}': {1} among its {2} rated clips, its probability is kept as it is",
                    r.Name, kept, r.Positive.Length);
            }
            return calibration;
        })]);
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        _host.CheckValue(inputSchema, nameof(inputSchema));
        ScoreShapes.FindVector(inputSchema, "label", _labels);
        ScoreShapes.FindVector(inputSchema, "score", _scores);
        return ScoreShapes.With(
            inputSchema, ScoreShapes.Vector(_probabilities, NumberDataViewType.Single),
            ScoreShapes.Vector(_predictedLabels, BooleanDataViewType.Instance));
    }
}

/// <summary>
/// What <see cref="ProbabilityCalibrationEstimator"/> gives: probabilities from logits, and decisions from 0.5 of the
/// calibrated probability up.
/// </summary>
public sealed class ProbabilityCalibrationTransformer : ScoreTransformer
{
    internal const string LoaderSignature = "SpeechData.Calibration";

    private readonly string _scores;
    private readonly string _probabilities;
    private readonly string _predictedLabels;
    private readonly LabelCalibration[] _labels;

    internal ProbabilityCalibrationTransformer(
        IHostEnvironment env, string scoreColumnName, string probabilityColumnName, string predictedLabelColumnName,
        LabelCalibration[] labels)
        : base(env.Register(nameof(ProbabilityCalibrationTransformer)))
    {
        (_scores, _probabilities, _predictedLabels, _labels) =
            (scoreColumnName, probabilityColumnName, predictedLabelColumnName, labels);
    }

    /// <summary>The columns: scores, probabilities, predicted labels.</summary>
    internal (string Scores, string Probabilities, string PredictedLabels) Columns =>
        (_scores, _probabilities, _predictedLabels);

    /// <summary>The calibration of each label.</summary>
    internal IReadOnlyList<LabelCalibration> Labels => _labels;

    private protected override IReadOnlyList<string> InputColumnNames => [_scores];

    /// <summary>Called by ML.NET when a saved model is loaded.</summary>
    private static ProbabilityCalibrationTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        // *** Binary format ***
        // string: score column name
        // string: probability column name
        // string: predicted label column name
        // int: number of labels
        // for each label
        //   int: number of knots, 0 for a sigmoid
        //   sigmoid: double a, double b; else knots: double[] scores, double[] probabilities
        ctx.CheckAtModel(GetVersionInfo());
        string scores = ctx.LoadNonEmptyString();
        string probabilities = ctx.LoadNonEmptyString();
        string predicted = ctx.LoadNonEmptyString();
        var labels = new LabelCalibration[ModelEntry.ReadCount(ctx, "calibrated labels", sizeof(int), min: 1)];
        for (int j = 0; j < labels.Length; j++)
        {
            int knots = ModelEntry.ReadCount(ctx, "knots of a calibration", 2 * sizeof(double), min: 0);
            labels[j] = knots == 0
                ? new PlattCalibration(new PlattScaling(Number(), Number()))
                : new StepCalibration(new IsotonicCalibration(Doubles(knots), Doubles(knots)));
        }
        return new ProbabilityCalibrationTransformer(env, scores, probabilities, predicted, labels);

        double Number() => ModelEntry.ReadFinite(ctx, "calibration of a label");

        double[] Doubles(int count) => [.. Enumerable.Range(0, count).Select(_ => Number())];
    }

    /// <inheritdoc/>
    protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        ctx.SaveNonEmptyString(_scores);
        ctx.SaveNonEmptyString(_probabilities);
        ctx.SaveNonEmptyString(_predictedLabels);
        ctx.Writer.Write(_labels.Length);
        foreach (LabelCalibration label in _labels)
        {
            switch (label)
            {
                case PlattCalibration { Scaling: var sigmoid }:
                    ctx.Writer.Write(0);
                    ctx.Writer.Write(sigmoid.A);
                    ctx.Writer.Write(sigmoid.B);
                    break;
                case StepCalibration { Function: var steps }:
                    ctx.Writer.Write(steps.Scores.Count);
                    foreach (double value in steps.Scores.Concat(steps.Values))
                    {
                        ctx.Writer.Write(value);
                    }
                    break;
                default:
                    throw new InvalidOperationException(
                        $"Calibration {label.GetType().Name}: expected a sigmoid or steps.");
            }
        }
    }

    private protected override DataViewSchema.DetachedColumn[] MakeOutputColumns(DataViewSchema inputSchema)
    {
        DataViewSchema.Annotations names = SlotNames(Vector(inputSchema, _scores, _labels.Length));
        return
        [
            new DataViewSchema.DetachedColumn(
            _probabilities, new VectorDataViewType(NumberDataViewType.Single, _labels.Length), names),
            new DataViewSchema.DetachedColumn(
            _predictedLabels, new VectorDataViewType(BooleanDataViewType.Instance, _labels.Length), names),
        ];
    }

    private protected override Delegate MakeGetter(DataViewRow input, int column)
    {
        Func<float[]> scores = Reader(input, _scores);
        float[] Probabilities() => [.. scores().Select((s, j) => (float)_labels[j].Apply(s))];
        return column == 0 ? VectorColumn.Getter(Probabilities)
            : VectorColumn.Getter(() => Array.ConvertAll(Probabilities(), p => p >= 0.5f));
    }

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "SPCHCALI",
        verWrittenCur: 0x00010001,
        verReadableCur: 0x00010001,
        verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature,
        loaderAssemblyName: typeof(ProbabilityCalibrationTransformer).Assembly.FullName);
}
