using Microsoft.ML;
using Microsoft.ML.Runtime;
using SpeechML.Data.DataViews;
using SpeechML.Data.Evaluation.Calibration;
using SpeechML.Data.Evaluation.Decisions;
using SpeechML.Data.Evaluation.Metrics;
using SpeechML.Data.Interop;

namespace SpeechML;

/// <summary>
/// Calibrates class probabilities by one temperature (Guo et al. 2017): softmax(ln p / T), which is softmax(logits /
/// T). The most probable class stays the same. Fit it on validation data that
/// the model has scored, and append the transformer to the model.
/// </summary>
public sealed class ProbabilityTemperatureEstimator : IEstimator<ProbabilityTemperatureTransformer>, IFittedOnValidation
{
    private readonly IHost _host;
    private readonly string _label;
    private readonly string _scores;

    internal ProbabilityTemperatureEstimator(IHostEnvironment env, string labelColumnName, string scoreColumnName)
    {
        _host = env.Register(nameof(ProbabilityTemperatureEstimator));
        (_label, _scores) = (labelColumnName, scoreColumnName);
    }

    /// <summary>
    /// Finds the temperature that makes the validation labels most likely; rows without a label are left out. The log
    /// has the losses before and after.
    /// </summary>
    /// <exception cref="ArgumentException">A column is missing or of another type, no rows with a label, scores that
    /// are no probabilities: names the row.</exception>
    public ProbabilityTemperatureTransformer Fit(IDataView input)
    {
        _host.CheckValue(input, nameof(input));
        input = ReadOnceDataView.Of(input, _label, _scores);
        int[] truth = ScoreColumns.Classes(input, "label", _label, out _);
        double[][] probabilities = ScoreColumns.Probabilities(input, _scores);
        int[] rows = [.. Enumerable.Range(0, truth.Length).Where(i => truth[i] >= 0)];
        MetricInput.CheckRows(rows.Length, rows.Length);
        foreach (int i in rows)
        {
            MetricInput.CheckProbabilities(probabilities[i], i);
            MetricInput.CheckClass("Label", truth[i], probabilities[i].Length, i);
        }
        TemperatureScaling scaling =
            TemperatureScaling.Fit([.. rows.Select(
            i => Array.ConvertAll(probabilities[i], ProbabilityTemperatureTransformer.Logit))],
            [.. rows.Select(i => truth[i])], new Cancellation(_host as ICancelable, default));
        using IChannel channel = _host.Start("Fit");
        channel.Info("temperature {0:F4} on {1} clips: log loss {2:F4} before, {3:F4} after", scaling.Temperature,
            rows.Length, scaling.NllBefore, scaling.NllAfter);
        if (scaling.AtBound)
        {
            channel.Warning(
                "temperature {0:F2} is at the bound of what is searched: the validation data are all right or too few",
                scaling.Temperature);
        }
        return new ProbabilityTemperatureTransformer(_host, _scores, scaling.Temperature, probabilities[0].Length);
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        _host.CheckValue(inputSchema, nameof(inputSchema));
        return ScoreShapes.With(inputSchema, ScoreShapes.FindVector(inputSchema, "score", _scores));
    }
}

/// <summary>
/// What <see cref="ProbabilityTemperatureEstimator"/> gives: the same column of class probabilities, calibrated.
/// </summary>
public sealed class ProbabilityTemperatureTransformer : ScoreTransformer
{
    internal const string LoaderSignature = "SpeechData.Temperature";

    private readonly string _scores;
    private readonly int _classes;

    internal ProbabilityTemperatureTransformer(
        IHostEnvironment env, string scoreColumnName, double temperature, int classes)
        : base(env.Register(nameof(ProbabilityTemperatureTransformer)))
    {
        (_scores, Temperature, _classes) = (scoreColumnName, temperature, classes);
    }

    /// <summary>The temperature: above 1 the model was too sure, below 1 not sure enough.</summary>
    public double Temperature { get; }

    /// <summary>The column of probabilities.</summary>
    internal string ScoreColumn => _scores;

    internal int Classes => _classes;

    private protected override IReadOnlyList<string> InputColumnNames => [_scores];

    /// <summary>Called by ML.NET when a saved model is loaded.</summary>
    private static ProbabilityTemperatureTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        // *** Binary format ***
        // string: score column name
        // double: temperature
        // int: number of classes
        ctx.CheckAtModel(GetVersionInfo());
        string scores = ctx.LoadNonEmptyString();
        double temperature = ModelEntry.ReadFinite(ctx, "temperature");
        int classes = ctx.Reader.ReadInt32();
        return temperature <= 0 ? throw ModelEntry.Wrong("temperature", "a number above 0", temperature)
            : classes < 1 ? throw ModelEntry.Wrong("number of classes", "at least 1", classes)
            : new ProbabilityTemperatureTransformer(env, scores, temperature, classes);
    }

    /// <inheritdoc/>
    protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        ctx.SaveNonEmptyString(_scores);
        ctx.Writer.Write(Temperature);
        ctx.Writer.Write(_classes);
    }

    /// <summary>
    /// A logit up to a constant. A probability that single precision makes 0 becomes the smallest that it can hold.
    /// </summary>
    internal static double Logit(double probability) => Math.Log(Math.Max(probability, float.Epsilon));

    private protected override DataViewSchema.DetachedColumn[] MakeOutputColumns(DataViewSchema inputSchema)
    {
        DataViewSchema.Column scores = Vector(inputSchema, _scores, _classes);
        // ML.NET's evaluators know the column by its annotations
        return [new DataViewSchema.DetachedColumn(_scores, scores.Type, scores.Annotations)];
    }

    private protected override Delegate MakeGetter(DataViewRow input, int column)
    {
        Func<float[]> scores = Reader(input, _scores);
        return VectorColumn.Getter(() =>
        {
            double[] logits = Array.ConvertAll(scores(), p => Logit(p) / Temperature);
            double greatest = logits.Max();
            double[] powers = Array.ConvertAll(logits, v => Math.Exp(v - greatest));
            double sum = powers.Sum();
            return Array.ConvertAll(powers, p => (float)(p / sum));
        });
    }

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "SPCHTEMP",
        verWrittenCur: 0x00010001,
        verReadableCur: 0x00010001,
        verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature,
        loaderAssemblyName: typeof(ProbabilityTemperatureTransformer).Assembly.FullName);
}
