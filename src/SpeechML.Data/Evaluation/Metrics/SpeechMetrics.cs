using SpeechML.Data.Evaluation.Metrics.Definitions;

namespace SpeechML;

/// <summary>
/// The metrics. Early stopping, sweeps, TensorBoard, run folders and reports take all of a task from here.
/// </summary>
public static class SpeechMetrics
{
    // Names of metrics in files and options of earlier versions.
    private static readonly Dictionary<string, string> s_earlier = new(StringComparer.OrdinalIgnoreCase)
    {
        ["None"] = "",
        ["MacroRocAuc"] = "rocAuc",
        ["MacroF1"] = "f1",
        ["MeanAbsoluteError"] = "mae",
        ["RSquared"] = "r2",
        ["QuadraticKappa"] = "kappaQuadratic",
        ["Sensitivity"] = "recall",
    };
    private static readonly List<SpeechMetric> s_all = []; // before the metrics, which add themselves to it
    private static readonly Lock s_lock = new();
    private static SpeechMetric[] s_snapshot = [];

    /// <summary>
    /// The loss of training: for early stopping and sweeps. It has no value outside training, and is not in
    /// <see cref="All"/>.
    /// </summary>
    public static SpeechMetric Loss { get; } = new(
        "loss", "Loss", MetricDirection.LowerIsBetter, Enum.GetValues<SpeechTask>(),
        _ => _ => MetricValue.Because("known in training only"));

    /// <summary>Area under the ROC curve; of classes the mean of each against the others, of ordered classes the mean
    /// over the thresholds between them.</summary>
    public static SpeechMetric RocAuc { get; } = Add(RankingMetrics.RocAuc);

    /// <summary>Average precision; undefined without positives.</summary>
    public static SpeechMetric AveragePrecision { get; } = Add(RankingMetrics.AveragePrecision);

    /// <summary>Equal error rate: where the false positive rate is the false negative rate.</summary>
    public static SpeechMetric Eer { get; } = Add(RankingMetrics.EqualErrorRate);

    /// <summary>Share of right decisions.</summary>
    public static SpeechMetric Accuracy { get; } = Add(DecisionMetrics.Accuracy);

    /// <summary>Mean recall of the classes that occur.</summary>
    public static SpeechMetric BalancedAccuracy { get; } = Add(DecisionMetrics.BalancedAccuracy);

    /// <summary>Share of positives among those decided positive; 0 where there are none.</summary>
    public static SpeechMetric Precision { get; } = Add(DecisionMetrics.Precision);

    /// <summary>Share of the positives that are found (sensitivity); 0 where there are none.</summary>
    public static SpeechMetric Recall { get; } = Add(DecisionMetrics.Recall);

    /// <summary>Share of the negatives that are found; undefined where there are none.</summary>
    public static SpeechMetric Specificity { get; } = Add(DecisionMetrics.Specificity);

    /// <summary>F1 of the positive class; of classes their mean.</summary>
    public static SpeechMetric F1 { get; } = Add(DecisionMetrics.F1);

    /// <summary>Share of clips whose class is one of the two most probable.</summary>
    public static SpeechMetric Top2Accuracy { get; } = Add(ProbabilityMetrics.Top2Accuracy);

    /// <summary>Matthews correlation coefficient.</summary>
    public static SpeechMetric Mcc { get; } = Add(DecisionMetrics.Mcc);

    /// <summary>Cohen's kappa.</summary>
    public static SpeechMetric Kappa { get; } = Add(DecisionMetrics.Kappa);

    /// <summary>Cohen's kappa, disagreement weighted by distance.</summary>
    public static SpeechMetric KappaLinear { get; } = Add(DecisionMetrics.KappaLinear);

    /// <summary>Cohen's kappa, disagreement weighted by squared distance.</summary>
    public static SpeechMetric KappaQuadratic { get; } = Add(DecisionMetrics.KappaQuadratic);

    /// <summary>Mean cross-entropy in nats.</summary>
    public static SpeechMetric LogLoss { get; } = Add(ProbabilityMetrics.LogLoss);

    /// <summary>Mean squared distance of probability and outcome; of classes the sum over them.</summary>
    public static SpeechMetric Brier { get; } = Add(ProbabilityMetrics.Brier);

    /// <summary>Expected calibration error over 15 groups of equal width.</summary>
    public static SpeechMetric Ece { get; } = Add(ProbabilityMetrics.Ece);

    /// <summary>Expected calibration error over 15 groups of equal size.</summary>
    public static SpeechMetric AdaptiveEce { get; } = Add(ProbabilityMetrics.AdaptiveEce);

    /// <summary>
    /// Area under the curve of wrong decisions against the share of clips that are answered, the surest first
    /// (<see cref="RiskCoverageCurve"/>).
    /// </summary>
    public static SpeechMetric Aurc { get; } = Add(SelectiveMetrics.Aurc);

