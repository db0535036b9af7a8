using ScottPlot;

namespace SpeechML.Reports.Figures;

/// <summary>How training went, epoch by epoch.</summary>
internal static class TrainingFigures
{
    public static IEnumerable<ReportFigure> Of(IReadOnlyList<RunEpoch> epochs)
    {
        if (epochs.Count == 0)
        {
            yield break;
        }
        double[] x = [.. epochs.Select(e => (double)e.Epoch)];
        bool few = x.Length <= 15;
        Plot loss = FigureStyle.NewPlot("Epoch", "Loss");
        FigureStyle.AddLine(loss, x, [.. epochs.Select(e => e.Loss)], FigureStyle.Main, "training", few);
        RunEpoch[] evaluated = [.. epochs.Where(e => e.Validation is not null)];
        if (evaluated.Length > 0)
        {
            FigureStyle.AddLine(loss, [.. evaluated.Select(e => (double)e.Epoch)],
                [.. evaluated.Select(e => e.Validation!.Loss)],
                FigureStyle.Second, "validation", few);
        }
        MarkBest(loss, epochs);
        Finish(loss, x);
        FromZero(loss, epochs.SelectMany(e => (double[])[e.Loss, e.Validation?.Loss ?? 0]).Max());
        yield return new ReportFigure("loss", "Mean loss of each epoch.", loss, ReportFigure.HalfWidth, 320);

        Plot rates = FigureStyle.NewPlot("Epoch", "Learning rate");
        FigureStyle.AddLine(rates, x, [.. epochs.Select(e => e.HeadLearningRate)], FigureStyle.Main, "head", few);
        if (epochs.Any(e => e.EncoderLearningRate > 0))
        {
            FigureStyle.AddLine(rates, x, [.. epochs.Select(e => e.EncoderLearningRate)], FigureStyle.Second, "encoder",
                few);
        }
        Finish(rates, x);
        FromZero(rates, epochs.Max(e => Math.Max(e.HeadLearningRate, e.EncoderLearningRate)));
        rates.Axes.Left.TickGenerator =
            new ScottPlot.TickGenerators.NumericAutomatic
            {
                LabelFormatter =
            v => v.ToString("0.##e-0", System.Globalization.CultureInfo.InvariantCulture)
            };
        yield return new ReportFigure("rates", "Learning rates at the end of each epoch.", rates,
            ReportFigure.HalfWidth, 320);

        Plot validation = FigureStyle.NewPlot("Epoch", "Validation metric");
        int lines = 0;
        foreach (SpeechMetric metric in SpeechMetrics.All.Where(
            m => !m.LowerIsBetter && evaluated.Any(e => e.Validation![m].Value is not null)).Take(FigureStyle.Series))
        {
            RunEpoch[] known = [.. evaluated.Where(e => e.Validation![metric].Value is not null)];
            FigureStyle.AddLine(validation, [.. known.Select(e => (double)e.Epoch)],
                [.. known.Select(e => e.Validation![metric].Value!.Value)], FigureStyle.Of(lines++), metric.DisplayName,
                few);
        }
        if (lines > 0)
        {
            MarkBest(validation, epochs);
            Finish(validation, x);
            FigureStyle.MetricLimits(validation, evaluated.SelectMany(e => e.Validation!.Values
                .Where(v => SpeechMetrics.Find(v.Key) is { LowerIsBetter: false } && v.Value.Value is not null)
                .Select(v => v.Value.Value!.Value)));
            yield return new ReportFigure(
                "validation", "Metrics of the validation data after each epoch.", validation, ReportFigure.HalfWidth,
                320);
        }

        Plot norms = FigureStyle.NewPlot("Epoch", "Gradient norm");
        FigureStyle.AddLine(norms, x, [.. epochs.Select(e => e.GradientNorm)], FigureStyle.Main, "mean", few);
        FigureStyle.AddLine(norms, x, [.. epochs.Select(e => e.LargestGradientNorm)], FigureStyle.Faint, "largest",
            few);
        Finish(norms, x);
        FromZero(norms, epochs.Max(e => e.LargestGradientNorm));
        yield return new ReportFigure(
            "gradients", "Norm of the gradient before clipping, over the steps of each epoch.", norms,
            ReportFigure.HalfWidth, 320);
    }

    /// <summary>The epoch whose weights the model has, where validation data chose it.</summary>
    private static void MarkBest(Plot plot, IReadOnlyList<RunEpoch> epochs)
    {
        if (epochs[^1].BestEpoch is { } best)
        {
            ScottPlot.Plottables.VerticalLine line = plot.Add.VerticalLine(best);
            line.Color = FigureStyle.Faint;
            line.LegendText = FormattableString.Invariant($"best epoch ({best})");
        }
    }

    private static void FromZero(Plot plot, double greatest)
    {
        if (double.IsFinite(greatest) && greatest > 0)
        {
            plot.Axes.SetLimitsY(0, 1.06 * greatest);
        }
    }

    private static void Finish(Plot plot, double[] epochs)
    {
        FigureStyle.WholeTicks(plot);
        plot.Axes.AutoScale();
        plot.Axes.SetLimitsX(epochs[0] - 0.5, epochs[^1] + 0.5);
    }
}
