using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Data.DataViews;
using SpeechML.Model;
using SpeechML.Training.Losses;
using SpeechML.Training.Probing;

namespace SpeechML;

/// <summary>Fine-tunes a speech encoder to predict a number per clip. Rows whose label is NaN are left out.</summary>
public sealed class SpeechRegressionTrainer : SpeechTrainer<SpeechRegressionTransformer>
{
    private readonly SpeechRegressionOptions _options;

    internal SpeechRegressionTrainer(
        IHostEnvironment env, string labelColumnName, string audioColumnName, SpeechRegressionOptions options,
        IProgress<TrainingProgress>? progress, CancellationToken cancellation)
        : base(env.Register(nameof(SpeechRegressionTrainer)), labelColumnName, audioColumnName, options, progress,
            cancellation)
    {
        _options = (SpeechRegressionOptions)Options;
    }

    private protected override SchemaShape.Column CheckLabel(SchemaShape schema) =>
        SchemaChecks.Find(schema, "label", LabelColumnName, NumberDataViewType.Single);

    private protected override IEnumerable<SchemaShape.Column> OutputShape(SchemaShape.Column label)
    {
        yield return new SchemaShape.Column(
            _options.ScoreColumnName, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.Single, false,
            new SchemaShape(AnnotationUtils.GetTrainerOutputAnnotation()));
    }

    private protected override LabelValues ReadLabelValues(DataViewSchema.Column label) =>
        new("Text", [LabelColumnName]);

    private protected override Func<float[]?> TargetReader(DataViewRow row, DataViewSchema.Column label)
    {
        ValueGetter<float> getter = row.GetGetter<float>(label);
        float value = 0;
        return () =>
        {
            getter(ref value);
            if (float.IsInfinity(value))
            {
                throw new InvalidOperationException(
                    FormattableString.Invariant(
                    $"Label column '{LabelColumnName}': expected a finite number or NaN (missing), got {value}."));
            }
            return float.IsNaN(value) ? null : [value];
        };
    }

    private protected override Loss CreateLoss(TaskData data) =>
        new ScalarTargetLoss(RegressionLoss.Create(_options, data));

    private protected override LinearObjective LinearModel(TaskData data) =>
        new(new ScalarTargetLoss(new MeanSquaredErrorLoss()), _options.Loss == RegressionLoss.MeanSquared)
        {
            Scale = 1.0 / 8,
            IsNumber = true,
        };

    private protected override IReadOnlyList<EvaluatedClips> Evaluated(
        IReadOnlyList<float[]> targets, IReadOnlyList<float[]> outputs) =>
        [EvaluatedClips.Regression(
            [.. targets.Select(t => (double)t[0])], [.. outputs.Select(o => (double)o[0])])];

    private protected override void CheckTargets(IReadOnlyList<float[]> targets, LabelValues labels)
    {
        if (targets.All(t => t[0] == targets[0][0]))
        {
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture,
                $"Label column '{LabelColumnName}': expected numbers that differ, got {targets.Count} rows, all " +
                $"{targets[0][0]}."));
        }
    }

    private protected override SpeechRegressionTransformer CreateTransformer(SpeechModel model) =>
        new(TrainerHost, AudioColumnName, _options.ScoreColumnName, model);
}
