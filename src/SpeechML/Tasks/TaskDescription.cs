using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Data.DataViews;
using SpeechML.Data.Recordings;

namespace SpeechML.Tasks;

/// <summary>
/// What is known of a task, said once: configuration files, saved models, run folders and metrics read it. The losses
/// of a task are an option of <see cref="Options"/>, how its outputs become scores is its transformer, its metrics are
/// <see cref="SpeechMetrics.For"/>.
/// </summary>
/// <param name="Task">The task.</param>
/// <param name="Options">The class of its trainer's options.</param>
/// <param name="SavedName">What <c>model.json</c> of a saved model calls it. Saved models have it: it never
/// changes.</param>
/// <param name="Scores">The column that its scores are in.</param>
/// <param name="Outputs">Whether a clip has one score or one per label or class.</param>
/// <param name="HasClasses">Whether a clip is of exactly one class, which its label, a key, names.</param>
/// <param name="Decision">The type of a decision; <see langword="null"/> where it is the label's, or there is
/// none.</param>
/// <param name="Form">What its network's outputs say, unless the loss says it.</param>
/// <param name="LayerMetric">What a choice between layers goes by.</param>
internal sealed record TaskDescription(
    SpeechTask Task, Type Options, string SavedName, Func<SpeechRunColumns, string> Scores, TaskOutputs Outputs,
    bool HasClasses, Type? Decision, OutputForm Form, SpeechMetric LayerMetric)
{
    /// <summary>All tasks.</summary>
    public static IReadOnlyList<TaskDescription> All { get; } =
    [
        new(SpeechTask.MultiLabel, typeof(SpeechMultiLabelOptions), "SpeechMultiLabel", c => c.Probability,
            TaskOutputs.Many, HasClasses: false, typeof(VBuffer<bool>), OutputForm.Sigmoid, SpeechMetrics.RocAuc),
        new(SpeechTask.Multiclass, typeof(SpeechClassificationOptions), "SpeechClassification", c => c.Score,
            TaskOutputs.Many, HasClasses: true, null, OutputForm.Softmax, SpeechMetrics.RocAuc),
        new(SpeechTask.Ordinal, typeof(SpeechOrdinalOptions), "SpeechOrdinal", c => c.Score,
            TaskOutputs.Many, HasClasses: true, null, OutputForm.Sigmoid, SpeechMetrics.RocAuc),
        new(SpeechTask.Binary, typeof(SpeechBinaryOptions), "SpeechBinary", c => c.Probability,
            TaskOutputs.One, HasClasses: false, typeof(bool), OutputForm.Sigmoid, SpeechMetrics.RocAuc),
        new(SpeechTask.Regression, typeof(SpeechRegressionOptions), "SpeechRegression", c => c.Score,
            TaskOutputs.One, HasClasses: false, null, OutputForm.Number, SpeechMetrics.R2),
    ];

    /// <summary>Whether a clip is rated for several labels, each by itself.</summary>
    public bool HasLabels => Outputs == TaskOutputs.Many && !HasClasses;

    /// <summary>Whether a clip is right or wrong as a whole: one class or one number.</summary>
    /// <param name="rows">Rows that a clip has; of a number more where there are several.</param>
    public bool IsOneAnswer(int rows) => HasClasses || (Decision is null && rows == 1);

    public static TaskDescription Of(SpeechTask task) => All.Single(t => t.Task == task);

    /// <summary>The task of a trainer's options; <see langword="null"/> of options that are of no task.</summary>
    public static TaskDescription? Of(SpeechTrainingOptions options) =>
        All.FirstOrDefault(t => t.Options == options.GetType());

    /// <summary>The task that a saved model names; <see langword="null"/> of a featurizer.</summary>
    public static TaskDescription? Saved(string? name) => All.FirstOrDefault(t => t.SavedName == name);

    /// <summary>
    /// The task of scored data that no model of ours scored, told from the types of its columns. They do not tell
    /// whether classes have an order.
    /// </summary>
    public static TaskDescription Of(DataViewType? probability, DataViewType? score) => Of(probability switch
    {
        VectorDataViewType => SpeechTask.MultiLabel,
        NumberDataViewType => SpeechTask.Binary,
        _ => score is VectorDataViewType ? SpeechTask.Multiclass : SpeechTask.Regression,
    });

    /// <summary>Names of the rows that a clip has in a run's predictions.</summary>
    /// <param name="label">The label column.</param>
    /// <param name="score">The column of scores.</param>
    public string[] RowNames(DataViewSchema.Column label, DataViewSchema.Column score)
    {
        if (score.Type is not VectorDataViewType { Size: var size })
        {
            return [label.Name];
        }
        LabelValues? names = HasClasses
            ? LabelValues.Read(label, AnnotationUtils.Kinds.KeyValues)
            : LabelValues.Read(score, AnnotationUtils.Kinds.SlotNames);
        return names is { } known && known.Values.Length == size ? known.Values
            : [.. Enumerable.Range(0, size).Select(i => FormattableString.Invariant($"{label.Name} {i}"))];
    }
}
