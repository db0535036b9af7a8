using System.Globalization;
using System.Net;
using System.Text;
using SpeechML.Data.Checking;

namespace SpeechML.Data.Evaluation.Association;

/// <summary>Measures by label as a fragment of HTML, without style or script of its own.</summary>
internal static class MeasureTableHtml
{
    private const int Shown = 8;

    public static string Write(MeasureTable table)
    {
        var html = new StringBuilder();
        html.Append(CultureInfo.InvariantCulture, $"<p class=\"soft\">{Escape(HowToRead(table))}</p>\n");
        foreach (LabelMeasures label in table.Labels)
        {
            html.Append(CultureInfo.InvariantCulture, $"<h3>{Escape(label.Label)}</h3>\n");
            if (label.Note.Length > 0)
            {
                html.Append(CultureInfo.InvariantCulture, $"<p class=\"note\">{Escape(label.Note)}</p>\n");
            }
            if (label.Measures.Count == 0)
            {
                continue;
            }
            MeasureAssociation[] ranked = [.. label.Ranked];
            Rows(html, label, ranked.Take(Shown));
            if (ranked.Length > Shown)
            {
                html.Append(CultureInfo.InvariantCulture,
                    $"<details><summary>{ranked.Length - Shown} more measures</summary>\n");
                Rows(html, label, ranked.Skip(Shown));
                html.Append("</details>\n");
            }
        }
        return html.ToString();
    }

    private static string HowToRead(MeasureTable table)
    {
        string people = table.Subjects > 0
            ? FormattableString.Invariant($"{table.Clips} clips of {table.Subjects} subjects.")
            : FormattableString.Invariant($"{table.Clips} clips.");
        string intervals = table.NoInterval.Length > 0 ? $" No intervals: {table.NoInterval}."
            : table.Labels.SelectMany(l => l.Measures).FirstOrDefault() is { Effect.Confidence: var confidence }
                ? FormattableString.Invariant(
                    $" Medians over clips; {100 * confidence:0.##} % intervals resample subjects.") : "";
        return $"{people}{intervals} The effect size is of subjects' means, from -1 to 1; p-values are corrected " +
            "after Benjamini and Hochberg over all rows of all labels. Recordings, tasks and languages differ more " +
            "than voices do.";
    }

    private static void Rows(StringBuilder html, LabelMeasures label, IEnumerable<MeasureAssociation> measures)
    {
        string[] groups = [.. label.Measures[0].Groups.Select(g => $"Median, {g.Name}")];
        string effect = label.Effect switch
        {
            MeasureEffect.CliffsDelta => "Cliff's delta",
            MeasureEffect.RankBiserial => "Rank-biserial",
            _ => "Spearman",
        };
        string[] header = ["Measure", "Unit", .. groups, effect, "p", "p, corrected"];
        // Reached by the keyboard, because it may scroll.
        html.Append("<div class=\"table\" tabindex=\"0\"><table>\n<thead><tr>")
            .AppendJoin("", header.Select((h, i) => Cell("th", Escape(h), i)))
            .Append("</tr></thead>\n<tbody>\n");
        foreach (MeasureAssociation m in measures)
        {
            string size = m.Effect.Estimate.Value is null ? "–" : Below(m.Effect, "F2");
            string[] cells =
            [
                Escape(m.Measure), Escape(m.Unit), .. m.Groups.Select(g => Below(g.Median, "G4")),
                m.Note.Length > 0 ? $"{size}<small>{Escape(m.Note)}</small>" : size,
                Escape(MeasureTable.P(m.PValue)), Escape(MeasureTable.P(m.Corrected)),
            ];
            html.Append("<tr>").AppendJoin("", cells.Select((c, i) => Cell("td", c, i))).Append("</tr>\n");
        }
        html.Append("</tbody>\n</table></div>\n");
    }

    private static string Cell(string name, string content, int column) =>
        $"<{name}{(column > 1 ? " class=\"number\"" : "")}>{content}</{name}>";

    /// <summary>The value, its interval below it.</summary>
    private static string Below(MetricInterval interval, string format)
    {
        string Text(MetricValue value) => value.Value?.ToString(format, CultureInfo.InvariantCulture) ?? "–";
        return interval.Low.Value is null ? Text(interval.Estimate)
            : $"{Text(interval.Estimate)}<small>{Text(interval.Low)} to {Text(interval.High)}</small>";
    }

    private static string Escape(string text) => WebUtility.HtmlEncode(VisibleText.Of(text));
}
