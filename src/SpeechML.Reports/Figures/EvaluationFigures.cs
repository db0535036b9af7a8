using ScottPlot;
using ScottPlot.Plottables;

namespace SpeechML.Reports.Figures;

/// <summary>Confusion of classes, figures label by label, numbers against the truth.</summary>
internal static class EvaluationFigures
{
    public static IEnumerable<ReportFigure> Of(string slug, RunEvaluation evaluation, IReadOnlyList<RunPrediction> predictions)
    {
        if (evaluation.Confusion.Count > 0)
        {
            yield return Confusion(slug, evaluation);
        }
        if (evaluation.Labels.Any(l => l.Figures.GetValueOrDefault("rocAuc")?.Value is not null))
        {
            yield return LabelBars(slug, evaluation);
        }
        if (evaluation.Task == SpeechRunTask.Regression && predictions.Any(p => p.Target is not null))
        {
            yield return Numbers(slug, predictions);
        }
    }

    private static ReportFigure Confusion(string slug, RunEvaluation evaluation)
    {
        int n = evaluation.Confusion.Count;
        Plot plot = Look.NewPlot("Decision", "Truth");
        plot.HideGrid();
        string[] names = [.. evaluation.Labels.Select(l => Look.Short(l.Label, 16))];
        for (int t = 0; t < n; t++)
        {
            double row = Math.Max(1, evaluation.Confusion[t].Sum());
            for (int d = 0; d < n; d++)
            {
                long count = evaluation.Confusion[t][d];
                double share = count / row, y = n - 1 - t;
                Rectangle cell = plot.Add.Rectangle(d - 0.48, d + 0.48, y - 0.48, y + 0.48);
                cell.FillColor = Look.Main.WithAlpha(0.05 + (0.9 * share));
                cell.LineWidth = 0;
                if (n <= 20)
                {
                    ScottPlot.Plottables.Text text = plot.Add.Text(count.ToString(System.Globalization.CultureInfo.InvariantCulture), d, y);
                    text.Alignment = Alignment.MiddleCenter;
                    text.LabelFontSize = 14;
                    text.LabelFontColor = share > 0.5 ? Colors.White : Look.Ink;
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
        return new ReportFigure(slug + "-confusion", "Clips by class and decision; the colour is the share of the class.", plot, 560, 460);
    }

    private static ReportFigure LabelBars(string slug, RunEvaluation evaluation)
    {
        RunLabelEvaluation[] labels = [.. evaluation.Labels];
        int n = labels.Length;
        Plot plot = Look.NewPlot("ROC AUC", "");
        for (int j = 0; j < n; j++)
        {
            double y = n - 1 - j;
            if (labels[j].Figures.GetValueOrDefault("rocAuc") is not { Value: { } auc } figure)
            {
                ScottPlot.Plottables.Text none = plot.Add.Text("undefined", 0.01, y);
                none.Alignment = Alignment.MiddleLeft;
                none.LabelFontColor = Look.Faint;
                continue;
            }
            plot.Add.Bars(new[] { new Bar { Position = y, Value = auc, Orientation = Orientation.Horizontal, Size = 0.5, FillColor = Look.Main.WithAlpha(0.75), LineWidth = 0 } });
            double end = auc;
            if (figure.Interval is { Low.Value: { } low, High.Value: { } high })
            {
                LinePlot line = plot.Add.Line(low, y, high, y);
                line.Color = Look.Ink;
                line.LineWidth = 2;
                end = Math.Max(auc, high);
            }
            ScottPlot.Plottables.Text text = plot.Add.Text(SpeechML.Reports.Text.Number(auc, 3), end + 0.015, y);
            text.Alignment = Alignment.MiddleLeft;
            text.LabelFontSize = 12;
            text.LabelFontColor = Look.Ink;
        }
        VerticalLine chance = plot.Add.VerticalLine(0.5);
        chance.Color = Look.Faint;
        plot.Axes.Bottom.SetTicks([0, 0.25, 0.5, 0.75, 1], ["0", "0.25", "0.5", "0.75", "1"]);
        plot.Axes.Left.SetTicks([.. Enumerable.Range(0, n).Select(i => (double)(n - 1 - i))], [.. labels.Select(l => Look.Short(l.Label, 34))]);
        plot.Axes.SetLimits(0, 1.25, Math.Min(-0.6, n - 5.4), n - 0.4);
        return new ReportFigure(slug + "-labels", "ROC AUC of each " + (evaluation.Task == SpeechRunTask.Multiclass ? "class against the others" : "label") + ", with its 95 % interval; grey line: chance.", plot, 560, Math.Max(460, 120 + (n * 34)));
    }

    private static ReportFigure Numbers(string slug, IReadOnlyList<RunPrediction> predictions)
    {
        RunPrediction[] rated = [.. predictions.Where(p => p.Target is not null)];
        double[] truth = [.. rated.Select(p => p.Target!.Value)], said = [.. rated.Select(p => p.Prediction)];
        Plot plot = Look.NewPlot("Truth", "Prediction");
        double low = truth.Concat(said).Min(), high = truth.Concat(said).Max();
        LinePlot line = plot.Add.Line(low, low, high, high);
        line.Color = Look.Faint;
        Scatter points = plot.Add.ScatterPoints(truth, said, Look.Main.WithAlpha(0.6));
        points.MarkerSize = 8;
        return new ReportFigure(slug + "-scatter", "Prediction against truth; on the grey line they are equal.", plot, 560, 460);
    }
}
