using ScottPlot;
using ScottPlot.Plottables;

namespace SpeechML.Reports.Figures;

/// <summary>Confusion of classes, figures label by label, numbers against the truth.</summary>
internal static class EvaluationFigures
{
    public static IReadOnlyList<ReportFigure> Of(
        string slug, RunEvaluation evaluation, IReadOnlyList<RunPrediction> predictions)
    {
        var figures = new List<ReportFigure>();
        if (evaluation.Confusion.Count > 0)
        {
            figures.Add(Confusion(slug, evaluation));
        }
        foreach ((string figure, string name) in (
            ReadOnlySpan<(string, string)>)[(SpeechMetrics.RocAuc.Name, "labels"),
            (SpeechMetrics.BalancedAccuracy.Name, "labels-balanced")])
        {
            if (evaluation.Labels.Count > 1
                && evaluation.Labels.Any(l => l.Figures.GetValueOrDefault(figure)?.Value is not null))
            {
                figures.Add(LabelBars(slug + "-" + name, figure, evaluation));
            }
        }
        if (evaluation.Task == SpeechTask.Regression)
        {
            bool several = evaluation.Labels.Count > 1;
            foreach ((int j, IGrouping<string, RunPrediction> number) in predictions.GroupBy(p => p.Label).Index())
            {
                RunPrediction[] rated = [.. number.Where(p => p.Target is not null)];
                if (rated.Length > 0)
                {
                    string own = several ? FormattableString.Invariant($"{slug}-{j + 1}") : slug;
                    string name = several ? $"{number.Key}. " : "";
                    figures.Add(Numbers(own, name, rated));
                    figures.Add(Errors(own, name, rated));
                }
            }
        }
        return figures;
    }

