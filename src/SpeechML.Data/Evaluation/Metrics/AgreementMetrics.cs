namespace SpeechML.Data.Evaluation.Metrics;

/// <summary>
/// What truth and predicted class alone say; classes without predictions or examples count 0 in macro means.
/// </summary>
internal abstract class AgreementMetrics
{
    /// <summary>Computes them.</summary>
    protected AgreementMetrics(ConfusionMatrix matrix)
    {
        Confusion = matrix.Counts;
        Accuracy = matrix.Accuracy;
        BalancedAccuracy = matrix.BalancedAccuracy;
        Mcc = matrix.Mcc;
        Kappa = matrix.Kappa(0);
        KappaQuadratic = matrix.Kappa(2);
        int[] classes = [.. Enumerable.Range(0, Confusion.Length)];
        PrecisionPerClass = [.. classes.Select(matrix.Precision)];
        RecallPerClass = [.. classes.Select(matrix.Recall)];
        F1PerClass = [.. classes.Select(matrix.F1)];
        PrecisionWeighted = matrix.Weighted(PrecisionPerClass);
        RecallWeighted = matrix.Weighted(RecallPerClass);
        F1Weighted = matrix.Weighted(F1PerClass);
    }

    public long[][] Confusion { get; }

    public double Accuracy { get; }

    public double BalancedAccuracy { get; }

    public double Mcc { get; }

    public MetricValue Kappa { get; }

    public MetricValue KappaQuadratic { get; }

    public double[] PrecisionPerClass { get; }

    public double[] RecallPerClass { get; }

    public double[] F1PerClass { get; }

    public double PrecisionMacro => PrecisionPerClass.Average();

    public double RecallMacro => RecallPerClass.Average();

    public double F1Macro => F1PerClass.Average();

    // one label per row: pooled over all classes, all three are the accuracy
    public double PrecisionMicro => Accuracy;

    public double RecallMicro => Accuracy;

    public double F1Micro => Accuracy;

    public double PrecisionWeighted { get; }

    public double RecallWeighted { get; }

    public double F1Weighted { get; }
}
