using System.Globalization;
using System.Net;
using System.Text;

namespace SpeechML.Data.Checking;

/// <summary>The report as a fragment of HTML, without style or script of its own.</summary>
internal static class SpeechDataReportHtml
{
    public static string Write(SpeechDataReport report)
    {
        var html = new StringBuilder("<section class=\"speech-data-check\">\n<h2>Data</h2>\n");
        html.Append(CultureInfo.InvariantCulture,
            $"<p>{report.Clips} clips{report.Lengths}</p>\n");
        Table(html, ["Part", "Clips", "Subjects", "Duration"],
            report.Parts.Select(p =>
            new[] { p.Name, Text(p.Clips), Text(p.Subjects), SpeechDataReport.Length(p.Duration) }));
        Table(html, ["Sample rate (Hz)", "Clips", "Duration"],
            report.SampleRates.Select(
            r => new[] { Text(r.SampleRate), Text(r.Clips), SpeechDataReport.Length(r.Duration) }));
        if (report.Labels.Count > 0)
        {
            string[] parts = [.. report.Labels.Select(l => l.Part).Distinct(StringComparer.Ordinal)];
            Table(html, ["Label", .. parts], report.Labels.GroupBy(l => l.Label, StringComparer.Ordinal).Select(
                label => (string[])[label.Key, .. parts.Select(p => label.FirstOrDefault(l => l.Part == p) is { } table
                    ? SpeechDataReport.Counts(table) : "")]));
        }
        if (report.Groups.Count > 0)
        {
            Table(html, ["Group", "Clips", "Subjects", .. report.Groups[0].Labels.Select(l => l.Label)],
                report.Groups.Select(g => (string[])[$"{g.By}: {g.Name}", Text(g.Clips), Text(g.Subjects),
                    .. g.Labels.Select(SpeechDataReport.Counts)]));
        }
        if (report.IsClean)
        {
            html.Append("<p>Nothing found.</p>\n");
        }
        foreach (IGrouping<SpeechDataProblem, SpeechDataFinding> kind in report.Findings.GroupBy(f => f.Problem))
        {
            html.Append(CultureInfo.InvariantCulture,
                $"<details open><summary>{kind.Key}: {kind.Count()}</summary>\n<ul>\n");
            foreach (SpeechDataFinding finding in kind)
            {
                html.Append("<li>").Append(WebUtility.HtmlEncode(VisibleText.Of(finding.Message)))
                    .Append("</li>\n");
            }
            html.Append("</ul>\n</details>\n");
        }
        if (report.Measures is { Labels.Count: > 0 } measures)
        {
            html.Append("</section>\n<section class=\"speech-data-check\">\n<h2>Acoustic measures by label</h2>\n")
                .Append(measures.ToHtml());
        }
        if (report.UnusualClips.Count > 0)
        {
            html.Append("<h3>Clips far from the others</h3>\n");
            Table(html, ["Clip", "Part", "Measures that are furthest from the training clips"],
                report.UnusualClips.Select(c => new[] { c.AudioKey, c.Part, SpeechDataReport.Furthest(c) }));
        }
        return html.Append("</section>\n").ToString();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static void Table(StringBuilder html, string[] header, IEnumerable<string[]> rows)
    {
        html.Append("<div class=\"table\"><table>\n<thead><tr>")
            .AppendJoin("", header.Select(h => $"<th>{WebUtility.HtmlEncode(VisibleText.Of(h))}</th>"))
            .Append("</tr></thead>\n<tbody>\n");
        foreach (string[] row in rows)
        {
            html.Append("<tr>")
                .AppendJoin("", row.Select(cell => $"<td>{WebUtility.HtmlEncode(VisibleText.Of(cell))}</td>"))
                .Append("</tr>\n");
        }
        html.Append("</tbody>\n</table></div>\n");
    }
}
