using System.Globalization;
using SpeechML.Reports.Figures;

namespace SpeechML.Reports.Html;

/// <summary>The page of a voice: its contours and its measures.</summary>
internal static class VoicePage
{
    public static string Write(MLAudio audio, string name, ReportFigure figure, VoiceMeasureOptions options)
    {
        var html = new HtmlWriter();
        HtmlPage.Begin(html, name);
        html.Raw("<header>").Element("h1", name).Element("p",
            string.Create(CultureInfo.InvariantCulture, $"{audio.Duration.TotalSeconds:0.##} s"), "class=\"soft\"")
            .Raw("</header>");
        html.Raw("<section id=\"contours\">").Element("h2", "Contours").Figure(figure).Raw("</section>");
        html.Raw("<section id=\"measures\">").Element("h2", "Measures");
        double[] values = VoiceMeasures.Measure(audio, options);
        html.Table(["Measure", "", "Value", "Unit"], VoiceMeasures.All.Select((m, i) => (string[])
        [
            m.Name, m.Summary,
            double.IsNaN(values[i]) ? "undefined" : values[i].ToString("G4", CultureInfo.InvariantCulture), m.Unit,
        ]), texts: 2);
        html.Raw("</section>");
        HtmlPage.End(html);
        return html.ToString();
    }
}
