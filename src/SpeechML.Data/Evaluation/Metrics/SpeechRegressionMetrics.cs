using System.Globalization;
using System.Text;
using SpeechML.Data.Evaluation;
using SpeechML.Data.Evaluation.Metrics;
using SpeechML.Data.Evaluation.Metrics.Definitions;

namespace SpeechML;

/// <summary>Metrics of a number per clip. Equal to scikit-learn's and SciPy's; what is undefined says why.</summary>
public sealed class SpeechRegressionMetrics
{
    private SpeechRegressionMetrics(EvaluatedClips clips, int missing)
    {
        (Rows, Missing) = (clips.Count, missing);
        (Mae, Rmse) = (Number(SpeechMetrics.Mae), Number(SpeechMetrics.Rmse));
        (R2, Ccc) = (SpeechMetrics.R2.Compute(clips), SpeechMetrics.Ccc.Compute(clips));
        (Pearson, Spearman) = (SpeechMetrics.Pearson.Compute(clips), SpeechMetrics.Spearman.Compute(clips));
        PearsonP = RankCorrelationMetrics.PValue(Pearson, Rows);
        SpearmanP = RankCorrelationMetrics.PValue(Spearman, Rows);
        Kendall = SpeechMetrics.Kendall.Compute(clips);

        double Number(SpeechMetric metric) => metric.Compute(clips).Value ?? throw new ArgumentException(
            $"Metric {metric}: expected numbers whose squared differences add up to a finite number, got larger ones.");
    }

    /// <summary>Clips that were evaluated.</summary>
    public int Rows { get; }

    /// <summary>Clips that were left out because their label is missing.</summary>
    public int Missing { get; }

    /// <summary>Mean absolute error.</summary>
    public double Mae { get; }

    /// <summary>Mean squared error.</summary>
    public double Mse => Rmse * Rmse;

    /// <summary>Root of the mean squared error.</summary>
    public double Rmse { get; }

    /// <summary>Coefficient of determination; undefined for a constant truth.</summary>
    public MetricValue R2 { get; }

    /// <summary>Concordance correlation coefficient (Lin 1989), population moments.</summary>
    public MetricValue Ccc { get; }

    /// <summary>Pearson's r.</summary>
    public MetricValue Pearson { get; }

    /// <summary>Its two-sided p-value.</summary>
    public MetricValue PearsonP { get; }

    /// <summary>Spearman's rank correlation.</summary>
    public MetricValue Spearman { get; }

    /// <summary>Its two-sided p-value.</summary>
    public MetricValue SpearmanP { get; }

    /// <summary>Kendall's tau-b.</summary>
    public MetricValue Kendall { get; }

    /// <summary>Computes them.</summary>
    /// <param name="truth">The numbers that were wanted.</param>
    /// <param name="predicted">The numbers that were predicted.</param>
    /// <exception cref="ArgumentException">No rows, lengths that differ, a value that is not finite: names the
    /// row.</exception>
    public static SpeechRegressionMetrics Evaluate(IReadOnlyList<double> truth, IReadOnlyList<double> predicted) =>
        Evaluate(truth, predicted, skipMissing: false);

    /// <summary>Computes them over the rows whose truth is not NaN.</summary>
    internal static SpeechRegressionMetrics Evaluate(
        IReadOnlyList<double> truth, IReadOnlyList<double> predicted, bool skipMissing)
    {
        MetricInput.CheckRows(truth.Count, predicted.Count);
        List<double> y = [], x = [];
        for (int i = 0; i < truth.Count; i++)
        {
            if (!skipMissing || !double.IsNaN(truth[i]))
            {
                MetricInput.CheckFinite(truth[i], i);
                MetricInput.CheckFinite(predicted[i], i);
                y.Add(truth[i]);
                x.Add(predicted[i]);
            }
        }
        return y.Count == 0
            ? throw new ArgumentException($"No rows: a metric needs at least one label, all {truth.Count} are missing.")
            : new SpeechRegressionMetrics(EvaluatedClips.Regression(y, x), truth.Count - y.Count);
    }

    /// <summary>A table of the metrics.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"clips {Rows}, left out because not rated {Missing}");
        MetricTable.Append(text, [
            ("mean absolute error", Mae), ("mean squared error", Mse), ("root mean squared error", Rmse),
            ("r squared", R2), ("concordance", Ccc),
            ("pearson", Pearson), ("pearson, p", PearsonP), ("spearman", Spearman), ("spearman, p", SpearmanP),
            ("kendall", Kendall)]);
        return text.ToString();
    }
}
