using System.Globalization;
using System.Text;
using SpeechML.Reports.Figures;
using SpeechML.Sweeps.Analysis;
using SpeechML.Sweeps.Space;

namespace SpeechML.Reports.Html;

/// <summary>The page of a study.</summary>
internal static class StudyPage
{
    private const int Shown = 12; // trials among the best
    private const int Compared = 5;
    private const int OtherMetrics = 4; // beside the one that trials are compared by

    public static string Write(SweepStudy study, IReadOnlyList<ReportFigure> figures)
    {
        var html = new HtmlWriter();
        HtmlPage.Begin(html, study.Name);
        Header(html, study);
        Best(html, study, figures);
        Parameters(html, figures);
        Section(html, "curves", "Learning curves", figures.Where(f => f.Id == "curves"));
        Section(html, "rates", "Learning rates",
            figures.Where(f => f.Id.StartsWith("rates-", StringComparison.Ordinal)));
        Trials(html, study);
        Settings(html, study);
        HtmlPage.End(html);
        return html.ToString();
    }

    private static void Header(HtmlWriter html, SweepStudy study)
    {
        string counts = string.Join(
            ", ", study.Trials.GroupBy(t => t.State).OrderBy(g => g.Key)
            .Select(g => FormattableString.Invariant($"{g.Count()} {MetricText.NameOf(g.Key)}")));
        string[] facts = [FormattableString.Invariant(
            $"{study.Trials.Count} trials{(counts.Length > 0 ? ": " + counts : "")}"), .. Setting("tuner"),
            .. Setting("pruner").Where(p => p != "none")];
        html.Raw("<header>").Element("h1", study.Name).Element("p", string.Join(" · ", facts), "class=\"soft\"")
            .Raw("</header>");
        html.Raw("<div class=\"tiles\">");
        if (study.Ranked.Count > 0)
        {
            SweepTrial best = study.Ranked[0];
            string interval = TrialInterval.Of(best, study.Folds) is { } i
                ? $"{MetricText.Number(i.Low, 3)} – {MetricText.Number(i.High, 3)}" : "";
            Tile(html, MetricText.Number(best.Value, 3),
                FormattableString.Invariant($"{study.Metric.DisplayName}, best (trial {best.Number})"), interval);
        }
        Tile(html, Whole(study.Trials.Count), "trials", counts);
        Tile(html, Whole(study.Trials.Sum(t => t.Epochs)), "epochs", "");
        Tile(html, MetricText.Duration(study.Trials.Sum(t => t.Seconds)), "of trials that ended", "");
        html.Raw("</div>");

        IEnumerable<string> Setting(string name) => study.Settings.TryGetValue(name, out string? value) ? [value] : [];
    }

    private static void Tile(HtmlWriter html, string value, string name, string more) =>
        html.Raw(
            $"<div class=\"tile\"><b>{HtmlWriter.Escape(value)}</b><span>{HtmlWriter.Escape(name)}</span><span>" +
            $"{HtmlWriter.Escape(more)}</span></div>");

    private static void Best(HtmlWriter html, SweepStudy study, IReadOnlyList<ReportFigure> figures)
    {
        html.Raw("<section id=\"best-trials\">").Element("h2", "Best trials");
        if (study.Ranked.Count == 0)
        {
            html.Element("p", "No trial has finished.", "class=\"soft\"");
        }
        else
        {
            BestTable(html, study);
            IReadOnlyList<SweepComparison> compared = study.CompareBest(Compared);
            if (compared.Any(c => c.PValue is not null))
            {
                html.Element("h3", "The best against the next")
                    .Element(
                    "p", "Paired t-test over the same runs, two-sided; over folds with Nadeau and Bengio's correction.",
                    "class=\"soft\"");
                html.Table(["Trials", "Pairs", "Mean difference", "sd", "p"],
                    compared.Select(c => new[] { FormattableString.Invariant($"{c.First} – {c.Second}"), Whole(c.Pairs),
                    MetricText.Number(c.MeanDifference), MetricText.Number(c.StandardDeviation),
                    MetricText.Number(c.PValue, 3) }));
            }
        }
        html.Figures(figures.Where(f => f.Id is "best" or "history")).Raw("</section>");
    }

