namespace SpeechML.Training.Losses;

/// <summary>Weights from the training data for unbalanced classes and labels.</summary>
internal static class ClassWeights
{
    /// <summary>
    /// scikit-learn's "balanced": <c>n / (K n_k)</c> over the present class numbers; a class that never occurs gets 0.
    /// </summary>
    /// <param name="classes">Class numbers; -1 or NaN is missing.</param>
    /// <param name="classCount">K.</param>
    public static double[] Balanced(IEnumerable<double> classes, int classCount)
    {
        double[] counts = new double[classCount];
        double present = 0;
        foreach (double c in classes)
        {
            if (c >= 0)
            {
                counts[(int)c]++;
                present++;
            }
        }
        return [.. counts.Select(n => n == 0 ? 0 : present / (classCount * n))];
    }

    /// <summary>
    /// Negatives over positives of each label, limited to <paramref name="limit"/>; 1 where a label has only one class.
    /// </summary>
    /// <param name="targets">One row per clip, 0 or 1 per label; -1 or NaN is missing.</param>
    /// <param name="labelCount">Labels.</param>
    /// <param name="limit">Largest weight: a label with two positives in ten thousand must not rule the loss.</param>
    public static double[] Positive(IEnumerable<double[]> targets, int labelCount, double limit = 100)
    {
        double[] positives = new double[labelCount], negatives = new double[labelCount];
        foreach (double[] row in targets)
        {
            for (int j = 0; j < labelCount; j++)
            {
                positives[j] += row[j] >= 0.5 ? 1 : 0;
                negatives[j] += row[j] is >= 0 and < 0.5 ? 1 : 0;
            }
        }
        return [.. positives.Zip(negatives, (p, n) => p == 0 || n == 0 ? 1 : Math.Min(n / p, limit))];
    }
}
