namespace SpeechML.Metrics;

/// <summary>Metrics of a number.</summary>
internal sealed class SpeechRegressionMetrics
{
    private SpeechRegressionMetrics(double[] y, double[] x)
    {
        double[] difference = [.. y.Zip(x, (t, p) => t - p)];
        Mae = difference.Average(Math.Abs);
        Mse = difference.Average(d => d * d);
        double meanY = y.Average(), meanX = x.Average();
        double varY = y.Average(v => (v - meanY) * (v - meanY)), varX = x.Average(v => (v - meanX) * (v - meanX));
        double covariance = y.Zip(x, (t, p) => (t - meanY) * (p - meanX)).Average(), scale = varY + varX + ((meanY - meanX) * (meanY - meanX));
        R2 = y.Length < 2 ? MetricValue.Because("fewer than two rows") : y.All(v => v == y[0]) ? MetricValue.Because("constant truth") : 1 - (Mse / varY);
        Ccc = scale == 0 || (y.All(v => v == y[0]) && x.All(v => v == y[0]))
            ? MetricValue.Because("truth and prediction are one and the same constant")
            : 2 * covariance / scale;
        Pearson = Correlation.Pearson(y, x);
        Spearman = Correlation.Spearman(y, x);
        (PearsonP, SpearmanP) = (Correlation.PValue(Pearson, y.Length), Correlation.PValue(Spearman, y.Length));
        Kendall = Correlation.Kendall(y, x);
    }

    public double Mae { get; }

    public double Mse { get; }

    public double Rmse => Math.Sqrt(Mse);

    public MetricValue R2 { get; }

    /// <summary>Concordance correlation coefficient (Lin 1989), population moments.</summary>
    public MetricValue Ccc { get; }

    public MetricValue Pearson { get; }

    public MetricValue PearsonP { get; }

    public MetricValue Spearman { get; }

    public MetricValue SpearmanP { get; }

    public MetricValue Kendall { get; }

    /// <summary>Computes them.</summary>
    /// <exception cref="ArgumentException">No rows, lengths that differ, a value that is not finite: names the row.</exception>
    public static SpeechRegressionMetrics Evaluate(double[] truth, double[] predicted)
    {
        MetricInput.CheckRows(truth.Length, predicted.Length);
        for (int i = 0; i < truth.Length; i++)
        {
            MetricInput.CheckFinite(truth[i], i);
            MetricInput.CheckFinite(predicted[i], i);
        }
        return new SpeechRegressionMetrics(truth, predicted);
    }
}
