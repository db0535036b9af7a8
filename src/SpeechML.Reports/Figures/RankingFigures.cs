using ScottPlot;
using SpeechML.Data.Evaluation.Metrics;

namespace SpeechML.Reports.Figures;

/// <summary>ROC, precision and recall, reliability of one part.</summary>
internal static class RankingFigures
{
    // More bands than this hide each other.
    private const int MaxBands = 3;

    /// <summary>Draws them.</summary>
    /// <param name="slug">Begins the figures' names.</param>
    /// <param name="evaluation">The part.</param>
    /// <param name="predictions">Of its labels, classes or thresholds.</param>
    public static IEnumerable<ReportFigure> Of(
        string slug, RunEvaluation evaluation, IReadOnlyList<RunPrediction> predictions)
    {
        RunLabelEvaluation[] labels = [.. evaluation.Labels];
        Plot roc = FigureStyle.NewUnitPlot("False positive rate", "True positive rate", diagonal: true);
        Plot recall = FigureStyle.NewUnitPlot("Recall", "Precision", diagonal: false);
        int rocs = 0, recalls = 0, bands = 0;
        List<string> without = []; // resamples without a curve
        for (int j = 0; j < labels.Length; j++)
        {
            RunPrediction[] rows = [.. predictions.Where(
                p => p.Label == labels[j].Label && p.Target is not null && p.Probability is not null)];
            bool[] positive = [.. rows.Select(p => p.Target == 1)];
            double[] scores = [.. rows.Select(p => p.Probability!.Value)];
            Color color = labels.Length <= FigureStyle.Series ? FigureStyle.Of(j) : FigureStyle.Main.WithAlpha(0.35);
            (CurveBand Roc, CurveBand Recall)? band = labels.Length <= MaxBands
                ? CurveBand.Of([.. rows.Select(p => p.Subject)], positive, scores, seed: j) : null;
            bands += band is null ? 0 : 1;
            if (band is { Roc.Undefined: > 0 and var undefined })
            {
                without.Add($"{labels[j].Label} {undefined} of {CurveBand.Resamples}");
            }
            if (Ranking.Roc(positive, scores) is { } curve)
            {
                AddBand(roc, band?.Roc, color);
                FigureStyle.AddLine(roc, curve.Fpr, curve.Tpr, color, Legend(labels, j, "rocAuc"));
                rocs++;
            }
            if (Ranking.PrecisionRecall(positive, scores) is { } points)
            {
                AddBand(recall, band?.Recall, color);
                Stairs(recall, points, color, Legend(labels, j, "averagePrecision"));
                recalls++;
            }
        }
        string of = MetricText.EachOf(evaluation.Task),
            left = without.Count > 0 ? $" (without a curve: {string.Join("; ", without)})" : "",
            shaded = bands > 0 ? $" Shaded: where 95 % of the curves of resampled subjects lie{left}." : "";
        if (rocs > 0)
        {
            yield return new ReportFigure(
                slug + "-roc", $"ROC curves of {of}, with the area under them and its 95 % interval.{shaded}" +
                MetricText.LeftOut(labels, "rocAuc"), roc, ReportFigure.HalfWidth, 460);
        }
        if (recalls > 0)
        {
            yield return new ReportFigure(
                slug + "-pr",
                $"Precision and recall of {of}, with the average precision and its 95 % interval.{shaded}" +
                MetricText.LeftOut(labels, "averagePrecision"), recall, ReportFigure.HalfWidth, 460);
        }
        if (Reliability(slug, evaluation, predictions) is { } reliability)
        {
            yield return reliability;
        }
    }

    private static ReportFigure? Reliability(
        string slug, RunEvaluation evaluation, IReadOnlyList<RunPrediction> predictions)
    {
        RunPrediction[] rated = [.. predictions.Where(p => p.Target is not null && p.Probability is not null)];
        if (rated.Length == 0)
        {
            return null;
        }
        bool classes = evaluation.Task == SpeechTask.Multiclass;
        if (classes)
        {
            rated = [.. rated.Chunk(evaluation.Labels.Count).Select(clip => clip.MaxBy(p => p.Probability!.Value)!)];
        }
        ReliabilityBin[] bins =
            [.. ReliabilityBin.Curve(
            [.. rated.Select(p => p.Target == 1)], [.. rated.Select(p => Math.Clamp(p.Probability!.Value, 0, 1))])
            .Where(b => b.Count > 0)];
        Plot plot = FigureStyle.NewUnitPlot(
            classes ? "Probability of the likeliest class" : "Probability",
            classes ? "Share that is right" : "Share of positives", diagonal: true);
        ScottPlot.Plottables.BarPlot shares = plot.Add.Bars(
            bins.Select(b => new Bar
            {
                Position = (b.Low + b.High) / 2,
                Value = (double)b.Count / rated.Length,
                Size = 0.9 * (b.High - b.Low),
                FillColor = FigureStyle.Main.WithAlpha(0.13),
                LineWidth = 0
            }).ToArray());
        shares.LegendText = "share of the predictions";
        FigureStyle.AddLine(plot, [.. bins.Select(b => b.MeanProbability.Value!.Value)],
            [.. bins.Select(b => b.PositiveShare.Value!.Value)], FigureStyle.Main, "observed", markers: true);
        plot.Axes.SetLimits(-0.02, 1.02, 0, 1.03);
        string what = classes ? "the likeliest class of each clip" : evaluation.Labels.Count == 1 ? "the label"
            : evaluation.Task == SpeechTask.Ordinal ? "all thresholds together" : "all labels together";
        return new ReportFigure(
            slug + "-reliability", $"Reliability of {what}: on the grey line a probability means what it says.", plot,
            ReportFigure.HalfWidth, 460);
    }

    /// <summary>Precision holds from one recall to the next: steps, not slopes.</summary>
    private static void Stairs(Plot plot, PrecisionRecallCurve curve, Color color, string name)
    {
        // The curve falls in recall; drawn from recall 0.
        ScottPlot.Plottables.Scatter line =
            plot.Add.Scatter(curve.Recall.Reverse().ToArray(), curve.Precision.Reverse().ToArray(), color);
        line.ConnectStyle = ConnectStyle.StepVertical;
        line.LineWidth = 2;
        line.MarkerSize = 0;
        line.LegendText = name;
    }

    private static string Legend(RunLabelEvaluation[] labels, int j, string figure) =>
        labels.Length <= FigureStyle.Series && labels[j].Figures.GetValueOrDefault(figure) is { } value
        ? $"{labels[j].Label}  {MetricText.Number(value.Value, 2)}" +
            $"{(MetricText.Ends(value, 2) is { Length: > 0 } ends
                ? $" ({ends}{MetricText.Undefined(value, "; ")})" : "")}"
        : "";

    private static void AddBand(Plot plot, CurveBand? band, Color color)
    {
        if (band is not null)
        {
            ScottPlot.Plottables.FillY fill = plot.Add.FillY(band.X, band.Low, band.High);
            fill.FillColor = color.WithAlpha(0.13);
            fill.LineWidth = 0;
            fill.MarkerSize = 0;
        }
    }
}
