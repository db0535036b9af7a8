namespace SpeechML.Data.Evaluation.Metrics;

/// <summary>Clips in the order of their scores, ties marked: sorted once for all metrics of the order.</summary>
internal sealed class RankedRows
{
    /// <param name="positive">The truth.</param>
    /// <param name="scores">The scores.</param>
    /// <param name="name">What is ranked, where there is more than one thing.</param>
    /// <exception cref="ArgumentException">A score is not a finite number: names the row.</exception>
    public RankedRows(bool[] positive, double[] scores, string? name = null)
    {
        for (int i = 0; i < scores.Length; i++)
        {
            MetricInput.CheckFinite(scores[i], i);
        }
        double[] sorted = [.. scores];
        Order = [.. Enumerable.Range(0, scores.Length)];
        Array.Sort(sorted, Order);
        Positive = [.. Order.Select(i => positive[i])];
        LastOfTie = [.. sorted.Select((s, i) => i + 1 == sorted.Length || sorted[i + 1] != s)];
        Name = name;
    }

    /// <summary>Row numbers by rising score.</summary>
    public int[] Order { get; }

    /// <summary>Their truth.</summary>
    public bool[] Positive { get; }

    /// <summary>Whether the next score is another.</summary>
    public bool[] LastOfTie { get; }

    /// <summary>What is ranked, where there is more than one thing.</summary>
    public string? Name { get; }
}
