namespace SpeechML.Data.Evaluation.Metrics.Definitions;

/// <summary>What follows from the counts of truth against decision.</summary>
internal static class DecisionMetrics
{
    private static readonly SpeechTask[] s_label = [SpeechTask.Binary, SpeechTask.MultiLabel];
    private static readonly SpeechTask[] s_classes = [.. s_label, SpeechTask.Multiclass];
    private static readonly SpeechTask[] s_decisions = [.. s_classes, SpeechTask.Ordinal];

    public static SpeechMetric Accuracy { get; } = Higher("accuracy", "Accuracy", s_decisions, m => m.Accuracy);

    public static SpeechMetric BalancedAccuracy { get; } =
        Higher("balancedAccuracy", "Balanced accuracy", s_decisions, m => m.BalancedAccuracy);

    public static SpeechMetric Precision { get; } = Higher("precision", "Precision", s_label, m => m.Precision(1));

    public static SpeechMetric Recall { get; } = Higher("recall", "Recall", s_label, m => m.Recall(1));

    public static SpeechMetric Specificity { get; } = Higher("specificity", "Specificity", s_label,
        m => m.Counts[0].Sum() == 0 ? MetricValue.Because("no negatives") : m.Recall(0));

    public static SpeechMetric F1 { get; } = new(
        "f1", "F1", MetricDirection.HigherIsBetter, s_classes, clips => weights =>
            clips.Confusion(weights) is not { } matrix ? MetricValue.Because("no labels")
                : clips.Task == SpeechTask.Binary ? matrix.F1(1)
                : Enumerable.Range(0, clips.ClassCount).Average(matrix.F1));

    public static SpeechMetric Mcc { get; } = Higher("mcc", "Matthews correlation", s_classes, m => m.Mcc);

    public static SpeechMetric Kappa { get; } = Higher("kappa", "Kappa", s_decisions, m => m.Kappa(0));

    public static SpeechMetric KappaLinear { get; } =
        Higher("kappaLinear", "Kappa, weighted by distance", [SpeechTask.Ordinal], m => m.Kappa(1));

    public static SpeechMetric KappaQuadratic { get; } = Higher(
        "kappaQuadratic", "Kappa, weighted by squared distance", [SpeechTask.Ordinal], m => m.Kappa(2));

    private static SpeechMetric Higher(
        string name, string displayName, SpeechTask[] tasks, Func<ConfusionMatrix, MetricValue> metric) => new(
        name, displayName, MetricDirection.HigherIsBetter, tasks,
        clips => weights => clips.Confusion(weights) is { } matrix ? metric(matrix)
            : MetricValue.Because("no labels"));
}
