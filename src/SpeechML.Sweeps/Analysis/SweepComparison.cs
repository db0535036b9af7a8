using SpeechML.Data.Evaluation.Metrics;

namespace SpeechML;

/// <summary>
/// Two trials compared run by run, each under the same seed and on the same fold: a paired t-test, two-sided. Over
/// folds the training sets overlap, and the variance is corrected for it (Nadeau and
/// Bengio, 2003).
/// </summary>
/// <param name="First">Number of the better trial.</param>
/// <param name="Second">Number of the other.</param>
/// <param name="Pairs">Runs compared.</param>
/// <param name="MeanDifference">Mean of first minus second.</param>
/// <param name="StandardDeviation">Of the differences; <see langword="null"/> with fewer than two pairs.</param>
/// <param name="PValue">How likely a difference as large is by chance alone; <see langword="null"/> with fewer than two
/// pairs.</param>
public sealed record SweepComparison(
    int First, int Second, int Pairs, double MeanDifference, double? StandardDeviation, double? PValue)
{
    internal static SweepComparison Of(SweepTrial first, SweepTrial second, int folds)
    {
        double[] differences = [.. first.Runs.Zip(second.Runs, (a, b) => a.Value!.Value - b.Value!.Value)];
        int n = differences.Length;
        double mean = differences.Average();
        if (n < 2)
        {
            return new SweepComparison(first.Number, second.Number, n, mean, null, null);
        }
        double variance = differences.Sum(d => (d - mean) * (d - mean)) / (n - 1);
        // Of k folds one is tested on, k - 1 are trained on.
        double overlap = folds > 1 ? 1.0 / (folds - 1) : 0;
        double t = mean / Math.Sqrt(variance * ((1.0 / n) + overlap));
        double p = variance == 0 ? (mean == 0 ? 1 : 0)
            : IncompleteBeta.Regularized((n - 1) / 2.0, 0.5, (n - 1) / ((n - 1) + (t * t)));
        return new SweepComparison(first.Number, second.Number, n, mean, Math.Sqrt(variance), p);
    }
}