    /// <summary>
    /// Without intervals where there is one run each, and without AUC or accuracy where they are the metric, or the
    /// task has none.
    /// </summary>
    private static void BestTable(HtmlWriter html, SweepStudy study)
    {
        SweepTrial[] shown = [.. study.Ranked.Take(Shown)];
        var columns = new List<(
            string Name, Func<SweepTrial, string> Of)> { ("Trial", t => Whole(t.Number)),
            (study.Metric.DisplayName, t => MetricText.Number(t.Value)) };
        if (shown.Any(t => TrialInterval.Of(t, study.Folds) is not null))
        {
            columns.Add(("95 % interval",
                t => TrialInterval.Of(t, study.Folds) is { } i
                    ? $"{MetricText.Number(i.Low, 3)} – {MetricText.Number(i.High, 3)}"
                : ""));
            columns.Add(("Runs", t => Whole(t.Runs.Count)));
        }
        foreach (SpeechMetric metric in TrialFigures.MetricsOf(study).Where(m => m != study.Metric).Take(OtherMetrics))
        {
            columns.Add((metric.DisplayName, t => MetricText.Number(TrialFigures.Of(t, study.Metric, metric), 3)));
        }
        columns.Add(("Epochs", t => Whole(t.Epochs)));
        columns.AddRange(ParameterAxis.Of(study.Trials)
            .Select(a => (FigureStyle.Words(a.Name), (Func<SweepTrial, string>)(
            t => t.Parameters.TryGetValue(a.Name, out object? value) ? MetricText.Value(value) : ""))));
        html.Table([.. columns.Select(c => c.Name)], shown.Select(t => (string[])[.. columns.Select(c => c.Of(t))]));
    }

    private static void Parameters(HtmlWriter html, IReadOnlyList<ReportFigure> figures)
    {
        ReportFigure[] shown = [.. figures.Where(f => f.Id is "importance" or "parallel")];
        if (shown.Length > 0)
        {
            html.Raw("<section id=\"parameters\">").Element("h2", "Parameters").Figures(shown).Raw("</section>");
        }
    }

    private static void Section(HtmlWriter html, string id, string title, IEnumerable<ReportFigure> figures)
    {
        ReportFigure[] shown = [.. figures];
        if (shown.Length > 0)
        {
            html.Raw($"<section id=\"section-{id}\">").Element("h2", title).Figures(shown).Raw("</section>");
        }
    }

    private static void Trials(HtmlWriter html, SweepStudy study)
    {
        html.Raw("<section id=\"trials\">").Element("h2", "All trials");
        string csv = Convert.ToBase64String(Encoding.UTF8.GetBytes(study.ToCsv()));
        html.Raw(
            $"<p><a download=\"{HtmlWriter.Escape(SpeechReport.CsvFileName)}\" " +
            $"href=\"data:text/csv;base64,{csv}\">{HtmlWriter.Escape(SpeechReport.CsvFileName)}</a></p>");
        string[] names = [.. ParameterAxis.Of(study.Trials).Select(a => a.Name)];
        bool errors = study.Trials.Any(t => t.Error is not null);
        html.Table(
            ["Trial", "", study.Metric.DisplayName, "sd", "Epochs", "Seconds", .. names.Select(FigureStyle.Words),
            .. errors ? (string[])["Error"] : []],
            study.Trials.Select(t => (string[])
            [
                Whole(t.Number), MetricText.NameOf(t.State), t.Value is null ? "" : MetricText.Number(t.Value),
                t.StandardDeviation is null ? "" : MetricText.Number(t.StandardDeviation), Whole(t.Epochs),
                MetricText.Number(t.Seconds, 1),
                .. Values(t, names), .. errors ? (string[])[t.Error ?? ""] : [],
            ]),
            texts: 2);
        html.Raw("</section>");
    }

    private static void Settings(HtmlWriter html, SweepStudy study)
    {
        if (study.Settings.Count > 0)
        {
            html.Raw("<section id=\"settings\">").Element("h2", "Settings");
            HtmlPage.Pairs(html, study.Settings.Where(s => s.Value.Length > 0 && s.Value != "\"\"")
                .Select(s => (s.Key, s.Value)));
            html.Raw("</section>");
        }
    }

    private static IEnumerable<string> Values(SweepTrial trial, string[] names) =>
        names.Select(n => trial.Parameters.TryGetValue(n, out object? value) ? MetricText.Value(value) : "");

    private static string Whole(int number) => number.ToString(CultureInfo.InvariantCulture);
}
