using System.Net;
using System.Text;
using SpeechML.Audio.Common;
using SpeechML.Data.Checking;
using SpeechML.Reports.Figures;

namespace SpeechML.Reports.Html;

/// <summary>Writes HTML; every text is escaped.</summary>
internal sealed class HtmlWriter
{
    private readonly StringBuilder _html = new();

    public override string ToString() => _html.ToString();

    /// <summary>Text as it may stand in a page that is passed on: without paths of this machine.</summary>
    public static string Escape(string text) => WebUtility.HtmlEncode(VisibleText.Of(MachinePaths.HideIn(text)));

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
        Raw($"<figure id=\"{figure.Id}\"{(figure.Width == ReportFigure.HalfWidth ? "" : " class=\"full\"")}>\n" +
            $"{figure.Inline()}\n" +
            $"<figcaption>{Escape(figure.Caption)}</figcaption>\n</figure>");

    /// <summary>Something that the reader must know before the numbers.</summary>
    public HtmlWriter Note(string text) => Element("p", text, "class=\"note\"");

    /// <summary>A cell with a value and smaller text below it.</summary>
    public static string Below(string value, string more, bool warns) =>
        Escape(value) + (more.Length == 0 ? "" : $"<small{(warns ? " class=\"warn\"" : "")}>{Escape(more)}</small>");

    /// <summary>A table; columns after the first <paramref name="texts"/> are numbers.</summary>
    public HtmlWriter Table(string[] header, IEnumerable<string[]> rows, int texts = 1) =>
        MarkupTable(header, rows.Select(r => Array.ConvertAll(r, Escape)), texts);

    /// <summary>A table of cells that are markup.</summary>
    public HtmlWriter MarkupTable(string[] header, IEnumerable<string[]> rows, int texts = 1, string kind = "")
    {
        string Cells(string[] cells, string name) =>
            string.Concat(cells.Select((c, i) => $"<{name}{(i >= texts ? " class=\"number\"" : "")}>{c}</{name}>"));
        // Reached by the keyboard, because it may scroll.
        Raw($"<div class=\"table{(kind.Length > 0 ? " " + kind : "")}\" tabindex=\"0\"><table>");
        if (header.Length > 0)
        {
            Raw($"<thead><tr>{Cells(Array.ConvertAll(header, Escape), "th")}</tr></thead>");
        }
        Raw("<tbody>");
        foreach (string[] row in rows)
        {
            Raw($"<tr>{Cells(row, "td")}</tr>");
        }
        return Raw("</tbody></table></div>");
    }
}
