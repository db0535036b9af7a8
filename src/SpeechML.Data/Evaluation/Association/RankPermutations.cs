using SpeechML.Data.Evaluation.Resampling;

namespace SpeechML.Data.Evaluation.Association;

/// <summary>
/// P-values of a sum of ranks when labels change places: among subjects of one group each, and within those of both.
/// With the first alone it is the test of H. B. Mann and D. R. Whitney 1947, with the second alone that of F. Wilcoxon
/// 1945, in both with ties as they are. Up to <see cref="MaxExact"/> ranks every permutation counts, beyond it the
/// normal distribution of the same mean and variance.
/// </summary>
internal static class RankPermutations
{
    public const int MaxExact = 40;

    /// <summary>The two-sided p-value: twice the smaller tail, what was observed in it.</summary>
    /// <param name="sum">What was observed, twice the ranks.</param>
    /// <param name="singles">Twice the ranks of which some are in the sum.</param>
    /// <param name="chosen">How many.</param>
    /// <param name="pairs">Twice the ranks of which one of each pair is in the sum.</param>
    public static double PValue(
        int sum, IReadOnlyList<int> singles, int chosen, IReadOnlyList<(int First, int Second)> pairs)
    {
        if (singles.Count + pairs.Count > MaxExact)
        {
            return Normal(sum, singles, chosen, pairs);
        }
        double[] distribution = Distribution(singles, chosen, pairs);
        double all = distribution.Sum(), below = 0, above = 0;
        for (int s = 0; s < distribution.Length; s++)
        {
            below += s <= sum ? distribution[s] : 0;
            above += s >= sum ? distribution[s] : 0;
        }
        return Math.Min(1, 2 * Math.Min(below, above) / all);
    }

    /// <summary>How many permutations give each sum, on any scale.</summary>
    private static double[] Distribution(
        IReadOnlyList<int> singles, int chosen, IReadOnlyList<(int First, int Second)> pairs)
    {
        int most = singles.Sum() + pairs.Sum(p => Math.Max(p.First, p.Second));
        double[][] ways = [.. Enumerable.Range(0, chosen + 1).Select(_ => new double[most + 1])];
        ways[0][0] = 1;
        foreach ((int first, int second) in pairs)
        {
            double[] next = new double[most + 1];
            for (int s = 0; s <= most; s++)
            {
                next[s] += s >= first ? ways[0][s - first] / 2 : 0;
                next[s] += s >= second ? ways[0][s - second] / 2 : 0;
            }
            ways[0] = next;
        }
        foreach (int rank in singles)
        {
            for (int c = chosen; c > 0; c--)
            {
                for (int s = most; s >= rank; s--)
                {
                    ways[c][s] += ways[c - 1][s - rank];
                }
            }
        }
        return ways[chosen];
    }

    private static double Normal(
        int sum, IReadOnlyList<int> singles, int chosen, IReadOnlyList<(int First, int Second)> pairs)
    {
        double n = singles.Count, mean = n == 0 ? 0 : singles.Sum(r => (double)r) / n;
        double expected = (chosen * mean) + pairs.Sum(p => (p.First + p.Second) / 2.0);
        double variance = n < 2 ? 0
            : chosen * (n - chosen) / (n * (n - 1)) * singles.Sum(r => (r - mean) * (r - mean));
        variance += pairs.Sum(p => (p.First - p.Second) * (p.First - p.Second) / 4.0);
        // Half a rank is 1 of sums of twice the ranks.
        double distance = Math.Max(0, Math.Abs(sum - expected) - 1);
        return variance == 0 ? 1 : Math.Min(1, 2 * NormalDistribution.Cdf(-distance / Math.Sqrt(variance)));
    }
}
