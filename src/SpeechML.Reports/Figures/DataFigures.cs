using ScottPlot;
using ScottPlot.Plottables;

namespace SpeechML.Reports.Figures;

/// <summary>What data look like: labels, lengths and levels by part and group, and the map of the clips.</summary>
internal static class DataFigures
{
    private const int MaxValues = 8; // of a label with a colour of their own
    private const int MaxGroups = 8;
    private const int MaxColored = 24; // subjects that colour and shape tell apart
    private const string Part = "part";
    private static readonly MarkerShape[] s_shapes =
        [MarkerShape.FilledCircle, MarkerShape.FilledSquare, MarkerShape.FilledTriangleUp];

    public static IReadOnlyList<ReportFigure> Of(SpeechDataReport check)
    {
        var figures = new List<ReportFigure>();
        int number = 0;
        foreach (IGrouping<string, SpeechDataLabel> label in check.Labels.GroupBy(l => l.Label, StringComparer.Ordinal))
        {
            string[] values = [.. label.SelectMany(l => l.Values.Keys).Distinct().Order(StringComparer.Ordinal)];
            // Ratings and other numbers have their table.
            if (values.Length is > 0 and <= MaxValues && !label.Key.StartsWith("Ratings.", StringComparison.Ordinal))
            {
                figures.Add(Labels($"data-label-{++number}", label.Key, values,
                    [.. label.Select(l => (l.Part, l)), .. check.Groups.SelectMany(g => g.Labels
                    .Where(l => l.Label == label.Key).Select(l => ($"{g.By}: {g.Name}", l)))]));
            }
        }
        foreach (IGrouping<(SpeechDataMeasure Measure, string By), SpeechDataHistogram> histograms in check.Histograms
            .GroupBy(h => (h.Measure, h.By)))
        {
            string name = histograms.Key.Measure == SpeechDataMeasure.Length ? "length" : "level";
            figures.Add(Histogram(
                histograms.Key.By == Part ? $"data-{name}" : $"data-{name}-{++number}", histograms.Key.Measure,
                histograms.Key.By, [.. histograms.OrderByDescending(h => h.Counts.Sum()).Take(MaxGroups)]));
        }
        if (check.Map is { } map)
        {
            figures.Add(Map("data-map-part", "part", map, p => p.Part));
            if (map.Points.Any(p => p.Subject.Length > 0))
            {
                figures.Add(Map("data-map-subject", "subject", map, p => p.Subject));
            }
            for (int l = 0; l < map.Labels.Count; l++)
            {
                int label = l;
                figures.Add(Map($"data-map-label-{l + 1}", map.Labels[l], map, p => p.Labels[label]));
            }
        }
        return figures;
    }

    /// <summary>A row for each part and group, divided among the values.</summary>
    private static ReportFigure Labels(
        string id, string label, string[] values, IReadOnlyList<(string Name, SpeechDataLabel Table)> rows)
    {
        const double AboveBar = 0.42;
        Plot plot = FigureStyle.NewPlot("Share of the clips", "");
        var named = new HashSet<string>(StringComparer.Ordinal);
        for (int r = 0; r < rows.Count; r++)
        {
            double y = rows.Count - 1 - r, from = 0;
            SpeechDataLabel table = rows[r].Table;
            double clips = table.Values.Values.Sum() + table.Missing;
            Text(plot, FormattableString.Invariant($"{rows[r].Name}: {clips} clips"), 0, y + AboveBar, FigureStyle.Ink);
            for (int v = 0; v <= values.Length; v++)
            {
                int count = v == values.Length ? table.Missing : table.Values.GetValueOrDefault(values[v]);
                if (count == 0)
                {
                    continue;
                }
                string name = v == values.Length ? "missing" : values[v];
                Color color = v == values.Length ? FigureStyle.Faint : FigureStyle.Of(v);
                BarPlot bar = plot.Add.Bars(new[] { new Bar { Position = y, ValueBase = from,
                    Value = from + (count / clips), Orientation = Orientation.Horizontal, Size = 0.36,
                    FillColor = color.WithAlpha(0.8), LineWidth = 0 } });
                bar.LegendText = named.Add(name) ? name : "";
                from += count / clips;
            }
        }
        plot.Axes.Bottom.SetTicks([0, 0.25, 0.5, 0.75, 1], ["0", "0.25", "0.5", "0.75", "1"]);
        plot.Axes.Left.SetTicks([], []);
        plot.Axes.SetLimits(0, 1.01, -0.4, rows.Count - 0.3);
        return new ReportFigure(
            id, $"Values of '{label}'.", plot, ReportFigure.HalfWidth, 70 + (48 * rows.Count), rows: true);
    }

