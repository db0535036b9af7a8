using System.Globalization;

namespace SpeechML.Data.Evaluation.Metrics;

/// <summary>
/// Refuses input from which no metric can be computed, naming the row (from 0) and what stands there.
/// </summary>
internal static class MetricInput
{
    private const double SumTolerance = 1e-3;

    public static void CheckRows(int truth, int scores)
    {
        if (truth != scores)
        {
            throw new ArgumentException($"Different numbers of rows: {truth} labels, {scores} scores.");
        }
        if (truth == 0)
        {
            throw new ArgumentException("No rows: a metric needs at least one label and score.");
        }
    }

    public static void CheckFinite(double score, int row)
    {
        if (!double.IsFinite(score))
        {
            throw new ArgumentException($"Non-finite score in row {row}: expected a number, got {Text(score)}.");
        }
    }

    public static void CheckProbability(double score, int row)
    {
        CheckFinite(score, row);
        if (score is < 0 or > 1)
        {
            throw new ArgumentException($"Probability outside [0, 1] in row {row}: got {Text(score)}.");
        }
    }

    public static void CheckProbabilities(double[] scores, int row)
    {
        foreach (double score in scores)
        {
            CheckFinite(score, row);
        }
        double sum = scores.Sum();
        if (Math.Abs(sum - 1) > SumTolerance)
        {
            throw new ArgumentException(
                $"Probabilities do not sum to 1 (tolerance 1e-3) in row {row}: their sum is {Text(sum)}.");
        }
    }

    public static void CheckClass(string what, int number, int classes, int row)
    {
        if (number < 0 || number >= classes)
        {
            throw new ArgumentException($"{what} outside 0..{classes - 1} in row {row}: got {number}.");
        }
    }

    /// <summary>1, 0, or <see langword="null"/> where the label is missing (-1 or NaN).</summary>
    public static bool? Label(double label, int row) => label switch
    {
        1 => true,
        0 => false,
        -1 or double.NaN => null,
        _ => throw new ArgumentException($"Label not -1, 0 or 1 in row {row}: got {Text(label)}."),
    };

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
