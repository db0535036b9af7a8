using Microsoft.ML;
using Microsoft.ML.Runtime;
using SpeechML.Data.DataViews;
using SpeechML.Model;
using SpeechML.Tasks;
using SpeechML.Training.Losses;
using SpeechML.Training.Probing;

namespace SpeechML;

/// <summary>Fine-tunes a speech encoder to tell classes apart: one of several per clip.</summary>
public sealed class SpeechClassificationTrainer : SpeechTrainer<SpeechClassificationTransformer>
{
    private readonly SpeechClassificationOptions _options;

    internal SpeechClassificationTrainer(
        IHostEnvironment env, string labelColumnName, string audioColumnName, SpeechClassificationOptions options,
        IProgress<TrainingProgress>? progress, CancellationToken cancellation)
        : base(env.Register(nameof(SpeechClassificationTrainer)), labelColumnName, audioColumnName, options, progress,
            cancellation)
    {
        _options = (SpeechClassificationOptions)Options;
    }

    private protected override SchemaShape.Column CheckLabel(SchemaShape schema) =>
        KeyLabels.Check(schema, LabelColumnName);

    private protected override IEnumerable<SchemaShape.Column> OutputShape(SchemaShape.Column label) =>
        KeyLabels.OutputShape(label, _options.PredictedLabelColumnName, _options.ScoreColumnName);

    private protected override LabelValues ReadLabelValues(DataViewSchema.Column label) =>
        KeyLabels.Read(TrainerHost, label);

    private protected override Func<float[]?> TargetReader(DataViewRow row, DataViewSchema.Column label) =>
        KeyLabels.Reader(row, label);

    private protected override Loss CreateLoss(TaskData data) => ClassificationLoss.Create(_options, data);

    private protected override LinearObjective LinearModel(TaskData data) =>
        new(new CrossEntropyLoss(data.ClassWeights, _options.LabelSmoothing),
            _options.Loss == ClassificationLoss.CrossEntropy && _options.FocalGamma == 0);

    private protected override TaskData Describe(IReadOnlyList<float[]> targets, LabelValues labels) => new(targets)
    {
        ClassWeights = !_options.BalanceClasses ? null
            : ClassWeights.Balanced(targets.Select(t => (double)t[0]), labels.Values.Length),
    };

    private protected override IReadOnlyList<EvaluatedClips> Evaluated(
        IReadOnlyList<float[]> targets, IReadOnlyList<float[]> outputs) =>
        [EvaluatedClips.Multiclass(
            [.. targets.Select(t => (int)t[0])], [.. outputs.Select(OutputScores.Softmax)])];

    private protected override void CheckTargets(IReadOnlyList<float[]> targets, LabelValues labels) =>
        KeyLabels.CheckTwoClasses(targets, labels, LabelColumnName);

    private protected override IEnumerable<(string Label, IReadOnlyDictionary<string, int> Classes)> CountClasses(
        IReadOnlyList<float[]> targets, LabelValues labels) =>
        _options.BalanceClasses ? [] : [(LabelColumnName, KeyLabels.Count(targets, labels))];

    private protected override void Warn(IChannel channel, IReadOnlyList<float[]> targets, LabelValues labels)
    {
        base.Warn(channel, targets, labels);
        LabelWarnings.Spellings(channel, LabelColumnName, labels);
    }

    private protected override SpeechClassificationTransformer CreateTransformer(SpeechModel model) =>
        new(TrainerHost, AudioColumnName, _options.ScoreColumnName, _options.PredictedLabelColumnName, model);
}
