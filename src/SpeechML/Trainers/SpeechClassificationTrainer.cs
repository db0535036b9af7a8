using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Losses;
using SpeechML.Metrics;
using SpeechML.Transforms;

namespace SpeechML.Trainers;

/// <summary>Fine-tunes a speech encoder to tell classes apart: one of several per clip.</summary>
public sealed class SpeechClassificationTrainer : SpeechTrainer<SpeechClassificationTransformer>
{
    private readonly SpeechClassificationOptions _options;
    private double[]? _classWeights;

    internal SpeechClassificationTrainer(IHostEnvironment env, string labelColumnName, string audioColumnName, SpeechClassificationOptions options, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
        : base(env.Register(nameof(SpeechClassificationTrainer)), labelColumnName, audioColumnName, options, progress, cancellation)
    {
        _options = (SpeechClassificationOptions)Options;
    }

    private protected override SchemaShape.Column CheckLabel(SchemaShape schema) =>
        SchemaChecks.Find(schema, "label", LabelColumnName, "Key<UInt32> (use MapValueToKey)", c => c.IsKey && c.Kind == SchemaShape.Column.VectorKind.Scalar && c.ItemType.Equals(NumberDataViewType.UInt32));

    private protected override IEnumerable<SchemaShape.Column> OutputShape(SchemaShape.Column label)
    {
        SchemaShape keys = label.Annotations.TryFindColumn(AnnotationUtils.Kinds.KeyValues, out SchemaShape.Column values) ? new SchemaShape([values]) : new SchemaShape([]);
        yield return new SchemaShape.Column(_options.PredictedLabelColumnName, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.UInt32, true, keys);
        yield return new SchemaShape.Column(
            _options.ScoreColumnName, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false, new SchemaShape(AnnotationUtils.AnnotationsForMulticlassScoreColumn(label)));
    }

    private protected override LabelValues ReadLabelValues(DataViewSchema.Column label)
    {
        int classes = ((KeyDataViewType)label.Type).GetCountAsInt32(TrainerHost);
        if (classes < 2)
        {
            throw new InvalidOperationException($"Label column '{LabelColumnName}': expected at least two classes, got {classes}.");
        }
        // A key without values is told apart by its number.
        return LabelValues.Read(label, AnnotationUtils.Kinds.KeyValues)
            ?? new LabelValues(nameof(UInt32), [.. Enumerable.Range(1, classes).Select(i => FormattableString.Invariant($"{i}"))]);
    }

    private protected override Func<float[]?> TargetReader(DataViewRow row, DataViewSchema.Column label)
    {
        ValueGetter<uint> getter = row.GetGetter<uint>(label);
        uint key = 0;
        return () =>
        {
            getter(ref key);
            // Keys count from 1; 0 is missing.
            return key == 0 ? null : [key - 1];
        };
    }

    private protected override Loss CreateLoss() => _options.FocalGamma > 0
        ? new MulticlassFocalLoss(_options.FocalGamma, _options.BalanceClasses ? _classWeights : null)
        : new CrossEntropyLoss(_options.BalanceClasses ? _classWeights : null, _options.LabelSmoothing);

    private protected override ValidationMetrics Judge(double loss, IReadOnlyList<float[]> targets, IReadOnlyList<float[]> outputs)
    {
        var metrics = MulticlassMetrics.Evaluate([.. targets.Select(t => (int)t[0])], [.. outputs.Select(OutputScores.Softmax)]);
        return new ValidationMetrics(loss) { Accuracy = metrics.Accuracy, BalancedAccuracy = metrics.BalancedAccuracy, MacroRocAuc = metrics.RocAucOvrMacro.Value };
    }

    private protected override void CheckTargets(IReadOnlyList<float[]> targets, LabelValues labels)
    {
        _classWeights = ClassWeights.Balanced(targets.Select(t => (double)t[0]), labels.Values.Length);
        int[] present = [.. targets.Select(t => (int)t[0]).Distinct().Order()];
        if (present.Length < 2)
        {
            throw new InvalidOperationException(
                $"Label column '{LabelColumnName}': expected rows of at least two classes, got {targets.Count} rows, all '{labels.Values[present[0]]}'.");
        }
    }

    private protected override SpeechClassificationTransformer CreateTransformer(SpeechModel model) =>
        new(TrainerHost, AudioColumnName, _options.ScoreColumnName, _options.PredictedLabelColumnName, model);
}
