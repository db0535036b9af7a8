using Microsoft.ML;
using Microsoft.ML.Runtime;
using SpeechML.Data.DataViews;
using SpeechML.Model;
using SpeechML.Tasks;
using SpeechML.Tasks.Ordinal;
using SpeechML.Training.Probing;

namespace SpeechML;

/// <summary>
/// Fine-tunes a speech encoder to tell classes apart that have an order. The label column is a key whose values are in
/// that order (<c>MapValueToKey</c> with <c>keyOrdinality: ByValue</c>, or with <c>keyData</c>). Numbers that do not
/// rise are refused; the order of other texts is written into the log as a warning, because only the user knows it.
/// </summary>
public sealed class SpeechOrdinalTrainer : SpeechTrainer<SpeechClassificationTransformer>
{
    private readonly SpeechOrdinalOptions _options;

    internal SpeechOrdinalTrainer(
        IHostEnvironment env, string labelColumnName, string audioColumnName, SpeechOrdinalOptions options,
        IProgress<TrainingProgress>? progress, CancellationToken cancellation)
        : base(env.Register(nameof(SpeechOrdinalTrainer)), labelColumnName, audioColumnName, options, progress,
            cancellation)
    {
        _options = (SpeechOrdinalOptions)Options;
    }

    private protected override SchemaShape.Column CheckLabel(SchemaShape schema) =>
        KeyLabels.Check(schema, LabelColumnName);

    private protected override IEnumerable<SchemaShape.Column> OutputShape(SchemaShape.Column label) =>
        KeyLabels.OutputShape(label, _options.PredictedLabelColumnName, _options.ScoreColumnName);

    private protected override LabelValues ReadLabelValues(DataViewSchema.Column label) =>
        KeyLabels.Read(TrainerHost, label) is var keys && OrdinalKeys.Disorder(label.Name, keys) is { } disorder
            ? throw new InvalidOperationException(disorder) : keys;

    private protected override Func<float[]?> TargetReader(DataViewRow row, DataViewSchema.Column label) =>
        KeyLabels.Reader(row, label);

    private protected override NetworkPlan Plan(LabelValues labels) => base.Plan(labels) with
    {
        Outputs = OrdinalLoss.Create(_options.Loss).Outputs(labels.Values.Length),
        Ordinal = _options.Loss,
    };

    private protected override Loss CreateLoss(TaskData data) => OrdinalLoss.Create(_options.Loss);

    private protected override LinearObjective LinearModel(TaskData data)
    {
        OrdinalObjective objective = OrdinalLoss.Create(_options.Loss);
        return new LinearObjective(objective, _options.Loss == OrdinalLoss.Coral || _options.Loss == OrdinalLoss.Corn)
        {
            SharesWeights = objective.SharesWeights,
        };
    }

    private protected override IReadOnlyList<EvaluatedClips> Evaluated(
        IReadOnlyList<float[]> targets, IReadOnlyList<float[]> outputs)
    {
        OrdinalObjective objective = OrdinalLoss.Create(_options.Loss);
        double[][] above = [.. outputs.Select(o => OrdinalProbabilities.Above(objective, o))];
        return
        [
            EvaluatedClips.Ordinal(
                [.. targets.Select(t => (int)t[0])], [.. above.Select(OrdinalProbabilities.Class)],
                above[0].Length + 1, above),
        ];
    }

    private protected override void CheckTargets(IReadOnlyList<float[]> targets, LabelValues labels) =>
        KeyLabels.CheckTwoClasses(targets, labels, LabelColumnName);

    private protected override IEnumerable<(string Label, IReadOnlyDictionary<string, int> Classes)> CountClasses(
        IReadOnlyList<float[]> targets, LabelValues labels) => [(LabelColumnName, KeyLabels.Count(targets, labels))];

    private protected override void Warn(IChannel channel, IReadOnlyList<float[]> targets, LabelValues labels)
    {
        base.Warn(channel, targets, labels);
        LabelWarnings.Spellings(channel, LabelColumnName, labels);
        LabelWarnings.Order(channel, LabelColumnName, labels);
    }

    private protected override SpeechClassificationTransformer CreateTransformer(SpeechModel model) =>
        new(TrainerHost, AudioColumnName, _options.ScoreColumnName, _options.PredictedLabelColumnName, model);
}
