using ScottPlot;
using ScottPlot.Plottables;
using SpeechML.Sweeps.Space;

namespace SpeechML.Reports.Figures;

/// <summary>What the parameters do: which matter, and which values go together with good trials.</summary>
internal static class ParameterFigures
{
    private const double NoPart = -0.14; // where a parameter that takes no part is drawn; values are from 0 to 1
    private const int MaxTicks = 6;
    private const double LabelHeight = 0.06; // of the axis
    private const int FewTrials = 30; // below it a forest says little about a space

    public static IEnumerable<ReportFigure> Of(SweepStudy study)
    {
        IReadOnlyList<ParameterAxis> axes = ParameterAxis.Of(study.Trials);
        IReadOnlyDictionary<string, SweepImportance> importance = study.ImportanceSpread();
        if (importance.Count > 0)
        {
            yield return Importance(importance, study.Trials.Count(t => t.Value is not null));
        }
        if (axes.Count > 0)
        {
            yield return Parallel(study, axes);
        }
    }

    private static ReportFigure Importance(IReadOnlyDictionary<string, SweepImportance> importance, int trials)
    {
        const double AboveBar = 0.44;
        Plot plot = FigureStyle.NewPlot("Share of the variance", "");
        (string Name, double Share, Color Color, SweepImportance? Spread)[] bars =
            [.. importance.Select(i => (FigureStyle.Words(i.Key), i.Value.Share, FigureStyle.Main.WithAlpha(0.75),
                (SweepImportance?)i.Value)),
                ("together", Math.Max(0, 1 - importance.Values.Sum(i => i.Share)), FigureStyle.Faint, null)];
        for (int i = 0; i < bars.Length; i++)
        {
            double y = bars.Length - 1 - i, end = bars[i].Share;
            Text(bars[i].Name, 0, y + AboveBar);
            plot.Add.Bars(new[] { new Bar { Position = y, Value = bars[i].Share, Orientation = Orientation.Horizontal,
                Size = 0.4, FillColor = bars[i].Color, LineWidth = 0 } });
            if (bars[i].Spread is { } spread)
            {
                LinePlot line = plot.Add.Line(spread.Low, y, spread.High, y);
                line.Color = FigureStyle.Ink;
                line.LineWidth = 2;
                end = Math.Max(end, spread.High);
            }
            Text(ShareText(bars[i].Share, bars[i].Spread), end + 0.015, y);
        }
        plot.Axes.Bottom.SetTicks([0, 0.25, 0.5, 0.75, 1], ["0", "0.25", "0.5", "0.75", "1"]);
        plot.Axes.Left.SetTicks([], []);
        plot.Axes.SetLimits(0, 1.4, -0.4, bars.Length - 0.3);
        string few = trials < FewTrials ? FormattableString.Invariant(
            $"From {trials} trials, which are few: an order of parameters that the lines do not tell apart is chance. ")
            : "";
        return new ReportFigure(
            "importance",
            $"{few}How much of the differences each parameter explains by itself over the whole space (functional " +
            "ANOVA, Hutter et al. 2014), with the range from the 10th to the 90th percentile of the trees; " +
            "\"together\": only by several at once.", plot, ReportFigure.HalfWidth, 70 + (52 * bars.Length),
            rows: true);

        void Text(string content, double x, double y)
        {
            ScottPlot.Plottables.Text text = plot.Add.Text(content, x, y);
            text.Alignment = Alignment.MiddleLeft;
            text.LabelFontSize = 12;
            text.LabelFontColor = FigureStyle.Ink;
        }
    }

    /// <summary>With as many digits as the spread leaves; <c>0.6 (0.2 to 0.9)</c>.</summary>
    internal static string ShareText(double share, SweepImportance? spread)
    {
        int decimals = spread is { } s && s.High - s.Low < 0.1 ? 2 : 1;
        return spread is null ? MetricText.Number(share, 1)
            : $"{MetricText.Number(share, decimals)} ({MetricText.Number(spread.Low, decimals)} to " +
                $"{MetricText.Number(spread.High, decimals)})";
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
            bool best = study.Ranked.Count > 0 && trial == study.Ranked[0];
            Scatter line = plot.Add.Scatter(
                Enumerable.Range(0, y.Length).Select(i => (double)i).ToArray(), y,
                best ? FigureStyle.Second : trial.State == SweepTrialState.Finished
                    ? FigureStyle.Main.WithAlpha(0.25 + (0.7 * Goodness(trial))) : FigureStyle.Faint.WithAlpha(0.7));
            line.LineWidth = best ? 4 : 1.6f;
            line.MarkerSize = 4;
        }
        for (int a = 0; a < axes.Count; a++)
        {
            ParameterAxis axis = axes[a];
            int ticks = axis.IsNumber ? Math.Min(MaxTicks, axis.Values.Count) : axis.Values.Count;
            foreach (int i in Enumerable.Range(0, ticks)
                .Select(t => ticks == 1 ? 0 : (int)Math.Round(t * (axis.Values.Count - 1.0) / (ticks - 1))).Distinct()
                .Where((i, t) => t == 0 || axis.Places[i] - axis.Places[0] >= LabelHeight))
            {
                if (i < axis.Values.Count - 1 && axis.IsNumber && axis.Places[^1] - axis.Places[i] < LabelHeight)
                {
                    continue; // the end of the axis is named instead
                }
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
            [.. axes.Select(x => FigureStyle.Short(FigureStyle.Words(x.Name), 24)), study.Metric.DisplayName]);
        plot.Axes.SetLimits(-0.25, axes.Count + 0.45, someTakeNoPart ? NoPart - 0.06 : -0.06, 1.1);
        return new ReportFigure(
            "parallel", "One line per trial, strong where it is good; thick: the best; grey: stopped early." +
            (axes.Any(x => x.IsLog) ? " Numbers over more than an order of magnitude are on a log scale." : ""), plot,
            ReportFigure.FullWidth, 440, scrolls: true);
    }

    private static void Label(Plot plot, double x, double y, string text)
    {
        ScottPlot.Plottables.Text label = plot.Add.Text(text, x + 0.02, y);
        label.Alignment = Alignment.LowerLeft; // above the marker that lines go through
        label.LabelFontSize = 12;
        label.LabelFontColor = FigureStyle.Ink;
        label.LabelBackgroundColor = Colors.White.WithAlpha(0.85);
    }
}