    private static ReportFigure Histogram(
        string id, SpeechDataMeasure measure, string by, IReadOnlyList<SpeechDataHistogram> histograms)
    {
        Plot plot = FigureStyle.NewPlot(
            measure == SpeechDataMeasure.Length ? "Length (s)" : "Level (dB of full scale)", "Share of the clips");
        double most = 0;
        for (int h = 0; h < histograms.Count; h++)
        {
            IReadOnlyList<double> edges = histograms[h].Edges;
            double clips = Math.Max(1, histograms[h].Counts.Sum());
            double[] shares = [.. histograms[h].Counts.Select(c => c / clips)];
            most = Math.Max(most, shares.Max());
            // Up and down at the bounds, so that several lie over one another and are still seen.
            double[] x = [.. edges.SelectMany(e => (double[])[e, e])],
                y = [0, .. shares.SelectMany(s => (double[])[s, s]), 0];
            FigureStyle.AddLine(plot, x, y, FigureStyle.Of(h), FormattableString.Invariant(
                $"{(histograms[h].Name.Length == 0 ? "(empty)" : histograms[h].Name)}: {clips} clips"));
        }
        plot.Axes.AutoScale();
        plot.Axes.SetLimitsY(0, 1.06 * most);
        string what = measure == SpeechDataMeasure.Length ? "Lengths" : "Levels";
        return new ReportFigure(id, $"{what} of the clips by {by}.", plot, ReportFigure.HalfWidth, 300);
    }

    private static ReportFigure Map(string id, string by, SpeechDataMap map, Func<SpeechDataPoint, string> of)
    {
        Plot plot = FigureStyle.NewPlot(
            $"First component ({Percent(map.Explained[0])})", $"Second component ({Percent(map.Explained[1])})");
        IGrouping<string, SpeechDataPoint>[] groups =
            [.. map.Points.GroupBy(of, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal)];
        for (int g = 0; g < groups.Length; g++)
        {
            bool colored = g < MaxColored && groups[g].Key.Length > 0;
            Scatter points = plot.Add.ScatterPoints(
                groups[g].Select(p => p.X).ToArray(), groups[g].Select(p => p.Y).ToArray(),
                colored ? FigureStyle.Of(g).WithAlpha(0.75) : FigureStyle.Faint.WithAlpha(0.6));
            points.MarkerSize = 7;
            points.MarkerShape = s_shapes[colored ? g / FigureStyle.Series % s_shapes.Length : 0];
            points.LegendText = groups.Length > MaxValues ? "" : groups[g].Key.Length == 0 ? "(none)" : groups[g].Key;
        }
        plot.Axes.AutoScale();
        string many = groups.Length > MaxValues
            ? FormattableString.Invariant($" {groups.Length} values, told apart by colour and shape only.") : "";
        return new ReportFigure(
            id, $"The clips by the principal components of their embeddings, coloured by {by}.{many} Clips that lie " +
            "together are alike to the encoder.", plot, ReportFigure.HalfWidth, 420);
    }

    private static string Percent(double share) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{100 * share:F0} %");

    private static void Text(Plot plot, string content, double x, double y, Color color)
    {
        ScottPlot.Plottables.Text text = plot.Add.Text(content, x, y);
        text.Alignment = Alignment.MiddleLeft;
        text.LabelFontSize = 12;
        text.LabelFontColor = color;
    }
}
