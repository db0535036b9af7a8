using System.Globalization;
using SpeechML.Data.Splits;

namespace SpeechML.Reports;

/// <summary>Numbers and names as they are read.</summary>
internal static class MetricText
{
    /// <summary>A number; a dash where there is none, or what is there is not finite.</summary>
    public static string Number(double? value, int decimals = 4) => value is { } number && double.IsFinite(number)
        ? number.ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) : "–";

    public static string Figure(RunFigure figure) =>
        figure.Value is { } value ? Number(value, 3) : "undefined: " + (figure.Undefined ?? "not recorded");

    /// <summary>Of a mean over labels: how many take part, such as <c>3 of 4</c>.</summary>
    public static string LabelsUsed(RunFigure figure) =>
        figure.Labels is { } used ? FormattableString.Invariant($"{used} of {used + (figure.LabelsWithoutValue ?? 0)}")
        : "";

    /// <summary>The ends of an interval, such as <c>0.71–0.93</c>; empty where there is none.</summary>
    public static string Ends(RunFigure figure, int decimals) =>
        figure.Interval is { Low.Value: { } low, High.Value: { } high }
        ? $"{Number(low, decimals)}{(low < 0 ? " to " : "–")}{Number(high, decimals)}" : "";

    /// <summary>The interval; <see cref="Undefined(RunFigure, string)"/> has to stand beside it.</summary>
    public static string Interval(RunFigure figure) =>
        figure.Interval is { Low.Value: { } low, High.Value: { } high }
        ? $"{Number(low, 3)} – {Number(high, 3)}" : figure.NoInterval is { } why ? $"none: {why}" : "";

    /// <summary>Which labels have an interval from fewer resamples than were drawn; empty where none has.</summary>
    public static string LeftOut(IEnumerable<RunLabelEvaluation> labels, string metric)
    {
        string[] some = [.. labels
            .Select(l => (l.Label, Interval: l.Figures.GetValueOrDefault(metric)?.Interval))
            .Where(l => l.Interval is { Undefined: > 0 })
            .Select(l => $"{l.Label} {l.Interval!.Undefined} of {l.Interval.Resamples}")];
        return some.Length == 0 ? ""
            : $" Resamples without a value, which the interval leaves out: {string.Join("; ", some)}.";
    }

    /// <summary>How many resamples of the interval have no value, after a separator; empty where all have.</summary>
    public static string Undefined(RunFigure figure, string separator) =>
        figure.Interval is not { Undefined: > 0 } interval ? ""
            : FormattableString.Invariant(
                $"{separator}{interval.Undefined} of {interval.Resamples} resamples undefined") +
                (IsUnreliable(figure) ? ": unreliable" : "");

    /// <summary>
    /// Whether so many resamples have no value that all of one end may be missing: an end of a 95 % interval cuts off
    /// 2.5 %.
    /// </summary>
    public static bool IsUnreliable(RunFigure figure) =>
        figure.Interval is { } interval && interval.Undefined > 0.025 * interval.Resamples;

    /// <summary>What is to be said of intervals over that many subjects; <see langword="null"/> for nothing.</summary>
    public static string? FewSubjects(int subjects) => subjects is > 0 and < SubjectWarnings.MinSubjects
        ? FormattableString.Invariant(
            $"{subjects} {(subjects == 1 ? "subject is" : "subjects are")} few: these intervals are unreliable, and ") +
            "mostly too narrow."
        : null;

    /// <summary>The metrics that a reader wants first, of a task.</summary>
    public static SpeechMetric[] Headlines(SpeechTask task) => task == SpeechTask.Ordinal
        ? [SpeechMetrics.KappaQuadratic, SpeechMetrics.Mae, SpeechMetrics.WithinOne, SpeechMetrics.Accuracy]
        : [SpeechMetrics.RocAuc, SpeechMetrics.Accuracy, SpeechMetrics.BalancedAccuracy, SpeechMetrics.F1,
            SpeechMetrics.Mae, SpeechMetrics.Ccc, SpeechMetrics.Spearman, SpeechMetrics.R2];

    /// <summary>The display name of a metric; a name that is not known as it is.</summary>
    public static string NameOf(string metric) => SpeechMetrics.Find(metric)?.DisplayName ?? metric;

    public static string NameOf(SweepTrialState state) =>
        state == SweepTrialState.Pruned ? "stopped early" : state.ToString().ToLowerInvariant();

    /// <summary>A value of a parameter: rates as 1e-5.</summary>
    public static string Value(object value) => value switch
    {
        double and not 0 and (< 1e-2 and > -1e-2 or >= 1e5 or <= -1e5) =>
            ((double)value).ToString("0.##e-0", CultureInfo.InvariantCulture),
        double number => number.ToString("0.####", CultureInfo.InvariantCulture),
        bool flag => flag ? "yes" : "no",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    public static string NameOf(SpeechTask task) => task switch
    {
        SpeechTask.MultiLabel => "several labels",
        SpeechTask.Multiclass => "one of several classes",
        SpeechTask.Ordinal => "classes with an order",
        SpeechTask.Binary => "yes or no",
        _ => "a number",
    };

    /// <summary>What the figures of single labels are of.</summary>
    public static string EachOf(SpeechTask task) => task switch
    {
        SpeechTask.Multiclass => "each class against the others",
        SpeechTask.Ordinal => "each threshold between classes",
        SpeechTask.Binary => "the label",
        SpeechTask.Regression => "each number",
        _ => "each label",
    };

    /// <summary>Clips and, where they are known, subjects.</summary>
    public static string Clips(long clips, int subjects, string unknown = "") =>
        Count(clips, "clip") + (subjects > 0 ? $" of {Count(subjects, "subject")}" : unknown);

    /// <summary>A number of things.</summary>
    public static string Count(long number, string one) =>
        string.Create(CultureInfo.InvariantCulture, $"{number} {one}{(number == 1 ? "" : "s")}");

    public static string Duration(double seconds) => seconds < 60
        ? string.Create(CultureInfo.InvariantCulture, $"{seconds:F1} s")
        : seconds < 3600 ? string.Create(CultureInfo.InvariantCulture, $"{(int)seconds / 60} min {(int)seconds % 60} s")
            : string.Create(CultureInfo.InvariantCulture, $"{(int)seconds / 3600} h {(int)seconds / 60 % 60} min");
}
