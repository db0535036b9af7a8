using System.Globalization;
using SpeechML.Reports.Figures;

namespace SpeechML.Reports.Html;

/// <summary>How a model did on one part: figures with intervals, each label, counts of decisions.</summary>
internal static class EvaluationSection
{
    public static void Write(HtmlWriter html, RunEvaluation evaluation, IReadOnlyList<ReportFigure> figures)
    {
        html.Raw($"<section class=\"part\">").Element("h2", "How good it is: " + evaluation.Split);
        RunInterval? interval = evaluation.Figures.Values.Concat(evaluation.Labels.SelectMany(l => l.Figures.Values))
            .Select(f => f.Interval).FirstOrDefault(i => i is not null);
        string how = interval is null ? "No intervals."
            : FormattableString.Invariant($"Intervals: 95 %, {interval.Resamples} resamples of the subjects.");
        html.Element(
            "p", $"{MetricText.Clips(evaluation.Rows, evaluation.Subjects)}. {how}", "class=\"soft\"");
        if (interval is not null && MetricText.FewSubjects(evaluation.Subjects) is { } few)
        {
            html.Note(few);
        }
        Means(html, evaluation);
        if (figures.Count > 0)
        {
            html.Figures(figures);
        }
        if (!figures.Any(f => f.Id.EndsWith("-roc", StringComparison.Ordinal))
            && !IsNumber(evaluation))
        {
            html.Element("p", "No ROC curve: none of the labels has both positive and negative clips here.",
                "class=\"soft\"");
        }
        Labels(html, evaluation);
        Counts(html, evaluation);
        html.Raw("</section>");
    }

    /// <summary>The figures of the whole part. How many labels a mean is over is said where it is not all.</summary>
    private static void Means(HtmlWriter html, RunEvaluation evaluation)
    {
        bool means = evaluation.Figures.Values.Any(f => f.Labels is not null),
            some = evaluation.Figures.Values.Any(f => f.LabelsWithoutValue is > 0);
        html.MarkupTable(
            ["", !means ? "Value" : IsNumber(evaluation) ? "Mean over numbers" : "Mean over labels", "95 % interval",
                .. some ? ["Labels with a value"] : Array.Empty<string>()],
            evaluation.Figures.Select(f => (string[])
            [
                HtmlWriter.Escape(MetricText.NameOf(f.Key)), HtmlWriter.Escape(MetricText.Figure(f.Value)),
                Interval(f.Value), .. some ? [LabelsUsed(f.Value)] : Array.Empty<string>(),
            ]), kind: "metrics");
    }

    private static string LabelsUsed(RunFigure figure) =>
        figure.LabelsWithoutValue is > 0 ? HtmlWriter.Escape(MetricText.LabelsUsed(figure)) : "";

    private static string Interval(RunFigure figure) => HtmlWriter.Below(
        MetricText.Interval(figure), MetricText.Undefined(figure, ""), MetricText.IsUnreliable(figure));

    private static void Labels(HtmlWriter html, RunEvaluation evaluation)
    {
        if (evaluation.Labels.Count == 0)
        {
            return;
        }
        string[] names = [.. evaluation.Labels.SelectMany(l => l.Figures.Keys).Distinct()];
        string each = MetricText.EachOf(evaluation.Task);
        bool positives = !IsNumber(evaluation);
        html.Raw("<details open>").Element("summary", char.ToUpperInvariant(each[0]) + each[1..]);
        html.MarkupTable(
            [LabelTitle(evaluation), "Rated", .. positives ? ["Positive"] : Array.Empty<string>(),
                .. names.Select(MetricText.NameOf)],
            evaluation.Labels.Select(l =>
            (string[])[HtmlWriter.Escape(l.Label), Whole(l.Present),
            .. positives ? [Whole(l.Positives)] : Array.Empty<string>(),
            .. names.Select(n => l.Figures.GetValueOrDefault(n) is { } figure ? Cell(figure) : "–")]),
            kind: "labels");
        if (evaluation.Labels.Any(l => l.Figures.Values.Any(f => f.Interval is { Undefined: > 0 })))
        {
            html.Element("p", "Undefined: the share of the resamples in which a figure has no value.",
                "class=\"soft\"");
        }
        html.Raw("</details>");
    }

    /// <summary>A value, its interval below it, and how many resamples are without a value.</summary>
    public static string Cell(RunFigure figure)
    {
        string undefined = figure.Interval is { Undefined: > 0 } interval ? string.Create(
            CultureInfo.InvariantCulture, $"{100.0 * interval.Undefined / interval.Resamples:0.#} % undefined") : "";
        return HtmlWriter.Below(MetricText.Figure(figure), MetricText.Ends(figure, 2), warns: false)
            + HtmlWriter.Below("", undefined, MetricText.IsUnreliable(figure));
    }

    /// <summary>Clips of each label by truth and decision.</summary>
    private static void Counts(HtmlWriter html, RunEvaluation evaluation)
    {
        RunLabelEvaluation[] counted = [.. evaluation.Labels.Where(l => l.Confusion.Count == 2)];
        if (counted.Length == 0 || evaluation.Task is SpeechTask.Multiclass or SpeechTask.Ordinal)
        {
            return;
        }
        html.Raw("<details open>").Element("summary", "Clips by truth and decision");
        html.Table(
            [LabelTitle(evaluation), "Positive, found", "Positive, missed", "Negative, taken for positive",
                "Negative, right"],
            counted.Select(l => (string[])[l.Label, .. ((long[])[l.Confusion[1][1], l.Confusion[1][0],
                l.Confusion[0][1], l.Confusion[0][0]]).Select(n => n.ToString(CultureInfo.InvariantCulture))]));
        html.Raw("</details>");
    }

    private static string LabelTitle(RunEvaluation evaluation) => evaluation.Task switch
    {
        SpeechTask.Multiclass => "Class",
        SpeechTask.Ordinal => "Threshold",
        SpeechTask.Regression => "Number",
        _ => "Label",
    };

    private static bool IsNumber(RunEvaluation evaluation) => evaluation.Task == SpeechTask.Regression;

    private static string Whole(int number) => number.ToString(CultureInfo.InvariantCulture);
}
