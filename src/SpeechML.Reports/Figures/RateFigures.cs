using ScottPlot;
using ScottPlot.Plottables;
using SpeechML.Sweeps.Space;

namespace SpeechML.Reports.Figures;

/// <summary>Two metrics across learning rates: the one that trials are compared by, and the next of the list.</summary>
internal static class RateFigures
{
    private const int MaxValues = 12; // of a grid; beyond it a rate was drawn, and trials are not averaged
    private const int Lines = 2;

    public static IEnumerable<ReportFigure> Of(SweepStudy study)
    {
        ParameterAxis[] rates =
            [.. ParameterAxis.Of(study.Trials)
            .Where(a => a.IsNumber && a.Values.Count > 1 && a.Name.EndsWith("LearningRate", StringComparison.Ordinal))];
        foreach (ParameterAxis rate in rates)
        {
            if (Across(study, rate) is { } figure)
            {
                yield return figure;
            }
        }
        ParameterAxis[] few = [.. rates.Where(r => r.Values.Count <= MaxValues)];
        if (few.Length >= 2)
        {
            yield return Grid(study, few[0], few[1]);
        }
    }

    private static ReportFigure? Across(SweepStudy study, ParameterAxis rate)
    {
        Plot plot = FigureStyle.NewPlot(Spaced(rate.Name), "Validation metric");
        double Place(SweepTrial trial) =>
            rate.IndexOf(trial) is var i && i < 0 ? double.NaN : Math.Log10(ParameterAxis.Number(rate.Values[i]));
        bool grid = rate.Values.Count <= MaxValues;
        int lines = 0;
        foreach (SpeechMetric metric in TrialFigures.MetricsOf(study).Where(m => m != SpeechMetrics.Loss).Take(Lines))
        {
            double? Figure(SweepTrial trial) => TrialFigures.Of(trial, study.Metric, metric);
            string name = metric.DisplayName;
            (double X, double Y)[] points =
                [.. study.Trials.Where(t => double.IsFinite(Place(t)) && Figure(t) is not null)
                .Select(t => (Place(t), Figure(t)!.Value))];
            if (points.Length == 0)
            {
                continue;
            }
            Color color = FigureStyle.Of(lines++);
            StudyFigures.AddPoints(plot, study, Place, Figure, color.WithAlpha(0.55), grid ? "" : name);
            if (grid)
            {
                (double X, double Y)[] means =
                    [.. points.GroupBy(p => p.X).OrderBy(g => g.Key).Select(g => (g.Key, g.Average(p => p.Y)))];
                FigureStyle.AddLine(plot, [.. means.Select(m => m.X)], [.. means.Select(m => m.Y)], color, name,
                    markers: true);
            }
        }
        if (lines == 0)
        {
            return null;
        }
        foreach (Scatter points in plot.GetPlottables<Scatter>().Where(s => s.LegendText is "finished" or "stopped"))
        {
            points.LegendText = "";
        }
        (double low, double high) =
            (Math.Log10(ParameterAxis.Number(rate.Values[0])), Math.Log10(ParameterAxis.Number(rate.Values[^1])));
        if (grid)
        {
            plot.Axes.Bottom.SetTicks(
                [.. rate.Values.Select(v => Math.Log10(ParameterAxis.Number(v)))],
                [.. rate.Values.Select(MetricText.Value)]);
        }
        else
        {
            double[] decades = [.. Enumerable.Range((int)Math.Floor(low),
                (int)Math.Ceiling(high) - (int)Math.Floor(low) + 1).Select(d => (double)d)];
            plot.Axes.Bottom.SetTicks(decades, [.. decades.Select(d => MetricText.Value(Math.Pow(10, d)))]);
        }
        plot.Axes.AutoScale();
        double margin = 0.08 * (high - low);
        plot.Axes.SetLimitsX(low - margin, high + margin);
        string how = grid ? "points: trials, line: their mean at each rate" : "one point per trial";
        return new ReportFigure("rates-" + Slug(rate.Name),
            $"Metrics across the {Spaced(rate.Name).ToLowerInvariant()}: {how}; hollow: stopped early. Trials in " +
            $"which the rate takes no part are left out.", plot, ReportFigure.HalfWidth, 340);
    }

    /// <summary>The best trial for each pair of rates.</summary>
    private static ReportFigure Grid(SweepStudy study, ParameterAxis across, ParameterAxis up)
    {
        Plot plot = FigureStyle.NewPlot(Spaced(across.Name), Spaced(up.Name));
        plot.HideGrid();
        var best = new Dictionary<(int X, int Y), double>();
        foreach (SweepTrial trial in study.Trials.Where(
            t => t.Value is not null && across.IndexOf(t) >= 0 && up.IndexOf(t) >= 0))
        {
            (int, int) key = (across.IndexOf(trial), up.IndexOf(trial));
            double value = trial.Value!.Value;
            best[key] = !best.TryGetValue(key, out double other) ? value : study.Metric.LowerIsBetter
                ? Math.Min(value, other) : Math.Max(value, other);
        }
        double low = best.Values.DefaultIfEmpty(0).Min(), high = best.Values.DefaultIfEmpty(0).Max();
        foreach (((int x, int y), double value) in best)
        {
            double share = high == low ? 0.5 : (value - low) / (high - low);
            share = study.Metric.LowerIsBetter ? 1 - share : share;
            Rectangle cell = plot.Add.Rectangle(x - 0.48, x + 0.48, y - 0.48, y + 0.48);
            cell.FillColor = FigurePalette.Cell.WithAlpha(0.08 + (0.85 * share));
            cell.LineWidth = 0;
            ScottPlot.Plottables.Text text = plot.Add.Text(MetricText.Number(value, 3), x, y);
            text.Alignment = Alignment.MiddleCenter;
            text.LabelFontSize = 13;
            text.LabelFontColor = share > 0.5 ? FigurePalette.OnCell : FigureStyle.Ink;
        }
        plot.Axes.Bottom.SetTicks(
            [.. across.Values.Select((_, i) => (double)i)], [.. across.Values.Select(MetricText.Value)]);
        plot.Axes.Left.SetTicks(
            [.. up.Values.Select((_, i) => (double)i)], [.. up.Values.Select(MetricText.Value)]);
        plot.Axes.SetLimits(-0.55, across.Values.Count - 0.45, -0.55, up.Values.Count - 0.45);
        return new ReportFigure(
            "rates-grid", $"{study.Metric.DisplayName} of the best trial with each pair of rates.",
            plot, ReportFigure.HalfWidth, 340);
    }

    /// <summary>HeadLearningRate is "Head learning rate".</summary>
    private static string Spaced(string name) =>
        string.Concat(name.Select((c, i) => i > 0 && char.IsUpper(c) ? " " + char.ToLowerInvariant(c) : c.ToString()));

    private static string Slug(string name) =>
        Spaced(name[..^"LearningRate".Length]).ToLowerInvariant().Replace(' ', '-')
        .Replace(".", "", StringComparison.Ordinal);
}
