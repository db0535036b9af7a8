using System.Globalization;
using SpeechML.Audio.Common;

namespace SpeechML.Reports.Html;

/// <summary>What the acoustic measures (or other numbers) of a run's clips say.</summary>
internal static class MeasureSection
{
    private const int Shown = 10;
    private const int OfClip = 5;

    public static void Write(HtmlWriter html, IReadOnlyList<RunMeasures> measures)
    {
        if (measures.Count == 0)
        {
            return;
        }
        html.Raw("<section id=\"measures\">").Element("h2", "Measures of the training clips by label");
        html.Raw(MachinePaths.HideIn(measures[0].ByLabel.ToHtml())).Raw("</section>");
        if (measures.All(m => m.Importance.Count == 0))
        {
            return;
        }
        html.Raw("<section id=\"importance\">").Element("h2", "Measures that a linear model needs");
        html.Element(
            "p", "By how much the figure of the linear model is worse where the values of a measure change places " +
            "among the clips (permutation importance), with its 95 % interval by subject. Measures that say the same " +
            "stand in for one another: a group says what they have in common. It is what the model needs, not what " +
            "causes the label.", "class=\"soft\"");
        foreach (RunMeasures part in measures)
        {
            foreach ((int i, IGrouping<string, RunMeasureImportance> label) in
                part.Importance.GroupBy(m => m.Label).Index())
            {
                string name = label.Key.Length > 0 ? label.Key : "all";
                string title = $"{part.Split}: {name}, loss of {MetricText.NameOf(label.First().Metric)}";
                if (i > 0)
                {
                    html.Raw("<details>").Element("summary", title);
                }
                else
                {
                    html.Element("h3", title);
                }
                string[] none = [.. label.Select(m => m.NoInterval).Where(n => n.Length > 0).Distinct()];
                if (none.Length > 0)
                {
                    html.Element("p", $"No intervals: {string.Join("; ", none)}.", "class=\"soft\"");
                }
                html.Table(["Measure", "Loss", "95 %"], label.OrderByDescending(m => m.Loss ?? double.MinValue)
                    .Take(Shown).Select(m => (string[])[m.Measure, Signed(m.Loss), Interval(m.Interval)]));
                if (i > 0)
                {
                    html.Raw("</details>");
                }
            }
        }
        html.Raw("</section>");
    }

    /// <summary>The measures in which a clip is furthest from the training clips.</summary>
    public static void WriteClip(HtmlWriter html, IReadOnlyList<RunMeasures> measures, RunClip clip)
    {
        ClipMeasures? found = measures.FirstOrDefault(m => m.Split == clip.Split)?.Clips
            .FirstOrDefault(c => c.AudioKey == clip.AudioKey);
        if (found is null || !found.Furthest(1).Any())
        {
            return;
        }
        html.Element("p", "Furthest from the training clips:", "class=\"soft\"");
        html.Table(["Measure", "Value", "Percentile", "Robust z"], found.Furthest(OfClip).Select(m => (string[])
        [
            m.Measure, $"{m.Value?.ToString("G4", CultureInfo.InvariantCulture)} {m.Unit}".TrimEnd(),
            MetricText.Number(m.Percentile, 0), Signed(m.RobustZ, "+0.0;-0.0;0.0"),
        ]));
    }

    private static string Interval(RunInterval? interval) =>
        interval is { Low.Value: { } low, High.Value: { } high } ? $"{Signed(low)} to {Signed(high)}" : "–";

    private static string Signed(double? value, string format = "+0.000;-0.000;0.000") =>
        value?.ToString(format, CultureInfo.InvariantCulture) ?? "–";
}
