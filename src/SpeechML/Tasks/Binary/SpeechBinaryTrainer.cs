using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Data.DataViews;
using SpeechML.Model;
using SpeechML.Tasks;
using SpeechML.Training.Losses;
using SpeechML.Training.Probing;

namespace SpeechML;

/// <summary>Fine-tunes a speech encoder to tell two classes apart; the label column is Boolean.</summary>
public sealed class SpeechBinaryTrainer : SpeechTrainer<SpeechBinaryTransformer>
{
    private readonly SpeechBinaryOptions _options;

    internal SpeechBinaryTrainer(
        IHostEnvironment env, string labelColumnName, string audioColumnName, SpeechBinaryOptions options,
        IProgress<TrainingProgress>? progress, CancellationToken cancellation)
        : base(env.Register(nameof(SpeechBinaryTrainer)), labelColumnName, audioColumnName, options, progress,
            cancellation)
    {
        _options = (SpeechBinaryOptions)Options;
    }

    private protected override SchemaShape.Column CheckLabel(SchemaShape schema) =>
        SchemaChecks.Find(schema, "label", LabelColumnName, BooleanDataViewType.Instance);

    private protected override IEnumerable<SchemaShape.Column> OutputShape(SchemaShape.Column label)
    {
        SchemaShape annotations = new(AnnotationUtils.GetTrainerOutputAnnotation());
        yield return new SchemaShape.Column(
            _options.ScoreColumnName, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.Single, false,
            annotations);
        yield return new SchemaShape.Column(
            _options.ProbabilityColumnName, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.Single, false,
            annotations);
        yield return new SchemaShape.Column(
            _options.PredictedLabelColumnName, SchemaShape.Column.VectorKind.Scalar, BooleanDataViewType.Instance,
            false, annotations);
    }

    private protected override LabelValues ReadLabelValues(DataViewSchema.Column label) =>
        new("Text", [LabelColumnName]);

    private protected override Func<float[]?> TargetReader(DataViewRow row, DataViewSchema.Column label)
    {
        ValueGetter<bool> getter = row.GetGetter<bool>(label);
        bool value = false;
        return () =>
        {
            getter(ref value);
            return [value ? 1 : 0];
        };
    }

    private protected override Loss CreateLoss(TaskData data) =>
        new ScalarTargetLoss(BinaryLoss.Create(_options, data));

    private protected override LinearObjective LinearModel(TaskData data) =>
        new(new ScalarTargetLoss(new BinaryCrossEntropyLoss(data.PositiveWeights)),
            _options.Loss == BinaryLoss.CrossEntropy && _options.FocalGamma == 0);

    private protected override TaskData Describe(IReadOnlyList<float[]> targets, LabelValues labels)
    {
        int positive = targets.Count(t => t[0] == 1);
        return new TaskData(targets)
        {
            PositiveWeights = _options.BalancePositives ? [(double)(targets.Count - positive) / positive] : null,
        };
    }

    private protected override IReadOnlyList<EvaluatedClips> Evaluated(
        IReadOnlyList<float[]> targets, IReadOnlyList<float[]> outputs) =>
        [EvaluatedClips.Binary(
            [.. targets.Select(t => t[0] == 1)], [.. outputs.Select(o => (double)OutputScores.Sigmoid(o)[0])])];

    private protected override void CheckTargets(IReadOnlyList<float[]> targets, LabelValues labels)
    {
        int positive = targets.Count(t => t[0] == 1);
        if (positive == 0 || positive == targets.Count)
        {
            throw new InvalidOperationException(
                $"Label column '{LabelColumnName}': expected positive and negative clips, got {positive} positive " +
                $"and {targets.Count - positive} negative of {targets.Count}.");
        }
    }

    private protected override IEnumerable<(string Label, IReadOnlyDictionary<string, int> Classes)> CountClasses(
        IReadOnlyList<float[]> targets, LabelValues labels) =>
        _options.BalancePositives ? []
        : [(LabelColumnName, LabelWarnings.Counts(targets.Count(t => t[0] == 1), targets.Count(t => t[0] == 0)))];

    private protected override SpeechBinaryTransformer CreateTransformer(SpeechModel model) =>
        new(TrainerHost, AudioColumnName, _options.ScoreColumnName, _options.ProbabilityColumnName,
            _options.PredictedLabelColumnName, model);
}
