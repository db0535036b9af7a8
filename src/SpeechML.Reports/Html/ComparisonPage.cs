using System.Globalization;
using SpeechML.Reports.Figures;

namespace SpeechML.Reports.Html;

/// <summary>The page that puts runs beside one another.</summary>
internal static class ComparisonPage
{
    public static string Write(SpeechRunComparison comparison)
    {
        IReadOnlyList<ReportFigure> figures = ComparisonFigures.Of(comparison);
        var html = new HtmlWriter();
        HtmlPage.Begin(html, "Comparison of runs");
        html.Raw("<header>").Element("h1", "Comparison of runs").Element("p", FormattableString.Invariant(
            $"{comparison.Runs.Count} runs · {MetricText.NameOf(comparison.Task)} · part '{comparison.Split}'"),
            "class=\"soft\"").Raw("</header>");
        Values(html, comparison, [.. figures.Where(f => f.Id.StartsWith("compare-", StringComparison.Ordinal))]);
        Differences(
            html, comparison, [.. figures.Where(f => f.Id.StartsWith("difference-", StringComparison.Ordinal))]);
        ReportFigure[] curves = [.. figures.Where(f => f.Id.StartsWith("curve-", StringComparison.Ordinal))];
        if (curves.Length > 0)
        {
            html.Raw("<section id=\"curves\">").Element("h2", "Learning curves").Figures(curves).Raw("</section>");
        }
        Settings(html, comparison);
        HtmlPage.End(html);
        return html.ToString();
    }

    private static void Values(HtmlWriter html, SpeechRunComparison comparison, ReportFigure[] figures)
    {
        html.Raw("<section id=\"values\">").Element("h2", "How good they are");
        RunEvaluation[] evaluations = [.. comparison.Runs.Select(r => r.Evaluation)];
        html.Table(["Run", "Clips", "Subjects"], comparison.Runs.Select(r => (string[])[r.Name,
            Whole(r.Evaluation.Rows), r.Evaluation.Subjects > 0 ? Whole(r.Evaluation.Subjects) : "not known"]));
        if (MetricText.FewSubjects(evaluations.Min(e => e.Subjects)) is { } few)
        {
            html.Note(few);
        }
        string[] metrics = [.. evaluations.SelectMany(e => e.Figures.Keys).Distinct(StringComparer.Ordinal)];
        html.MarkupTable(["", .. comparison.Runs.Select(r => r.Name)],
            metrics.Select(m => (string[])[HtmlWriter.Escape(MetricText.NameOf(m)), .. evaluations.Select(e =>
                e.Figures.GetValueOrDefault(m) is { } figure ? EvaluationSection.Cell(figure) : "–")]), kind: "labels");
        html.Element(
            "p", "Below each value: its 95 % interval, and the share of the resamples in which it is undefined.",
            "class=\"soft\"");
        html.Figures(figures).Raw("</section>");
    }

    private static void Differences(HtmlWriter html, SpeechRunComparison comparison, ReportFigure[] figures)
    {
        html.Raw("<section id=\"differences\">").Element("h2", $"Against {comparison.Runs[0].Name}");
        bool several = comparison.Runs.Count > 2;
        html.Element("p",
            "Paired: both runs are evaluated on the same clips and the same resamples of subjects. p: two-sided" +
            (several ? "; adjusted: for as many runs as there are, metric by metric (Holm 1979)" : "") +
            ". A difference that was looked for in many metrics is found in some of them by chance.",
            "class=\"soft\"");
        if (comparison.Untested is { } why)
        {
            html.Note($"No intervals and no p-values: {why}.");
        }
        foreach (IGrouping<string, SpeechRunDifference> run in comparison.Differences.GroupBy(d => d.Run))
        {
            html.Element(
                "h3", FormattableString.Invariant($"{run.Key}, {comparison.CommonClips[run.Key]} clips in common"));
            html.MarkupTable(
                ["", "Difference", "95 % interval", "p", .. several ? (string[])["p, adjusted"] : []],
                run.Select(d => (string[])
                [
                    HtmlWriter.Escape(d.Metric.DisplayName), HtmlWriter.Escape(Signed(d.Difference.Estimate)),
                    Interval(d.Difference), HtmlWriter.Escape(MetricText.Number(d.Difference.PValue.Value, 3)),
                    .. several ? (string[])[HtmlWriter.Escape(MetricText.Number(d.AdjustedPValue, 3))] : [],
                ]), kind: "labels");
        }
        html.Figures(figures).Raw("</section>");
    }

    private static string Interval(MetricDifference difference)
    {
        string ends = difference is { Low.Value: { } low, High.Value: { } high }
            ? $"{MetricText.Number(low, 3)} to {MetricText.Number(high, 3)}" : "–";
        bool undefined = difference.UndefinedResamples > 0 && difference.Low.Value is not null;
        return HtmlWriter.Below(ends, undefined ? FormattableString.Invariant(
            $"{100.0 * difference.UndefinedResamples / difference.Resamples:0.#} % undefined") : "",
            difference.UndefinedResamples > 0.025 * difference.Resamples);
    }

    private static string Signed(MetricValue value) => value.Value is { } number
        ? number.ToString("+0.000;-0.000;0.000", CultureInfo.InvariantCulture) : value.ToString();

    private static void Settings(HtmlWriter html, SpeechRunComparison comparison)
    {
        html.Raw("<section id=\"settings\">").Element("h2", "Settings that differ");
        if (comparison.Settings.Count == 0)
        {
            html.Element("p", "None.", "class=\"soft\"");
        }
        else
        {
            html.Table(["", .. comparison.Runs.Select(r => r.Name)],
                comparison.Settings.Select(s => (string[])[s.Name, .. s.Values.Select(v => v.Length == 0 ? "–" : v)]));
        }
        html.Raw("</section>");
    }

    private static string Whole(int number) => number.ToString(CultureInfo.InvariantCulture);
}
