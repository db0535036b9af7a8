using SpeechML.Data.Evaluation.Metrics;
using SpeechML.Data.Interop;

namespace SpeechML.Data.Evaluation.Calibration;

/// <summary>
/// Platt scaling: <c>p = 1 / (1 + exp(a f + b))</c> fitted to the targets (n1 + 1)/(n1 + 2) and 1/(n0 + 2), by Newton's
/// method with backtracking
/// (Lin, Lin, Weng 2007).
/// </summary>
internal sealed record PlattScaling(double A, double B)
{
    /// <summary>The sigmoid itself.</summary>
    public static PlattScaling Identity { get; } = new(-1, 0);

    /// <summary>Fits it on validation data.</summary>
    /// <param name="scores">Decision values f, finite.</param>
    /// <param name="truth">0 or 1.</param>
    /// <param name="cancellation">Ends it.</param>
    public static PlattScaling Fit(double[] scores, int[] truth, Cancellation cancellation = default)
    {
        MetricInput.CheckRows(truth.Length, scores.Length);
        double positives = truth.Count(t => t == 1), negatives = truth.Length - positives;
        double high = (positives + 1) / (positives + 2), low = 1 / (negatives + 2);
        double[] targets = [.. truth.Select(t => t == 1 ? high : low)];
        double a = 0, b = Math.Log((negatives + 1) / (positives + 1)), loss = Loss(scores, targets, a, b);
        for (int iteration = 0; iteration < 200; iteration++)
        {
            cancellation.ThrowIfRequested();
            // a ridge keeps the Hessian invertible for constant scores
            double ga = 0, gb = 0, haa = 1e-12, hbb = 1e-12, hab = 0;
            for (int i = 0; i < scores.Length; i++)
            {
                double p = Sigmoid(-((a * scores[i]) + b)), d = targets[i] - p, w = p * (1 - p);
                ga += scores[i] * d;
                gb += d;
                haa += scores[i] * scores[i] * w;
                hbb += w;
                hab += scores[i] * w;
            }
            double determinant = (haa * hbb) - (hab * hab);
            double da = -((hbb * ga) - (hab * gb)) / determinant, db = -((haa * gb) - (hab * ga)) / determinant,
                slope = (ga * da) + (gb * db);
            if (Math.Abs(slope) < 1e-24)
            {
                break;
            }
            double step = 1, next = loss;
            for (; step > 1e-12; step /= 2)
            {
                next = Loss(scores, targets, a + (step * da), b + (step * db));
                if (next <= loss + (1e-4 * step * slope))
                {
                    break;
                }
            }
            if (step <= 1e-12)
            {
                break; // no descent left in floating point
            }
            (a, b, loss) = (a + (step * da), b + (step * db), next);
        }
        return new PlattScaling(a, b);
    }

    /// <summary>The calibrated probability.</summary>
    public double Apply(double score) => Sigmoid(-((A * score) + B));

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    // -(t ln p + (1 - t) ln(1 - p)) with z = a f + b: t z + ln(1 + e^-z)
    private static double Loss(double[] scores, double[] targets, double a, double b) => scores.Zip(targets, (f, t) =>
    {
        double z = (a * f) + b;
        return z >= 0 ? (t * z) + Math.Log(1 + Math.Exp(-z)) : ((t - 1) * z) + Math.Log(1 + Math.Exp(z));
    }).Sum();
}