    /// <summary>Mean absolute error; of ordered classes in classes.</summary>
    public static SpeechMetric Mae { get; } = Add(ErrorMetrics.Mae);

    /// <summary>Mean absolute error per class of truth, averaged over the classes that occur.</summary>
    public static SpeechMetric MacroMae { get; } = Add(ErrorMetrics.MacroMae);

    /// <summary>Share of clips at most one class off.</summary>
    public static SpeechMetric WithinOne { get; } = Add(ErrorMetrics.WithinOne);

    /// <summary>Root of the mean squared error.</summary>
    public static SpeechMetric Rmse { get; } = Add(ErrorMetrics.Rmse);

    /// <summary>Coefficient of determination; undefined for a constant truth.</summary>
    public static SpeechMetric R2 { get; } = Add(MomentMetrics.R2);

    /// <summary>Concordance correlation coefficient (Lin 1989), population moments.</summary>
    public static SpeechMetric Ccc { get; } = Add(MomentMetrics.Ccc);

    /// <summary>Pearson's r.</summary>
    public static SpeechMetric Pearson { get; } = Add(MomentMetrics.Pearson);

    /// <summary>Spearman's rank correlation, ties sharing their mean rank.</summary>
    public static SpeechMetric Spearman { get; } = Add(RankCorrelationMetrics.Spearman);

    /// <summary>Kendall's tau-b.</summary>
    public static SpeechMetric Kendall { get; } = Add(RankCorrelationMetrics.Kendall);

    /// <summary>All metrics, those that were registered too, in the order of tables; without <see cref="Loss"/>.
    /// </summary>
    public static IReadOnlyList<SpeechMetric> All => s_snapshot;

    /// <summary>The metrics of a task, in the order of tables; without <see cref="Loss"/>.</summary>
    /// <param name="task">The task.</param>
    public static IReadOnlyList<SpeechMetric> For(SpeechTask task) =>
        [.. s_snapshot.Where(m => m.Tasks.Contains(task))];

    /// <summary>
    /// Makes a metric one of its tasks' for this process: it can stop training early and be a sweep's objective by its
    /// name, and is in evaluations, TensorBoard and reports.
    /// </summary>
    /// <param name="metric">The metric.</param>
    /// <returns>The metric.</returns>
    /// <exception cref="ArgumentException">Another metric has its name.</exception>
    public static SpeechMetric Register(SpeechMetric metric)
    {
        ArgumentNullException.ThrowIfNull(metric);
        return Add(metric);
    }

    /// <summary>The metric of a name; upper and lower case are the same, and names of earlier versions are known.
    /// </summary>
    /// <param name="name">The name, <c>loss</c> included.</param>
    /// <returns><see langword="null"/> where there is none.</returns>
    public static SpeechMetric? Find(string name)
    {
        string now = NameOf(name);
        return now == Loss.Name ? Loss : Array.Find(s_snapshot, m => m.Name == now);
    }

    /// <summary>The name as it is written: the metric's own, empty for none; a name that is not known as it is.
    /// </summary>
    internal static string NameOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        string now = s_earlier.GetValueOrDefault(name, name);
        return string.Equals(now, Loss.Name, StringComparison.OrdinalIgnoreCase) ? Loss.Name
            : Array.Find(s_snapshot, m => string.Equals(m.Name, now, StringComparison.OrdinalIgnoreCase))?.Name ?? now;
    }

    /// <summary>The names that an option of training may have for a task: the loss, then its metrics.</summary>
    internal static IReadOnlyList<string> NamesFor(SpeechTask? task) =>
        [Loss.Name, .. (task is { } one ? For(one) : All).Select(m => m.Name)];

    /// <summary>
    /// All metrics of a task: of several labels the mean over those that have a value.
    /// </summary>
    /// <param name="task">The task.</param>
    /// <param name="clips">The clips; of several labels the rated clips of each.</param>
    internal static Dictionary<string, MetricValue> Compute(SpeechTask task, IReadOnlyList<EvaluatedClips> clips) =>
        For(task).ToDictionary(
            m => m.Name,
            m => clips.Count == 1 ? m.Compute(clips[0]) : LabelAverages.Mean([.. clips.Select(m.Compute)]),
            StringComparer.Ordinal);

    private static SpeechMetric Add(SpeechMetric metric)
    {
        lock (s_lock)
        {
            if (s_all.Any(m => string.Equals(m.Name, metric.Name, StringComparison.OrdinalIgnoreCase))
                || s_earlier.ContainsKey(metric.Name)
                || string.Equals(metric.Name, "loss", StringComparison.OrdinalIgnoreCase))
            {
                throw new ArgumentException(
                    $"Metric '{metric.Name}': expected a name that no other metric has.", nameof(metric));
            }
            s_all.Add(metric);
            s_snapshot = [.. s_all];
            return metric;
        }
    }
}
