using System.Globalization;

namespace SpeechML.Reports.Html;

/// <summary>The network beside plain models on numbers.</summary>
internal static class BaselineSection
{
    public static void Write(HtmlWriter html, IReadOnlyList<RunBaseline> baselines)
    {
        if (baselines.Count == 0)
        {
            return;
        }
        html.Raw("<section id=\"baselines\">").Element("h2", "The network and plain models");
        html.Element(
            "p", "Linear and tree models of ML.NET on numbers of the same training clips, scored on the same clips. A " +
            "difference above 0 means that the network's figure is higher; its 95 % interval is paired, by subject.",
            "class=\"soft\"");
        foreach (IGrouping<(string Split, string Model), RunBaseline> group in
            baselines.GroupBy(b => (b.Split, b.Model)))
        {
            html.Element("h3", $"{group.Key.Split}: {group.Key.Model} model on {group.First().Features}");
            html.MarkupTable(["", "Metric", "Network", "Plain", "Difference", "95 %", ""], group.Select(b => (string[])
            [
                HtmlWriter.Escape(b.Label.Length > 0 ? b.Label : "all"), HtmlWriter.Escape(MetricText.NameOf(b.Metric)),
                MetricText.Number(b.Network, 3), MetricText.Number(b.Baseline, 3), Signed(b.Difference), Interval(b),
                HtmlWriter.Escape(Verdict(b)),
            ]), texts: 2, kind: "labels");
        }
        html.Raw("</section>");
    }

    private static string Verdict(RunBaseline baseline) => baseline.Note.Length > 0 ? baseline.Note
        : baseline.NetworkIsBetter switch
        {
            true => "network better",
            false => "plain better",
            null => baseline.Interval is null ? "" : "no difference shown",
        };

    private static string Interval(RunBaseline baseline)
    {
        if (baseline.Interval is not { Low.Value: { } low, High.Value: { } high } interval)
        {
            return "–";
        }
        return HtmlWriter.Below($"{MetricText.Number(low, 3)} to {MetricText.Number(high, 3)}",
            interval.Undefined == 0 ? "" : FormattableString.Invariant(
                $"{100.0 * interval.Undefined / interval.Resamples:0.#} % undefined"),
            interval.Undefined > 0.025 * interval.Resamples);
    }

    private static string Signed(double? value) =>
        value?.ToString("+0.000;-0.000;0.000", CultureInfo.InvariantCulture) ?? "–";
}
