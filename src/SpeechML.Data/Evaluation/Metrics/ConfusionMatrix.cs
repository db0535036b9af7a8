namespace SpeechML.Data.Evaluation.Metrics;

/// <summary>
/// Counts of truth (rows) against prediction (columns), and what follows from them alone, as scikit-learn defines it.
/// </summary>
internal sealed class ConfusionMatrix
{
    private readonly double[] _truth;
    private readonly double[] _predicted;
    private readonly double _rows;

    /// <summary>Counts the rows.</summary>
    public ConfusionMatrix(ReadOnlySpan<int> truth, ReadOnlySpan<int> predicted, int classes)
        : this(Count(truth, predicted, classes))
    {
    }

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

    /// <summary>Of ordered classes: mean absolute difference of class numbers.</summary>
    public double Mae => Distances(Enumerable.Range(0, _truth.Length)) / _rows;

    /// <summary>Of ordered classes: the same per class of truth, averaged over the classes that occur.</summary>
    public double MacroMae =>
        Enumerable.Range(0, _truth.Length).Where(c => _truth[c] > 0).Average(c => Distances([c]) / _truth[c]);

    /// <summary>Of ordered classes: share of rows at most one class off.</summary>
    public double WithinOne =>
        Counts.Select((r, t) => (double)r.Where((_, p) => Math.Abs(t - p) <= 1).Sum()).Sum() / _rows;

    /// <summary>Of ordered classes: Spearman's rank correlation, rows of a class sharing their mean rank.</summary>
    public MetricValue Spearman
    {
        get
        {
            if (NoCorrelation() is { } reason)
            {
                return MetricValue.Because(reason);
            }
            double[] y = Ranks(_truth), x = Ranks(_predicted);
            double mean = (_rows + 1) / 2, yx = 0;
            for (int t = 0; t < y.Length; t++)
            {
                for (int p = 0; p < x.Length; p++)
                {
                    yx += Counts[t][p] * (y[t] - mean) * (x[p] - mean);
                }
            }
            double Spread(double[] ranks, double[] counts) =>
                ranks.Zip(counts, (r, n) => n * (r - mean) * (r - mean)).Sum();
            return Math.Clamp(yx / Math.Sqrt(Spread(y, _truth)) / Math.Sqrt(Spread(x, _predicted)), -1, 1);
        }
    }

    /// <summary>Of ordered classes: Kendall's tau-b.</summary>
    public MetricValue Kendall
    {
        get
        {
            if (NoCorrelation() is { } reason)
            {
                return MetricValue.Because(reason);
            }
            double[] higher = new double[_truth.Length]; // decisions of the rows whose truth is a higher class
            double balance = 0;
            for (int t = _truth.Length - 1; t >= 0; t--)
            {
                double before = 0, sum = higher.Sum();
                for (int p = 0; p < higher.Length; p++)
                {
                    balance += Counts[t][p] * (sum - higher[p] - (2 * before));
                    before += higher[p];
                }
                for (int p = 0; p < higher.Length; p++)
                {
                    higher[p] += Counts[t][p];
                }
            }
            double Pairs(double count) => count * (count - 1) / 2;
            double all = Pairs(_rows);
            return Math.Clamp(balance / Math.Sqrt(all - _truth.Sum(Pairs)) / Math.Sqrt(all - _predicted.Sum(Pairs)), -1,
                1);
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

    /// <summary>Mean of a per-class value, weighted by how often the class occurs in the truth.</summary>
    public double Weighted(double[] perClass) => Dot(perClass, _truth) / _rows;

    private static long[][] Count(ReadOnlySpan<int> truth, ReadOnlySpan<int> predicted, int classes)
    {
        long[][] counts = [.. Enumerable.Range(0, classes).Select(_ => new long[classes])];
        for (int i = 0; i < truth.Length; i++)
        {
            counts[truth[i]][predicted[i]]++;
        }
        return counts;
    }

    private double Distances(IEnumerable<int> classes) =>
        classes.Sum(t => Counts[t].Select((n, p) => (double)n * Math.Abs(t - p)).Sum());

    private string? NoCorrelation() =>
        _rows < 2 ? "fewer than two rows" : _truth.Contains(_rows) ? "constant truth" : _predicted.Contains(_rows)
        ? "constant prediction" : null;

    private static double[] Ranks(double[] counts)
    {
        double below = 0;
        return Array.ConvertAll(counts, n => (below += n) - ((n - 1) / 2));
    }

    private static double Ratio(double part, double whole) => whole == 0 ? 0 : part / whole;

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();
}
