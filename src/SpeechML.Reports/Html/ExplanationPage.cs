using System.Globalization;
using SpeechML.Reports.Figures;

namespace SpeechML.Reports.Html;

/// <summary>The page of an explained clip.</summary>
internal static class ExplanationPage
{
    public static string Write(SpeechExplanation explanation, IReadOnlyList<ReportFigure> figures)
    {
        var html = new HtmlWriter();
        string name = explanation.Source.Length == 0 ? "Explained clip"
            : explanation.Source.Split('/', '\\')[^1];
        HtmlPage.Begin(html, name);
        html.Raw("<header>").Element("h1", name).Element("p",
            string.Create(CultureInfo.InvariantCulture, $"{explanation.Seconds:0.##} s"), "class=\"soft\"")
            .Raw("</header>");
        html.Raw("<section id=\"scores\">").Element("h2", "Scores");
        bool number = explanation.Targets.All(t => t.Probability is null);
        html.Table(
            ["", number ? "Value" : "Log odds", .. number ? Array.Empty<string>() : ["Probability"],
                number ? "Of silence" : "Log odds of silence"],
            explanation.Targets.Select(t => (string[])[t.Name, MetricText.Number(t.Score, 3),
                .. number ? Array.Empty<string>() : [MetricText.Number(t.Probability, 3)],
                MetricText.Number(t.SilenceScore, 3)]));
        html.Raw("</section><section id=\"parts\">").Element("h2", "Which parts mattered");
        foreach (ReportFigure figure in figures)
        {
            html.Figure(figure);
        }
        html.Raw("</section>");
        HtmlPage.End(html);
        return html.ToString();
    }
}
