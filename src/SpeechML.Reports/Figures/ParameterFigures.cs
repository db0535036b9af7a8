using ScottPlot;
using ScottPlot.Plottables;
using SpeechML.Sweeps.Space;

namespace SpeechML.Reports.Figures;

/// <summary>What the parameters do: which matter, and which values go together with good trials.</summary>
internal static class ParameterFigures
{
    private const double NoPart = -0.14; // where a parameter that takes no part is drawn; values are from 0 to 1
    private const int MaxTicks = 6;
    private static readonly ScottPlot.Colormaps.Viridis s_colors = new();

    public static IEnumerable<ReportFigure> Of(SweepStudy study)
    {
        IReadOnlyList<ParameterAxis> axes = ParameterAxis.Of(study.Trials);
        IReadOnlyDictionary<string, double> importance = study.Importance();
        if (importance.Count > 0)
        {
            yield return Importance(importance);
        }
        if (axes.Count > 0)
        {
            yield return Parallel(study, axes);
        }
    }

    private static ReportFigure Importance(IReadOnlyDictionary<string, double> importance)
    {
        Plot plot = FigureStyle.NewPlot("Share of the variance", "");
        (string Name, double Share, Color Color)[] bars =
            [.. importance.Select(i => (i.Key, i.Value, FigureStyle.Main.WithAlpha(0.75))),
                ("together", Math.Max(0, 1 - importance.Values.Sum()), FigureStyle.Faint)];
        for (int i = 0; i < bars.Length; i++)
        {
            double y = bars.Length - 1 - i;
            plot.Add.Bars(new[] { new Bar { Position = y, Value = bars[i].Share, Orientation = Orientation.Horizontal,
                Size = 0.55, FillColor = bars[i].Color, LineWidth = 0 } });
            ScottPlot.Plottables.Text text =
                plot.Add.Text(MetricText.Number(bars[i].Share, 2), bars[i].Share + 0.01, y);
            text.Alignment = Alignment.MiddleLeft;
            text.LabelFontSize = 12;
            text.LabelFontColor = FigureStyle.Ink;
        }
        plot.Axes.Left.SetTicks([.. bars.Select((_, i) => (double)(bars.Length - 1 - i))],
            [.. bars.Select(b => FigureStyle.Short(b.Name, 34))]);
        plot.Axes.SetLimits(0, Math.Min(1.12, (1.2 * bars.Max(b => b.Share)) + 0.08), -0.7, bars.Length - 0.3);
        return new ReportFigure(
            "importance",
            "How much of the differences each parameter explains by itself over the whole space (functional ANOVA, " +
            "Hutter et al. 2014); \"together\": only by several at once.", plot, 1100,
            Math.Max(200, 90 + (26 * bars.Length)));
    }

    private static ReportFigure Parallel(SweepStudy study, IReadOnlyList<ParameterAxis> axes)
    {
        Plot plot = FigureStyle.NewPlot("", "");
        plot.HideGrid();
        SweepTrial[] trials = [.. study.Trials.Where(t => t.Value is not null)];
        (double low, double high) = (trials.Min(t => t.Value!.Value), trials.Max(t => t.Value!.Value));
        double Place(SweepTrial trial) => high == low ? 0.5 : (trial.Value!.Value - low) / (high - low);
        double Goodness(SweepTrial trial) => study.Metric.LowerIsBetter ? 1 - Place(trial) : Place(trial);
        bool someTakeNoPart = false;
        for (int a = 0; a <= axes.Count; a++)
        {
            LinePlot axis = plot.Add.Line(a, 0, a, 1);
            axis.Color = FigureStyle.Faint;
        }
        foreach (SweepTrial trial in trials.OrderBy(Goodness))
        {
            int[] at = [.. axes.Select(axis => axis.IndexOf(trial))];
            someTakeNoPart |= Array.Exists(at, i => i < 0);
            double[] y = [.. axes.Zip(at, (axis, i) => i < 0 ? NoPart : axis.Places[i]), Place(trial)];
            // The colours end before the palest, which is hardly seen on white.
            Scatter line = plot.Add.Scatter(
                Enumerable.Range(0, y.Length).Select(i => (double)i).ToArray(), y,
                s_colors.GetColor(0.85 * (1 - Goodness(trial)))
                .WithAlpha(trial.State == SweepTrialState.Finished ? 0.95 : 0.4));
            line.LineWidth = study.Ranked.Count > 0 && trial == study.Ranked[0] ? 4 : 1.6f;
            line.MarkerSize = 4;
        }
        for (int a = 0; a < axes.Count; a++)
        {
            ParameterAxis axis = axes[a];
            int ticks = axis.IsNumber ? Math.Min(MaxTicks, axis.Values.Count) : axis.Values.Count;
            foreach (int i in Enumerable.Range(0, ticks)
                .Select(t => ticks == 1 ? 0 : (int)Math.Round(t * (axis.Values.Count - 1.0) / (ticks - 1))).Distinct())
            {
                Label(plot, a, axis.Places[i], MetricText.Value(axis.Values[i]));
            }
        }
        foreach (double tick in (double[])[0, 0.5, 1])
        {
            Label(plot, axes.Count, tick, MetricText.Number(low + (tick * (high - low)), 3));
        }
        if (someTakeNoPart)
        {
            Label(plot, 0, NoPart, "takes no part");
        }
        plot.Axes.Left.IsVisible = false;
        plot.Axes.Bottom.FrameLineStyle.IsVisible = false;
        plot.Axes.Bottom.MajorTickStyle.Length = 0;
        plot.Axes.Bottom.SetTicks(
            [.. Enumerable.Range(0, axes.Count + 1).Select(i => (double)i)],
            [.. axes.Select(x => FigureStyle.Short(x.Name, 24)), study.Metric.DisplayName]);
        plot.Axes.SetLimits(-0.25, axes.Count + 0.45, someTakeNoPart ? NoPart - 0.06 : -0.06, 1.06);
        return new ReportFigure(
            "parallel", "One line per trial, dark where it is good; thick: the best; pale: stopped early." +
            (axes.Any(x => x.IsLog) ? " Numbers over more than an order of magnitude are on a log scale." : ""), plot,
            1100, 440);
    }

    private static void Label(Plot plot, double x, double y, string text)
    {
        ScottPlot.Plottables.Text label = plot.Add.Text(text, x + 0.02, y);
        label.Alignment = Alignment.MiddleLeft;
        label.LabelFontSize = 11;
        label.LabelFontColor = FigureStyle.Ink;
        label.LabelBackgroundColor = Colors.White.WithAlpha(0.75);
    }
}
