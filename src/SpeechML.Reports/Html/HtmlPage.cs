namespace SpeechML.Reports.Html;

/// <summary>What stands around the content of every page.</summary>
internal static class HtmlPage
{
    public static void Begin(HtmlWriter html, string title)
    {
        html.Raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">");
        // Nothing may be loaded from anywhere: recordings and ratings stay where the file is.
        html.Raw(
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; " +
            "script-src 'unsafe-inline'; media-src data:; img-src data:\">");
        html.Raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">").Element("title", title);
        html.Raw($"<style>\n{PageStyle.Css}\n</style>\n</head>\n<body>\n<main>");
    }

    public static void End(HtmlWriter html) =>
        html.Raw($"</main>\n<script>\n{PageStyle.Script}\n</script>\n</body>\n</html>");

    /// <summary>Names with their values, in columns.</summary>
    public static void Pairs(HtmlWriter html, IEnumerable<(string Name, string Value)> pairs)
    {
        html.Raw("<dl class=\"settings\">");
        foreach ((string name, string value) in pairs)
        {
            html.Raw($"<div><dt>{HtmlWriter.Escape(name)}</dt><dd>{HtmlWriter.Escape(value)}</dd></div>");
        }
        html.Raw("</dl>");
    }
}