    private static ReportFigure Confusion(string slug, RunEvaluation evaluation)
    {
        int n = evaluation.Confusion.Count;
        Plot plot = FigureStyle.NewPlot("Decision", "Truth");
        plot.HideGrid();
        string[] names = [.. evaluation.Classes.Select(c => FigureStyle.Short(c, 16))];
        for (int t = 0; t < n; t++)
        {
            double row = Math.Max(1, evaluation.Confusion[t].Sum());
            for (int d = 0; d < n; d++)
            {
                long count = evaluation.Confusion[t][d];
                double share = count / row, y = n - 1 - t;
                Rectangle cell = plot.Add.Rectangle(d - 0.48, d + 0.48, y - 0.48, y + 0.48);
                cell.FillColor = FigurePalette.Cell.WithAlpha(0.06 + (0.9 * share));
                cell.LineWidth = 0;
                if (n <= 20)
                {
                    ScottPlot.Plottables.Text text =
                        plot.Add.Text(count.ToString(System.Globalization.CultureInfo.InvariantCulture), d, y);
                    text.Alignment = Alignment.MiddleCenter;
                    text.LabelFontSize = 14;
                    text.LabelFontColor = share > 0.5 ? FigurePalette.OnCell : FigureStyle.Ink;
                }
            }
        }
        plot.Axes.Bottom.SetTicks([.. Enumerable.Range(0, n).Select(i => (double)i)], names);
        plot.Axes.Left.SetTicks([.. Enumerable.Range(0, n).Select(i => (double)(n - 1 - i))], names);
        if (n > 6)
        {
            plot.Axes.Bottom.TickLabelStyle.Rotation = -45;
            plot.Axes.Bottom.TickLabelStyle.Alignment = Alignment.MiddleRight;
            plot.Axes.Bottom.MinimumSize = 100;
        }
        plot.Axes.SetLimits(-0.55, n - 0.45, -0.55, n - 0.45);
        string kappa = evaluation.Figures.GetValueOrDefault(SpeechMetrics.KappaQuadratic.Name) is { } weighted
            ? $" Kappa weighted by squared distance: " +
                $"{MetricText.Figure(weighted)}" +
                $"{(MetricText.Ends(weighted, 3) is { Length: > 0 } ends
                    ? $" ({ends}{MetricText.Undefined(weighted, "; ")})" : "")}."
            : "";
        return new ReportFigure(
            slug + "-confusion", "Clips by class and decision; the colour is the share of the class." + kappa, plot,
            ReportFigure.HalfWidth, 460);
    }

    /// <summary>A bar for each label, its name above it, where the longest has room.</summary>
    private static ReportFigure LabelBars(string id, string name, RunEvaluation evaluation)
    {
        const double AboveBar = 0.44;
        RunLabelEvaluation[] labels = [.. evaluation.Labels];
        int n = labels.Length;
        bool unreliable = false;
        Plot plot = FigureStyle.NewPlot(MetricText.NameOf(name), "");
        for (int j = 0; j < n; j++)
        {
            double y = n - 1 - j;
            AddText(plot, labels[j].Label, 0, y + AboveBar).LabelBackgroundColor = Colors.White;
            if (labels[j].Figures.GetValueOrDefault(name) is not { Value: { } value } figure)
            {
                AddText(plot, "undefined", 0.01, y).LabelFontColor = FigureStyle.Faint;
                continue;
            }
            plot.Add.Bars(new[] { new Bar { Position = y, Value = value, Orientation = Orientation.Horizontal,
                Size = 0.4, FillColor = FigureStyle.Main.WithAlpha(0.75), LineWidth = 0 } });
            double end = value;
            if (figure.Interval is { Low.Value: { } low, High.Value: { } high })
            {
                bool doubtful = MetricText.IsUnreliable(figure);
                unreliable |= doubtful;
                LinePlot line = plot.Add.Line(low, y, high, y);
                line.Color = doubtful ? FigureStyle.Second : FigureStyle.Ink;
                line.LineWidth = 2;
                end = Math.Max(value, high);
            }
            AddText(plot, MetricText.Number(value, 2), end + 0.015, y);
        }
        VerticalLine chance = plot.Add.VerticalLine(0.5);
        chance.Color = FigureStyle.Faint;
        plot.Axes.Bottom.SetTicks([0, 0.25, 0.5, 0.75, 1], ["0", "0.25", "0.5", "0.75", "1"]);
        plot.Axes.Left.SetTicks([], []);
        plot.Axes.SetLimits(0, 1.14, -0.4, n - 0.3);
        string what =
            $"{MetricText.NameOf(name)} of {MetricText.EachOf(evaluation.Task)}, with its 95 % " +
            $"interval; grey line: chance." +
            (unreliable ? " Orange intervals: more than 2.5 % of the resamples have no value, so that an end may be " +
            "missing." : "") +
            MetricText.LeftOut(evaluation.Labels, name);
        return new ReportFigure(id, what, plot, ReportFigure.HalfWidth, 70 + (n * 52), rows: true);
    }

    private static ScottPlot.Plottables.Text AddText(Plot plot, string content, double x, double y)
    {
        ScottPlot.Plottables.Text text = plot.Add.Text(content, x, y);
        text.Alignment = Alignment.MiddleLeft;
        text.LabelFontSize = 12;
        text.LabelFontColor = FigureStyle.Ink;
        return text;
    }

    private static ReportFigure Numbers(string slug, string name, RunPrediction[] rated)
    {
        double[] truth = [.. rated.Select(p => p.Target!.Value)], said = [.. rated.Select(p => p.Prediction)];
        Plot plot = FigureStyle.NewPlot("Truth", "Prediction");
        double low = truth.Concat(said).Min(), high = truth.Concat(said).Max();
        LinePlot line = plot.Add.Line(low, low, high, high);
        line.Color = FigureStyle.Faint;
        Scatter points = plot.Add.ScatterPoints(truth, said, FigureStyle.Main.WithAlpha(0.6));
        points.MarkerSize = 8;
        return new ReportFigure(
            slug + "-scatter", name + "Prediction against truth; on the grey line they are equal.", plot,
            ReportFigure.HalfWidth, 460);
    }

    private static ReportFigure Errors(string slug, string name, RunPrediction[] rated)
    {
        double[] errors = [.. rated.Select(p => p.Prediction - p.Target!.Value)];
        // The root of the count: small test sets have no quartiles to go by.
        int bins = Math.Clamp((int)Math.Ceiling(Math.Sqrt(errors.Length)), 5, 40);
        double low = errors.Min(), width = Math.Max(1e-9, (errors.Max() - low) / bins);
        int[] counts = new int[bins];
        foreach (double error in errors)
        {
            counts[Math.Min(bins - 1, (int)((error - low) / width))]++;
        }
        Plot plot = FigureStyle.NewPlot("Prediction less truth", "Clips");
        plot.Add.Bars(counts.Select((n, b) =>
            new Bar
            {
                Position = low + ((b + 0.5) * width),
                Value = n,
                Size = 0.92 * width,
                FillColor = FigureStyle.Main.WithAlpha(0.6),
                LineWidth = 0
            }).ToArray());
        VerticalLine none = plot.Add.VerticalLine(0);
        none.Color = FigureStyle.Faint;
        VerticalLine mean = plot.Add.VerticalLine(errors.Average());
        mean.Color = FigureStyle.Second;
        mean.LegendText = $"mean {MetricText.Number(errors.Average(), 3)}";
        plot.Axes.AutoScale();
        plot.Axes.SetLimitsY(0, 1.05 * counts.Max());
        return new ReportFigure(
            slug + "-errors", name + "Errors: right of the grey line the model says too much.", plot,
            ReportFigure.HalfWidth, 460);
    }
}
