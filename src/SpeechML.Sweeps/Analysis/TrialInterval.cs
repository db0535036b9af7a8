using SpeechML.Data.Evaluation.Metrics;

namespace SpeechML.Sweeps.Analysis;

/// <summary>
/// The 95 % interval of a trial's mean over its runs, by Student's t. Over folds the training sets overlap, and the
/// variance is corrected for it (Nadeau and Bengio, 2003).
/// </summary>
internal static class TrialInterval
{
    private const double Outside = 0.05;

    /// <summary>The interval; <see langword="null"/> with fewer than two runs.</summary>
    public static (double Low, double High)? Of(SweepTrial trial, int folds)
    {
        double[] values = [.. trial.Runs.Where(r => r.Value is not null).Select(r => r.Value!.Value)];
        if (values.Length < 2)
        {
            return null;
        }
        double mean = values.Average();
        double variance = values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1);
        double overlap = folds > 1 ? 1.0 / (folds - 1) : 0;
        double half = Quantile(values.Length - 1) * Math.Sqrt(variance * ((1.0 / values.Length) + overlap));
        return (mean - half, mean + half);
    }

    /// <summary>What |t| exceeds in one case of twenty.</summary>
    public static double Quantile(int degrees)
    {
        (double low, double high) = (0, 1000);
        for (int i = 0; i < 100; i++)
        {
            double middle = (low + high) / 2;
            bool tooSmall = IncompleteBeta.Regularized(
                degrees / 2.0, 0.5, degrees / (degrees + (middle * middle))) > Outside;
            (low, high) = tooSmall ? (middle, high) : (low, middle);
        }
        return high;
    }
}
