namespace SpeechML.Training;

/// <summary>How often clips are drawn so that classes or subjects are in balance.</summary>
internal static class SamplingShares
{
    /// <summary>By class: of each label that a clip has, 1 / clips of the same side; their mean.</summary>
    /// <param name="targets">1 and 0 of each label, or one number of a class; negative or NaN where not rated.</param>
    public static double[] ByLabel(IReadOnlyList<float[]> targets)
    {
        var counts = targets.SelectMany(Kinds).CountBy(k => k).ToDictionary();
        return [.. targets.Select(t => Kinds(t).Select(k => 1.0 / counts[k]).DefaultIfEmpty(0).Average())];
    }

    /// <summary>By subject: 1 / clips of the subject.</summary>
    public static double[] BySubject(int[] subjects)
    {
        var counts = subjects.CountBy(s => s).ToDictionary();
        return Array.ConvertAll(subjects, s => 1.0 / counts[s]);
    }

    /// <summary>
    /// Draws as many clips as there are, at even distances over the shares laid end to end: each clip as often as its
    /// share says, rounded up or down.
    /// </summary>
    public static int[] Draw(double[] shares, Random random)
    {
        // In another order each time, so that it is not the same clips that are rounded up together.
        int[] order = [.. Enumerable.Range(0, shares.Length)];
        random.Shuffle(order);
        double step = shares.Sum() / shares.Length, next = random.NextDouble() * step, passed = 0;
        int[] drawn = new int[shares.Length];
        int at = 0;
        for (int i = 0; i < shares.Length; i++, next += step)
        {
            while (at < order.Length - 1 && passed + shares[order[at]] <= next)
            {
                passed += shares[order[at++]];
            }
            drawn[i] = order[at];
        }
        return drawn;
    }

    private static IEnumerable<(int Label, float Value)> Kinds(float[] targets) =>
        targets.Index().Where(t => t.Item >= 0).Select(t => (t.Index, t.Item));
}
