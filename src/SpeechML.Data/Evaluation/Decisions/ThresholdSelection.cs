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
/// Chooses the probability from which a label counts as present, each label by itself. Fit it on validation data that
/// the model has scored, and append the transformer to the model: thresholds
/// chosen on training or test data make a model look better than it is.
/// </summary>
public sealed class ThresholdEstimator : IEstimator<ThresholdTransformer>, IFittedOnValidation
{
    private readonly IHost _host;
    private readonly string _label;
    private readonly string _probability;
    private readonly string _predictedLabel;
    private readonly string _score;
    private readonly ThresholdRule _rule;
    private readonly double _sensitivity;

    internal ThresholdEstimator(
        IHostEnvironment env, string labelColumnName, string probabilityColumnName, string predictedLabelColumnName,
        ThresholdRule rule, double sensitivity, string scoreColumnName)
    {
        _host = env.Register(nameof(ThresholdEstimator));
        OptionChecks.CheckEnum(rule, nameof(rule));
        OptionChecks.Check(sensitivity is > 0 and <= 1, nameof(sensitivity), "a share above 0 and up to 1",
            sensitivity);
        (_label, _probability, _predictedLabel, _rule, _sensitivity, _score) =
            (labelColumnName, probabilityColumnName, predictedLabelColumnName, rule, sensitivity, scoreColumnName);
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
        input = ReadOnceDataView.Of(input, _label, _probability);
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
        var cancellation = new Cancellation(_host as ICancelable, default);
        using IChannel channel = _host.Start("Fit");
        string score = vector ? "" : _score;
        return new ThresholdTransformer(_host, _probability, _predictedLabel, score, vector, [.. rated.Select(r =>
        {
            cancellation.ThrowIfRequested();
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
        var decision = new SchemaShape.Column(
            _predictedLabel, SchemaShape.Column.VectorKind.Scalar, BooleanDataViewType.Instance, false);
        return _score.Length == 0 ? ScoreShapes.With(inputSchema, decision) : ScoreShapes.With(
            inputSchema, decision, new SchemaShape.Column(
            _score, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.Single, false));
    }
}
