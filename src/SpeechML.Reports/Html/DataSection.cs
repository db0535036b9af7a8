using SpeechML.Audio.Common;
using SpeechML.Reports.Figures;

namespace SpeechML.Reports.Html;

/// <summary>What the check of the data found, with its figures.</summary>
internal static class DataSection
{
    public static void Write(HtmlWriter html, SpeechDataReport check, IReadOnlyList<ReportFigure> figures)
    {
        html.Raw(MachinePaths.HideIn(check.ToHtml()));
        if (figures.Count > 0)
        {
            html.Raw("<section>").Element("h2", "Data in figures").Figures(figures).Raw("</section>");
        }
    }
}
