using SpeechML.Data.Evaluation.Metrics;
using SpeechML.Data.Interop;

namespace SpeechML.Data.Evaluation.Calibration;

/// <summary>
/// Temperature scaling (Guo et al. 2017): the T in [0.05, 20] that minimises the mean cross-entropy of logits / T. The
/// loss is convex in 1/T, so the
/// sign of its derivative is bisected.
/// </summary>
internal sealed record TemperatureScaling(double Temperature, bool AtBound, double NllBefore, double NllAfter)
{
    private const double Low = 0.05;
    private const double High = 20;
    private const double BoundTolerance = 1e-5; // in ln T

    /// <summary>Fits it on validation data.</summary>
    /// <param name="logits">One row of K per clip.</param>
    /// <param name="truth">Class numbers.</param>
    /// <param name="cancellation">Ends it.</param>
    public static TemperatureScaling Fit(double[][] logits, int[] truth, Cancellation cancellation = default)
    {
        MetricInput.CheckRows(truth.Length, logits.Length);
        double low = Math.Log(Low), high = Math.Log(High);
        double atLow = Slope(logits, truth, 1 / Low), atHigh = Slope(logits, truth, 1 / High);
        double logT;
        if (atLow == 0 && atHigh == 0)
        {
            logT = 0; // constant logits: every temperature is as good
        }
        else
        {
            // the slope in 1/T rises with 1/T: at small T it is positive unless even the sharpest scaling is too mild
            double a = low, b = high;
            for (int i = 0; i < 200 && b - a > 1e-14; i++)
            {
                cancellation.ThrowIfRequested();
                double middle = (a + b) / 2;
                if (Slope(logits, truth, Math.Exp(-middle)) > 0)
                {
                    a = middle;
                }
                else
                {
                    b = middle;
                }
            }
            logT = (a + b) / 2;
        }
        bool atBound = Math.Min(logT - low, high - logT) < BoundTolerance;
        double temperature = !atBound ? Math.Exp(logT) : logT < 0 ? Low : High;
        return new TemperatureScaling(temperature, atBound, Nll(logits, truth, 1), Nll(logits, truth, 1 / temperature));
    }

    private static double Nll(double[][] logits, int[] truth, double inverse) =>
        logits.Zip(truth, (z, y) => LogSumExp(z, inverse) - (z[y] * inverse)).Average();

    private static double Slope(double[][] logits, int[] truth, double inverse) => logits.Zip(truth, (z, y) =>
    {
        double log = LogSumExp(z, inverse);
        return z.Sum(v => v * Math.Exp((v * inverse) - log)) - z[y];
    }).Average();

    private static double LogSumExp(double[] z, double inverse)
    {
        double max = z.Max() * inverse;
        return max + Math.Log(z.Sum(v => Math.Exp((v * inverse) - max)));
    }
}
