namespace SpeechML.Metrics;

/// <summary>Metrics of ordered classes 0..K-1.</summary>
internal sealed class OrdinalMetrics
{
    private OrdinalMetrics(int[] truth, int[] predicted, int classes)
    {
        var matrix = new ConfusionMatrix(truth, predicted, classes);
        double[] difference = [.. truth.Zip(predicted, (t, p) => (double)Math.Abs(t - p))];
        Confusion = matrix.Counts;
        Accuracy = matrix.Accuracy;
        BalancedAccuracy = matrix.BalancedAccuracy;
        Mae = difference.Average();
        WithinOne = difference.Count(d => d <= 1) / (double)truth.Length;
        MacroMae = truth.Zip(difference).GroupBy(p => p.First).Average(g => g.Average(p => p.Second));
        (Kappa, KappaLinear, KappaQuadratic) = (matrix.Kappa(0), matrix.Kappa(1), matrix.Kappa(2));
        double[] y = [.. truth.Select(t => (double)t)], x = [.. predicted.Select(p => (double)p)];
        Spearman = Correlation.Spearman(y, x);
        Kendall = Correlation.Kendall(y, x);
    }

    public double Accuracy { get; }

    public double BalancedAccuracy { get; }

    /// <summary>Mean absolute difference of class numbers.</summary>
    public double Mae { get; }

    /// <summary>The same per class of truth, averaged over the classes that occur.</summary>
    public double MacroMae { get; }

    /// <summary>Share of rows at most one class off.</summary>
    public double WithinOne { get; }

    public MetricValue Kappa { get; }

    public MetricValue KappaLinear { get; }

    public MetricValue KappaQuadratic { get; }

    public MetricValue Spearman { get; }

    public MetricValue Kendall { get; }

    public long[][] Confusion { get; }

    /// <summary>Computes them.</summary>
    /// <exception cref="ArgumentException">No rows, lengths that differ, a class out of range: names the row.</exception>
    public static OrdinalMetrics Evaluate(int[] truth, int[] predicted, int classes)
    {
        MetricInput.CheckRows(truth.Length, predicted.Length);
        for (int i = 0; i < truth.Length; i++)
        {
            MetricInput.CheckClass("Class", truth[i], classes, i);
            MetricInput.CheckClass("Class", predicted[i], classes, i);
        }
        return new OrdinalMetrics(truth, predicted, classes);
    }
}
