using ScottPlot;
using ScottPlot.Plottables;

namespace SpeechML.Reports.Figures;

/// <summary>Runs beside one another: figures, differences, learning curves.</summary>
internal static class ComparisonFigures
{
    private const int Shown = 4; // metrics
    private const double AboveMark = 0.36;
    private const int LongestName = 40; // letters that fit a phone beside the value
    private const int NameEnd = 15; // of those, where names that begin alike differ

    public static IReadOnlyList<ReportFigure> Of(SpeechRunComparison comparison)
    {
        SpeechMetric[] metrics = MetricsOf(comparison);
        return
        [
            .. metrics.Select(m => Values(comparison, m)),
            .. metrics.Where(m => comparison.Differences.Any(
                d => d.Metric == m && d.Difference.Estimate.Value is not null)).Select(m => Differences(comparison, m)),
            .. metrics.Take(2).Select(m => Curves(comparison, m)).OfType<ReportFigure>(),
        ];
    }

    /// <summary>The metrics that are drawn: the first of the task's headlines.</summary>
    public static SpeechMetric[] MetricsOf(SpeechRunComparison comparison) =>
        [.. MetricText.Headlines(comparison.Task)
            .Where(m => comparison.Runs.All(r => r.Evaluation.Figures.ContainsKey(m.Name))).Take(Shown)];

    private static ReportFigure Values(SpeechRunComparison comparison, SpeechMetric metric)
    {
        Plot plot = FigureStyle.NewPlot(metric.DisplayName, "");
        for (int r = 0; r < comparison.Runs.Count; r++)
        {
            RunFigure figure = comparison.Runs[r].Evaluation.Figures[metric.Name];
            Mark(plot, comparison.Runs.Count - 1 - r, figure.Value, figure.Interval?.Low.Value,
                figure.Interval?.High.Value, FigureStyle.Of(r));
        }
        return Finish($"compare-{metric.Name}", $"{metric.DisplayName} of each run with its 95 % interval.", plot,
            [.. comparison.Runs.Select(r => (r.Name, r.Evaluation.Figures[metric.Name].Value))]);
    }

    private static ReportFigure Differences(SpeechRunComparison comparison, SpeechMetric metric)
    {
        SpeechRunDifference[] differences = [.. comparison.Differences.Where(d => d.Metric == metric)];
        Plot plot = FigureStyle.NewPlot($"Difference in {metric.DisplayName}", "");
        VerticalLine none = plot.Add.VerticalLine(0);
        none.Color = FigureStyle.Faint;
        for (int i = 0; i < differences.Length; i++)
        {
            MetricDifference difference = differences[i].Difference;
            int run = comparison.Runs.ToList().FindIndex(r => r.Name == differences[i].Run);
            Mark(plot, differences.Length - 1 - i, difference.Estimate.Value, difference.Low.Value,
                difference.High.Value, FigureStyle.Of(run));
        }
        string better = metric.LowerIsBetter ? "left" : "right";
        return Finish($"difference-{metric.Name}",
            $"{metric.DisplayName}: each run minus {comparison.Runs[0].Name}, on the same clips and resamples of " +
            $"subjects; {better} of the grey line the run is better.", plot,
            [.. differences.Select(d => (d.Run, d.Difference.Estimate.Value))]);
    }

    private static ReportFigure? Curves(SpeechRunComparison comparison, SpeechMetric metric)
    {
        Plot plot = FigureStyle.NewPlot("Epoch", metric.DisplayName);
        var all = new List<double>();
        for (int r = 0; r < comparison.Runs.Count; r++)
        {
            (double Epoch, double Value)[] points = [.. comparison.Runs[r].Epochs
                .Where(e => e.Validation?[metric].Value is not null)
                .Select(e => ((double)e.Epoch, e.Validation![metric].Value!.Value))];
            if (points.Length > 0)
            {
                all.AddRange(points.Select(p => p.Value));
                FigureStyle.AddLine(plot, [.. points.Select(p => p.Epoch)], [.. points.Select(p => p.Value)],
                    FigureStyle.Of(r), comparison.Runs[r].Name, points.Length <= 15);
            }
        }
        if (all.Count == 0)
        {
            return null;
        }
        FigureStyle.WholeTicks(plot);
        plot.Axes.AutoScale();
        FigureStyle.MetricLimits(plot, all);
        return new ReportFigure(
            $"curve-{metric.Name}", $"{metric.DisplayName} of the validation data after each epoch.", plot,
            ReportFigure.HalfWidth, 320);
    }

    private static void Mark(
        Plot plot, double y, double? value, double? low, double? high, Color color)
    {
        if (low is { } from && high is { } to)
        {
            LinePlot line = plot.Add.Line(from, y, to, y);
            line.Color = color;
            line.LineWidth = 3;
        }
        if (value is { } known)
        {
            Scatter point = plot.Add.ScatterPoints(new[] { known }, new[] { y }, color);
            point.MarkerSize = 11;
        }
    }

    private static string Shorten(string name) => name.Length <= LongestName ? name
        : $"{name[..(LongestName - NameEnd - 1)]}…{name[^NameEnd..]}";

    /// <summary>Names above the marks, from the left edge on.</summary>
    private static ReportFigure Finish(
        string id, string caption, Plot plot, IReadOnlyList<(string Name, double? Value)> rows)
    {
        plot.Axes.Left.SetTicks([], []);
        plot.Axes.AutoScale();
        AxisLimits limits = plot.Axes.GetLimits();
        plot.Axes.SetLimits(limits.Left, limits.Right, -0.5, rows.Count - 0.3);
        for (int r = 0; r < rows.Count; r++)
        {
            (string name, double? value) = rows[r];
            ScottPlot.Plottables.Text text = plot.Add.Text(
                $"{(value is null ? "undefined" : MetricText.Number(value, 3))}  {Shorten(name)}", limits.Left,
                rows.Count - 1 - r + AboveMark);
            text.Alignment = Alignment.MiddleLeft;
            text.LabelFontSize = 12;
            text.LabelFontColor = FigureStyle.Ink;
            text.LabelBackgroundColor = Colors.White;
        }
        return new ReportFigure(id, caption, plot, ReportFigure.HalfWidth, 70 + (54 * rows.Count), rows: true);
    }
}
