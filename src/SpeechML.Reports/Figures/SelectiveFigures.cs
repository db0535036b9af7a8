using ScottPlot;
using SpeechML.Data.Evaluation.Metrics.Definitions;

namespace SpeechML.Reports.Figures;

/// <summary>How accuracy rises when the clips that the model is unsure of are left to a person.</summary>
internal static class SelectiveFigures
{
    private const double Answered = 0.8; // share of clips that the caption tells the accuracy at

    /// <summary>Draws a curve for each label, or one for classes.</summary>
    /// <param name="slug">Begins the figure's name.</param>
    /// <param name="evaluation">The part.</param>
    /// <param name="predictions">Of its labels or classes, clip after clip.</param>
    public static IEnumerable<ReportFigure> Of(
        string slug, RunEvaluation evaluation, IReadOnlyList<RunPrediction> predictions)
    {
        (string Name, RunPrediction[] Decisions, RunFigure? Area)[] series = [.. Series(evaluation, predictions)];
        if (series.Length == 0)
        {
            yield break;
        }
        Plot plot = FigureStyle.NewPlot("Share of the clips answered", "Accuracy of the answers");
        var at = new List<double>();
        for (int j = 0; j < series.Length; j++)
        {
            bool[] right = Array.ConvertAll(series[j].Decisions, p => p.Target == p.Prediction);
            // Of a class what was decided is the class itself; of a label it may be "no".
            double[] confidence = Array.ConvertAll(
                series[j].Decisions, p => SelectiveMetrics.Confidence([p.Probability!.Value], (int)p.Prediction));
            RiskCoverageCurve curve = RiskCoverageCurve.Of(right, confidence);
            at.Add(1 - curve.Risk[Array.FindIndex(curve.Coverage, c => c >= Answered)]);
            Color color = series.Length <= FigureStyle.Series ? FigureStyle.Of(j) : FigureStyle.Main.WithAlpha(0.35);
            FigureStyle.AddLine(plot, curve.Coverage, [.. curve.Risk.Select(r => 1 - r)], color,
                series.Length <= FigureStyle.Series ? Legend(series[j].Name, series[j].Area) : "",
                markers: curve.Coverage.Length < 12);
        }
        plot.Axes.SetLimits(-0.02, 1.02, 0, 1.03);
        yield return new ReportFigure(slug + "-selective",
            "Accuracy when only the clips that the model is surest of are answered, and the others are left to a " +
            $"person. With {MetricText.Number(100 * Answered, 0)} % answered: " +
            $"{MetricText.Number(at.Average(), 2)}{(at.Count > 1 ? " on average" : "")}. AURC: area under the share " +
            "of wrong answers, lower is better.", plot, ReportFigure.HalfWidth, 460);
    }

    private static IEnumerable<(string Name, RunPrediction[] Decisions, RunFigure? Area)> Series(
        RunEvaluation evaluation, IReadOnlyList<RunPrediction> predictions)
    {
        RunPrediction[] rated = [.. predictions.Where(p => p.Target is not null && p.Probability is not null)];
        switch (evaluation.Task)
        {
            case SpeechTask.Multiclass when rated.Any(p => p.Prediction == 1):
                yield return ("all classes", [.. rated.Where(p => p.Prediction == 1)], AreaOf(evaluation.Figures));
                break;
            case SpeechTask.MultiLabel or SpeechTask.Binary:
                foreach (RunLabelEvaluation label in evaluation.Labels)
                {
                    RunPrediction[] its = [.. rated.Where(p => p.Label == label.Label)];
                    if (its.Length > 0)
                    {
                        yield return (label.Label, its, AreaOf(label.Figures));
                    }
                }
                break;
        }
    }

    private static RunFigure? AreaOf(IReadOnlyDictionary<string, RunFigure> figures) =>
        figures.GetValueOrDefault(SpeechMetrics.Aurc.Name);

    private static string Legend(string name, RunFigure? area) => area?.Value is { } value
        ? $"{name}  AURC {MetricText.Number(value, 2)}" +
            $"{(MetricText.Ends(area, 2) is { Length: > 0 } ends
                ? $" ({ends}{MetricText.Undefined(area, "; ")})" : "")}" : name;
}
