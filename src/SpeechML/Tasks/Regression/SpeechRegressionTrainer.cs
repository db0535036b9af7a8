using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Data.DataViews;
using SpeechML.Model;
using SpeechML.Training.Losses;
using SpeechML.Training.Probing;

namespace SpeechML;

/// <summary>
/// Fine-tunes a speech encoder to predict a number per clip, or several at once, such as arousal, dominance and
/// valence. The label column is Single, or a vector of at least two. A number that is NaN takes part in nothing; rows
/// without any are left out.
/// </summary>
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
        SchemaChecks.Find(schema, "label", LabelColumnName,
            "Single, or Vector<Single> of known size for several numbers",
            c => c.Kind != SchemaShape.Column.VectorKind.VariableVector && !c.IsKey
                && c.ItemType.Equals(NumberDataViewType.Single));

    private protected override IEnumerable<SchemaShape.Column> OutputShape(SchemaShape.Column label)
    {
        SchemaShape.Column[] annotations = [.. AnnotationUtils.GetTrainerOutputAnnotation()];
        bool several = label.Kind == SchemaShape.Column.VectorKind.Vector;
        if (several)
        {
            annotations = [.. annotations, new SchemaShape.Column(AnnotationUtils.Kinds.SlotNames,
                SchemaShape.Column.VectorKind.Vector, TextDataViewType.Instance, false)];
        }
        yield return new SchemaShape.Column(
            _options.ScoreColumnName, label.Kind, NumberDataViewType.Single, false, new SchemaShape(annotations));
    }

    private protected override LabelValues ReadLabelValues(DataViewSchema.Column label) => label.Type switch
    {
        VectorDataViewType { Size: > 1 } => LabelValues.OfSlots(label),
        VectorDataViewType => throw new InvalidOperationException(
            $"Label column '{LabelColumnName}': expected a number, or a vector of at least two, got {label.Type}."),
        _ => new LabelValues("Text", [LabelColumnName]),
    };

    private protected override Func<float[]?> TargetReader(DataViewRow row, DataViewSchema.Column label)
    {
        Func<float[]> read;
        if (label.Type is VectorDataViewType)
        {
            ValueGetter<VBuffer<float>> getter = row.GetGetter<VBuffer<float>>(label);
            VBuffer<float> buffer = default;
            read = () =>
            {
                getter(ref buffer);
                return [.. buffer.DenseValues()];
            };
        }
        else
        {
            ValueGetter<float> getter = row.GetGetter<float>(label);
            float value = 0;
            read = () =>
            {
                getter(ref value);
                return [value];
            };
        }
        return () =>
        {
            float[] values = read();
            int odd = Array.FindIndex(values, float.IsInfinity);
            if (odd >= 0)
            {
                throw new InvalidOperationException(FormattableString.Invariant(
                    $"Label column '{LabelColumnName}'{(values.Length > 1 ? $", slot {odd}" : "")}: expected a ") +
                    FormattableString.Invariant($"finite number or NaN (missing), got {values[odd]}."));
            }
            return Array.TrueForAll(values, float.IsNaN) ? null : values;
        };
    }

    private protected override Loss CreateLoss(TaskData data) => Fitting(RegressionLoss.Create(_options, data), data);

    private protected override LinearObjective LinearModel(TaskData data) =>
        new(Fitting(new MeanSquaredErrorLoss(), data), _options.Loss == RegressionLoss.MeanSquared)
        {
            Scale = 1.0 / 8,
            IsNumber = true,
        };

    private protected override IReadOnlyList<EvaluatedClips> Evaluated(
        IReadOnlyList<float[]> targets, IReadOnlyList<float[]> outputs) =>
        [.. Enumerable.Range(0, targets[0].Length).Select(j =>
        {
            int[] rated = Rated(targets, j);
            return EvaluatedClips.Regression(
                Array.ConvertAll(rated, i => (double)targets[i][j]),
                Array.ConvertAll(rated, i => (double)outputs[i][j]));
        })];

    private protected override void CheckTargets(IReadOnlyList<float[]> targets, LabelValues labels)
    {
        for (int j = 0; j < labels.Values.Length; j++)
        {
            int[] rated = Rated(targets, j);
            if (Array.TrueForAll(rated, i => targets[i][j] == targets[rated[0]][j]))
            {
                string which = labels.Values.Length == 1 ? $"Label column '{LabelColumnName}'"
                    : $"Label '{labels.Values[j]}' of column '{LabelColumnName}'";
                throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture,
                    $"{which}: expected numbers that differ, got {rated.Length} rows" +
                    $"{(rated.Length == 0 ? "" : $", all {targets[rated[0]][j]}")}."));
            }
        }
    }

    // A single number per clip is given as (batch).
    private static Loss Fitting(Loss loss, TaskData data) =>
        data.Targets[0].Length > 1 ? loss : new ScalarTargetLoss(loss);

    private static int[] Rated(IReadOnlyList<float[]> targets, int label) =>
        [.. Enumerable.Range(0, targets.Count).Where(i => !float.IsNaN(targets[i][label]))];

    private protected override SpeechRegressionTransformer CreateTransformer(SpeechModel model) =>
        new(TrainerHost, AudioColumnName, _options.ScoreColumnName, model);
}
