namespace SpeechML.Data.Evaluation.Metrics;

/// <summary>
/// Counts of truth (rows) against prediction (columns), and what follows from them alone, as scikit-learn defines it.
/// </summary>
internal sealed class ConfusionMatrix
{
    private readonly double[] _truth;
    private readonly double[] _predicted;
    private readonly double _rows;

    /// <summary>Takes the counts: rows = truth, columns = prediction.</summary>
    public ConfusionMatrix(long[][] counts)
    {
        Counts = counts;
        _truth = [.. Counts.Select(r => (double)r.Sum())];
        _predicted = [.. Enumerable.Range(0, counts.Length).Select(c => (double)Counts.Sum(r => r[c]))];
        _rows = _truth.Sum();
    }

    /// <summary>Rows = truth, columns = prediction.</summary>
    public long[][] Counts { get; }

    /// <summary>Share of right predictions.</summary>
    public double Accuracy => Diagonal.Sum() / _rows;

    /// <summary>Mean recall over the classes that occur in the truth (unweighted average recall).</summary>
    public double BalancedAccuracy =>
        Enumerable.Range(0, _truth.Length).Where(c => _truth[c] > 0).Average(c => Counts[c][c] / _truth[c]);

    /// <summary>Matthews correlation coefficient; 0 where a row or column sum makes it 0/0.</summary>
    public double Mcc
    {
        get
        {
            double covariance = (Diagonal.Sum() * _rows) - Dot(_truth, _predicted);
            double scale = ((_rows * _rows) - Dot(_truth, _truth)) * ((_rows * _rows) - Dot(_predicted, _predicted));
            return scale == 0 ? 0 : covariance / Math.Sqrt(scale);
        }
    }

    private IEnumerable<double> Diagonal => Counts.Select((r, c) => (double)r[c]);

    /// <summary>Cohen's kappa.</summary>
    /// <param name="power">0: unweighted; 1: linear; 2: quadratic weights.</param>
    public MetricValue Kappa(int power)
    {
        if (_truth.Zip(_predicted, (t, p) => t + p).Count(n => n > 0) == 1)
        {
            return MetricValue.Because("truth and prediction are one and the same class");
        }
        double observed = 0, expected = 0;
        for (int i = 0; i < _truth.Length; i++)
        {
            for (int j = 0; j < _truth.Length; j++)
            {
                double weight = i == j ? 0 : Math.Pow(Math.Abs(i - j), power);
                observed += weight * Counts[i][j];
                expected += weight * _truth[i] * _predicted[j] / _rows;
            }
        }
        return expected == 0 ? MetricValue.Because("expected agreement is 1") : 1 - (observed / expected);
    }

    /// <summary>Precision of a class, 0 without predictions.</summary>
    public double Precision(int c) => Ratio(Counts[c][c], _predicted[c]);

    /// <summary>Recall of a class, 0 without examples.</summary>
    public double Recall(int c) => Ratio(Counts[c][c], _truth[c]);

    /// <summary>F1 of a class, 0 without predictions and examples.</summary>
    public double F1(int c) => Ratio(2 * Counts[c][c], _predicted[c] + _truth[c]);

    private static double Ratio(double part, double whole) => whole == 0 ? 0 : part / whole;

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();
}
