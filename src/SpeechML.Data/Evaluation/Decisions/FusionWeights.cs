using SpeechML.Data.Interop;

namespace SpeechML.Data.Evaluation.Decisions;

/// <summary>
/// Weights of several models' probabilities, none negative, sum 1, that make the truth of the validation data most
/// likely. The log-likelihood of a weighted mean is concave in the weights;
/// expectation maximisation for mixtures climbs it from equal weights.
/// </summary>
internal static class FusionWeights
{
    private const int MaxSteps = 10_000;
    private const double Tolerance = 1e-9;

    // a model that gives the truth no chance at all must not make the likelihood 0/0
    private const double Smallest = 1e-12;

    /// <summary>Finds them.</summary>
    /// <param name="truthProbabilities">Per model: the probability that it gives to what is true, one per clip (or per
    /// rated label of a clip).</param>
    /// <param name="cancellation">Ends it.</param>
    public static double[] Fit(
        IReadOnlyList<double[]> truthProbabilities, Cancellation cancellation = default)
    {
        int models = truthProbabilities.Count, entries = truthProbabilities[0].Length;
        double[] weights = new double[models];
        Array.Fill(weights, 1.0 / models);
        for (int step = 0; step < MaxSteps; step++)
        {
            cancellation.ThrowIfRequested();
            double[] next = new double[models];
            for (int i = 0; i < entries; i++)
            {
                double mixture = 0;
                for (int m = 0; m < models; m++)
                {
                    mixture += weights[m] * Math.Max(Smallest, truthProbabilities[m][i]);
                }
                for (int m = 0; m < models; m++)
                {
                    next[m] += weights[m] * Math.Max(Smallest, truthProbabilities[m][i]) / mixture / entries;
                }
            }
            double change = weights.Zip(next).Max(p => Math.Abs(p.First - p.Second));
            weights = next;
            if (change < Tolerance)
            {
                break;
            }
        }
        double sum = weights.Sum();
        return Array.ConvertAll(weights, w => w / sum);
    }
}
