using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Data.DataViews;
using SpeechML.Model;
using SpeechML.Tasks;
using SpeechML.Training.Losses;
using SpeechML.Training.Probing;

namespace SpeechML;

/// <summary>
/// Fine-tunes a speech encoder to rate several labels per clip, each present or not. The label column is a vector: 1
/// positive, 0 negative, negative
/// numbers and NaN not rated; what is not rated takes part in nothing.
/// </summary>
public sealed class SpeechMultiLabelTrainer : SpeechTrainer<SpeechMultiLabelTransformer>
{
    private readonly SpeechMultiLabelOptions _options;

    internal SpeechMultiLabelTrainer(
        IHostEnvironment env, string labelColumnName, string audioColumnName, SpeechMultiLabelOptions options,
        IProgress<TrainingProgress>? progress, CancellationToken cancellation)
        : base(env.Register(nameof(SpeechMultiLabelTrainer)), labelColumnName, audioColumnName, options, progress,
            cancellation)
    {
        _options = (SpeechMultiLabelOptions)Options;
    }

    private protected override SchemaShape.Column CheckLabel(SchemaShape schema) =>
        SchemaChecks.Find(schema, "label", LabelColumnName, "Vector<Single> of known size (use Concatenate)",
            c => c.Kind == SchemaShape.Column.VectorKind.Vector && c.ItemType.Equals(NumberDataViewType.Single));

    private protected override IEnumerable<SchemaShape.Column> OutputShape(SchemaShape.Column label)
    {
        SchemaShape names = new(
            [new SchemaShape.Column(
            AnnotationUtils.Kinds.SlotNames, SchemaShape.Column.VectorKind.Vector, TextDataViewType.Instance, false)]);
        yield return new SchemaShape.Column(
            _options.ScoreColumnName, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false, names);
        yield return new SchemaShape.Column(
            _options.ProbabilityColumnName, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false,
            names);
        yield return new SchemaShape.Column(
            _options.PredictedLabelColumnName, SchemaShape.Column.VectorKind.Vector, BooleanDataViewType.Instance,
            false, names);
    }

    private protected override LabelValues ReadLabelValues(DataViewSchema.Column label) => LabelValues.OfSlots(label);

    private protected override Func<float[]?> TargetReader(DataViewRow row, DataViewSchema.Column label)
    {
        ValueGetter<VBuffer<float>> getter = row.GetGetter<VBuffer<float>>(label);
        VBuffer<float> buffer = default;
        return () =>
        {
            getter(ref buffer);
            float[] values = [.. buffer.DenseValues().Select(v => v < 0 ? float.NaN : v)];
            bool rated = _options.RatingThreshold > 0;
            int wrong = Array.FindIndex(
                values, v => rated ? float.IsInfinity(v) : v is not (0 or 1) && !float.IsNaN(v));
            if (wrong >= 0)
            {
                throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture,
                    $"Label column '{LabelColumnName}', slot {wrong}: expected " +
                    $"{(rated ? "a rating" : "0 (negative), 1 (positive)")}, or a negative number or NaN (not " +
                    $"rated), got {values[wrong]}."));
            }
            if (rated && !MultiLabelLoss.TakesRatings(_options.Loss))
            {
                values = Binary(values);
            }
            return Array.TrueForAll(values, float.IsNaN) ? null : values;
        };
    }

    private protected override Loss CreateLoss(TaskData data) => MultiLabelLoss.Create(_options, data);

    private protected override LinearObjective LinearModel(TaskData data) =>
        new(new BinaryCrossEntropyLoss(data.PositiveWeights),
            _options.Loss == MultiLabelLoss.CrossEntropy && _options.FocalGamma == 0)
        {
            Target = Decided,
        };

    private protected override TaskData Describe(IReadOnlyList<float[]> targets, LabelValues labels) => new(targets)
    {
        PositiveWeights = !_options.BalancePositives ? null
            : [.. Counts(targets, labels).Select(c => (double)c.Negative / c.Positive)],
    };

    private protected override IReadOnlyList<EvaluatedClips> Evaluated(
        IReadOnlyList<float[]> targets, IReadOnlyList<float[]> outputs)
    {
        float[][] truth = [.. targets.Select(Decided)], probabilities = [.. outputs.Select(OutputScores.Sigmoid)];
        return [.. Enumerable.Range(0, truth[0].Length).Select(j =>
        {
            int[] rated = [.. Enumerable.Range(0, truth.Length).Where(i => !float.IsNaN(truth[i][j]))];
            return EvaluatedClips.Binary(
                Array.ConvertAll(rated, i => truth[i][j] == 1),
                Array.ConvertAll(rated, i => (double)probabilities[i][j]));
        })];
    }

    private protected override void CheckTargets(IReadOnlyList<float[]> targets, LabelValues labels)
    {
        foreach ((int i, (int positive, int negative)) in Counts(targets, labels).Index())
        {
            if (positive == 0 || negative == 0)
            {
                throw new InvalidOperationException(
                    $"Label '{labels.Values[i]}' of column '{LabelColumnName}': expected positive and negative " +
                    $"clips, got {positive} positive and {negative} negative of {targets.Count}. Leave it out, or " +
                    $"split the data so that both are in the training part.");
            }
        }
    }

    private protected override IEnumerable<(string Label, IReadOnlyDictionary<string, int> Classes)> CountClasses(
        IReadOnlyList<float[]> targets, LabelValues labels) => _options.BalancePositives ? []
        : Counts(targets, labels).Select((c, i) => (labels.Values[i], LabelWarnings.Counts(c.Positive, c.Negative)));

    /// <summary>Positive and negative clips of each label.</summary>
    private (int Positive, int Negative)[] Counts(IReadOnlyList<float[]> targets, LabelValues labels)
    {
        float[][] decided = [.. targets.Select(Decided)];
        return [.. labels.Values.Select((_, i) => (decided.Count(t => t[i] == 1), decided.Count(t => t[i] == 0)))];
    }

    private float[] Binary(float[] ratings) =>
        Array.ConvertAll(ratings, v => float.IsNaN(v) ? v : v >= _options.RatingThreshold ? 1f : 0f);

    /// <summary>1 and 0 of targets, which are ratings where the loss takes them.</summary>
    private float[] Decided(float[] targets) =>
        _options.RatingThreshold > 0 && MultiLabelLoss.TakesRatings(_options.Loss) ? Binary(targets) : targets;

    private protected override SpeechMultiLabelTransformer CreateTransformer(SpeechModel model) =>
        new(TrainerHost, AudioColumnName, _options.ScoreColumnName, _options.ProbabilityColumnName,
            _options.PredictedLabelColumnName, model);
}
