using ScottPlot;
using ScottPlot.Plottables;
using SpeechML.Sweeps.Analysis;

namespace SpeechML.Reports.Figures;

/// <summary>How a study went and what its trials came to.</summary>
internal static class StudyFigures
{
    private const int Named = 5; // learning curves with a colour of their own
    private const int Shown = 12; // trials among the best

    public static IReadOnlyList<ReportFigure> Of(SweepStudy study) =>
        [.. study.Trials.Any(t => t.Value is not null)
            ? (IEnumerable<ReportFigure>)[History(study), Best(study), .. ParameterFigures.Of(study),
            .. study.Trials.Any(t => TrialFigures.Curve(t, study.Metric).Length > 0) ? [Curves(study)]
                : (IEnumerable<ReportFigure>)[],
            .. RateFigures.Of(study)] : []];

    /// <summary>Trials in the order in which they were begun.</summary>
    private static ReportFigure History(SweepStudy study)
    {
        Plot plot = FigureStyle.NewPlot("Trial", study.Metric.DisplayName);
        AddPoints(plot, study, t => t.Number, t => t.Value);
        double[] x = [.. study.Trials.Select(t => (double)t.Number)], best = new double[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            double[] so = [.. study.Trials.Take(i + 1)
                .Where(t => t.State == SweepTrialState.Finished && t.Value is not null).Select(t => t.Value!.Value)];
            best[i] = so.Length == 0 ? double.NaN : study.Metric.LowerIsBetter ? so.Min() : so.Max();
        }
        int first = Array.FindIndex(best, b => !double.IsNaN(b));
        if (first >= 0)
        {
            FigureStyle.AddLine(plot, x[first..], best[first..], FigureStyle.Second, "best so far");
        }
        FigureStyle.WholeTicks(plot);
        plot.Axes.AutoScale();
        plot.Axes.SetLimitsX(0.5, x.Length + 0.5);
        return new ReportFigure(
            "history", "What each trial came to; those that were stopped, by then.", plot, ReportFigure.HalfWidth, 340);
    }

    /// <summary>The best trials, with intervals where each has several runs.</summary>
    private static ReportFigure Best(SweepStudy study)
    {
        SweepTrial[] trials = [.. (
            study.Ranked.Count > 0 ? study.Ranked : [.. study.Trials.Where(t => t.Value is not null)]).Take(Shown)];
        Plot plot = FigureStyle.NewPlot(study.Metric.DisplayName, "");
        bool intervals = false;
        for (int i = 0; i < trials.Length; i++)
        {
            double y = trials.Length - 1 - i;
            if (TrialInterval.Of(trials[i], study.Folds) is { } interval)
            {
                intervals = true;
                LinePlot line = plot.Add.Line(interval.Low, y, interval.High, y);
                line.Color = FigureStyle.Ink;
                line.LineWidth = 2;
            }
            double[] runs = [.. trials[i].Runs.Where(r => r.Value is not null).Select(r => r.Value!.Value)];
            if (runs.Length > 1)
            {
                Scatter each = plot.Add.ScatterPoints(
                        runs, Enumerable.Repeat(y, runs.Length).ToArray(), FigureStyle.Faint);
                each.MarkerSize = 6;
            }
            Scatter mean = plot.Add.ScatterPoints(
                new[] { trials[i].Value!.Value }, new[] { y }, i == 0 ? FigureStyle.Second : FigureStyle.Main);
            mean.MarkerSize = 11;
        }
        plot.Axes.Left.SetTicks([.. trials.Select((_, i) => (double)(trials.Length - 1 - i))],
            [.. trials.Select(t => FormattableString.Invariant($"trial {t.Number}"))]);
        plot.Axes.AutoScale();
        plot.Axes.SetLimitsY(-0.7, trials.Length - 0.3);
        string how = intervals ? "mean over their runs with its 95 % interval; grey: the runs"
            : "one run each, so no intervals (SetSeedsPerTrial, or folds)";
        return new ReportFigure(
            "best", $"The best trials: {how}.", plot, ReportFigure.HalfWidth,
            Math.Max(200, 90 + (28 * trials.Length)), rows: true);
    }

    /// <summary>The metric epoch by epoch.</summary>
    private static ReportFigure Curves(SweepStudy study)
    {
        Plot plot = FigureStyle.NewPlot("Epoch", study.Metric.DisplayName);
        SweepTrial[] named = [.. study.Ranked.Take(Named)];
        int most = 1;
        foreach (SweepTrial trial in study.Trials.Except(named).Concat(named.Reverse()))
        {
            double[] values = TrialFigures.Curve(trial, study.Metric);
            if (values.Length == 0)
            {
                continue;
            }
            most = Math.Max(most, values.Length);
            double[] epochs = [.. Enumerable.Range(1, values.Length).Select(e => (double)e)];
            int rank = Array.IndexOf(named, trial);
            if (rank >= 0)
            {
                FigureStyle.AddLine(plot, epochs, values, FigureStyle.Of(rank),
                    FormattableString.Invariant($"trial {trial.Number}"),
                    most <= 15);
                int best = Array.IndexOf(values, study.Metric.LowerIsBetter ? values.Min() : values.Max());
                plot.Add.Marker(epochs[best], values[best], MarkerShape.FilledDiamond, 11, FigureStyle.Of(rank));
                continue;
            }
            Scatter line = plot.Add.Scatter(
                epochs, values, FigureStyle.Faint.WithAlpha(trial.State == SweepTrialState.Finished ? 0.8 : 0.45));
            line.LineWidth = 1.2f;
            line.MarkerSize = values.Length == 1 ? 4 : 0;
        }
        FigureStyle.WholeTicks(plot);
        plot.Axes.AutoScale();
        plot.Axes.SetLimitsX(0.7, most + 0.3);
        return new ReportFigure(
            "curves",
            "Learning curves on the validation data (mean over the runs): the best trials in colour with a " +
            "diamond at their best epoch, the others grey, pale where they did not finish.", plot,
            ReportFigure.FullWidth, 380);
    }

    /// <summary>One point per trial: filled where it finished, hollow where not.</summary>
    public static void AddPoints(
        Plot plot, SweepStudy study, Func<SweepTrial, double> x, Func<SweepTrial, double?> y, Color? color = null,
        string name = "")
    {
        foreach (bool finished in (bool[])[true, false])
        {
            SweepTrial[] trials = [.. study.Trials.Where(
                t => t.State == SweepTrialState.Finished == finished && y(t) is not null && double.IsFinite(x(t)))];
            if (trials.Length > 0)
            {
                Scatter points = plot.Add.ScatterPoints(trials.Select(x).ToArray(),
                    trials.Select(t => y(t)!.Value).ToArray(), color ?? FigureStyle.Main);
                points.MarkerSize = 8;
                points.MarkerShape = finished ? MarkerShape.FilledCircle : MarkerShape.OpenCircle;
                points.LegendText = name.Length > 0 ? (finished ? name : "") : finished ? "finished" : "stopped";
            }
        }
    }
}
