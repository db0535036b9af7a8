using System.Net;
using System.Text;
using SpeechML.Data.Checking;
using SpeechML.Reports.Figures;

namespace SpeechML.Reports.Html;

/// <summary>Writes HTML; every text is escaped.</summary>
internal sealed class HtmlWriter
{
    private readonly StringBuilder _html = new();

    public override string ToString() => _html.ToString();

    public static string Escape(string text) => WebUtility.HtmlEncode(VisibleText.Of(text));

    /// <summary>Markup as it is.</summary>
    public HtmlWriter Raw(string html)
    {
        _html.Append(html).Append('\n');
        return this;
    }

    public HtmlWriter Element(string name, string text, string attributes = "") =>
        Raw($"<{name}{(attributes.Length > 0 ? " " + attributes : "")}>{Escape(text)}</{name}>");

    public HtmlWriter Figures(IEnumerable<ReportFigure> figures)
    {
        Raw("<div class=\"figures\">");
        foreach (ReportFigure figure in figures)
        {
            Figure(figure);
        }
        return Raw("</div>");
    }

    public HtmlWriter Figure(ReportFigure figure) =>
        Raw($"<figure id=\"{figure.Id}\">\n{figure.Inline()}\n" +
            $"<figcaption>{Escape(figure.Caption)}</figcaption>\n</figure>");

    /// <summary>A table; columns after the first <paramref name="texts"/> are numbers.</summary>
    public HtmlWriter Table(string[] header, IEnumerable<string[]> rows, int texts = 1)
    {
        string Cells(string[] cells, string name) =>
            string.Concat(cells.Select((c, i) =>
            $"<{name}{(i >= texts ? " class=\"number\"" : "")}>{Escape(c)}</{name}>"));
        Raw("<div class=\"table\"><table>");
        if (header.Length > 0)
        {
            Raw($"<thead><tr>{Cells(header, "th")}</tr></thead>");
        }
        Raw("<tbody>");
        foreach (string[] row in rows)
        {
            Raw($"<tr>{Cells(row, "td")}</tr>");
        }
        return Raw("</tbody></table></div>");
    }
}
