using SpeechML.Audio.Common;
using SpeechML.Sweeps.Space;

namespace SpeechML.Sweeps.Analysis;

/// <summary>
/// Functional ANOVA (Hutter, Hoos and Leyton-Brown, "An efficient approach for assessing hyperparameter importance",
/// 2014): a forest of regression trees stands for the metric over the whole space, and each tree's
/// variance is divided among the parameters exactly, because its leaves are boxes. Trees as in Optuna's evaluator: 64,
/// grown until their leaves are pure.
/// </summary>
internal static class ParameterImportance
{
    private const int Trees = 64;
    private const int LeastTrials = 4;
    private const double LowShare = 0.1; // of the trees below the lower end of the spread
    private const double FeatureShare = 5.0 / 6; // considered at each split, as in the authors' own implementation

    /// <summary>
    /// Share of the variance that each parameter explains by itself; empty where there is nothing to explain.
    /// </summary>
    public static IReadOnlyDictionary<string, SweepImportance> Of(IReadOnlyList<SweepTrial> trials)
    {
        double[] targets = [.. trials.Select(t => t.Value!.Value)];
        if (targets.Length < LeastTrials || targets.Max() == targets.Min())
        {
            return new Dictionary<string, SweepImportance>();
        }
        Dimension[] dimensions = [.. ParameterAxis.Of(trials).Select(axis => new Dimension(axis, trials))];
        List<double>[] shares = [.. dimensions.Select(_ => new List<double>())];
        var random = new SeededRandom(0);
        for (int i = 0; i < Trees; i++)
        {
            int[] drawn = [.. Enumerable.Range(0, targets.Length).Select(_ => random.Next(targets.Length))];
            var leaves = new List<Leaf>();
            Grow(drawn, [.. dimensions.Select(d => Enumerable.Repeat(true, d.Weights.Length).ToArray())], dimensions,
                targets, random, leaves);
            AddShares(leaves, dimensions, shares);
        }
        return dimensions.Select((d, i) => (d.Name, Importance: Spread(shares[i])))
            .OrderByDescending(s => s.Importance.Share)
            .ToDictionary(s => s.Name, s => s.Importance, StringComparer.Ordinal);
    }

    private static SweepImportance Spread(List<double> shares)
    {
        if (shares.Count == 0)
        {
            return new SweepImportance(0, 0, 0);
        }
        double[] sorted = [.. shares.Order()];
        int last = sorted.Length - 1;
        return new SweepImportance(
            shares.Sum() / shares.Count, sorted[(int)Math.Round(LowShare * last)],
            sorted[(int)Math.Round((1 - LowShare) * last)]);
    }

    /// <summary>Divides a tree's variance; a tree that has none adds nothing.</summary>
    private static void AddShares(List<Leaf> leaves, Dimension[] dimensions, List<double>[] shares)
    {
        double[][] sizes = [.. leaves.Select(leaf => dimensions.Select((d, i) => d.Size(leaf.Box[i])).ToArray())];
        double[] volumes = [.. sizes.Select(s => s.Aggregate(1.0, (product, size) => product * size))];
        double mean = leaves.Zip(volumes, (leaf, volume) => leaf.Value * volume).Sum();
        double variance = leaves.Zip(volumes, (leaf, volume) => volume * (leaf.Value - mean) * (leaf.Value - mean))
            .Sum();
        if (variance <= 0)
        {
            return;
        }
        for (int i = 0; i < dimensions.Length; i++)
        {
            double own = 0;
            for (int cell = 0; cell < dimensions[i].Weights.Length; cell++)
            {
                double marginal = 0;
                for (int l = 0; l < leaves.Count; l++)
                {
                    marginal += leaves[l].Box[i][cell] ? leaves[l].Value * volumes[l] / sizes[l][i] : 0;
                }
                own += dimensions[i].Weights[cell] * (marginal - mean) * (marginal - mean);
            }
            shares[i].Add(own / variance);
        }
    }

    private static void Grow(
        int[] samples, bool[][] box, Dimension[] dimensions, double[] targets, SeededRandom random, List<Leaf> leaves)
    {
        double mean = samples.Average(s => targets[s]);
        if (Array.TrueForAll(samples, s => targets[s] == targets[samples[0]])
            || BestSplit(samples, dimensions, targets, random) is not { } split)
        {
            leaves.Add(new Leaf(box, mean));
            return;
        }
        Dimension dimension = dimensions[split.Dimension];
        int[] low = [.. samples.Where(s => split.Low[dimension.Cells[s]])];
        int[] high = [.. samples.Where(s => !split.Low[dimension.Cells[s]])];
        bool[][] Half(bool keepLow)
        {
            bool[][] half = [.. box];
            half[split.Dimension] =
                [.. box[split.Dimension].Select((inside, cell) => inside && split.Low[cell] == keepLow)];
            return half;
        }
        Grow(low, Half(true), dimensions, targets, random, leaves);
        Grow(high, Half(false), dimensions, targets, random, leaves);
    }

    /// <summary>
    /// The division that leaves the smallest squared error; <see langword="null"/> where no parameter has two values.
    /// </summary>
    private static Split? BestSplit(int[] samples, Dimension[] dimensions, double[] targets, SeededRandom random)
    {
        int[] order = [.. Enumerable.Range(0, dimensions.Length)];
        random.Shuffle<int>(order);
        int considered = Math.Max(1, (int)Math.Ceiling(FeatureShare * order.Length));
        Split? best = null;
        double bestGain = double.NegativeInfinity;
        for (int k = 0; k < order.Length && (k < considered || best is null); k++)
        {
            Dimension dimension = dimensions[order[k]];
            (int Cell, int Count, double Sum)[] groups =
                [.. samples.GroupBy(s => dimension.Cells[s]).Select(g => (g.Key, g.Count(), g.Sum(s => targets[s])))];
            // Categories by their mean: the best division in two is then between neighbours (Breiman).
            Array.Sort(groups, (a, b) => dimension.IsOrdered ? a.Cell.CompareTo(b.Cell)
                : (a.Sum / a.Count).CompareTo(b.Sum / b.Count));
            (int count, double sum) = (groups.Sum(g => g.Count), groups.Sum(g => g.Sum));
            int below = 0;
            double sumBelow = 0;
            for (int g = 0; g + 1 < groups.Length; g++)
            {
                below += groups[g].Count;
                sumBelow += groups[g].Sum;
                double gain = (sumBelow * sumBelow / below) + ((sum - sumBelow) * (sum - sumBelow) / (count - below));
                if (gain > bestGain)
                {
                    bestGain = gain;
                    best = new Split(order[k],
                        dimension.LowSide([.. groups.Select(x => x.Cell)], g + 1, below >= count - below));
                }
            }
        }
        return best;
    }

    private sealed record Leaf(bool[][] Box, double Value);

    /// <param name="Dimension">Number of the dimension.</param>
    /// <param name="Low">Which of its cells are on the one side.</param>
    private sealed record Split(int Dimension, bool[] Low);

    /// <summary>A parameter, its values as cells with a share of the whole each.</summary>
    private sealed class Dimension
    {
        public Dimension(ParameterAxis axis, IReadOnlyList<SweepTrial> trials)
        {
            Name = axis.Name;
            IsOrdered = axis.IsNumber;
            int n = axis.Values.Count;
            Cells = [.. trials.Select(axis.IndexOf).Select(i => i < 0 ? n / 2 : i)];
            int taking = trials.Count(t => axis.IndexOf(t) >= 0);
            // Numbers of a range hardly ever come twice: each stands for what is nearer to it than to the next. Values
            // of a choice count alike.
            bool range = axis.IsNumber && n > 1 && n == taking;
            Weights = [.. Enumerable.Range(0, n).Select(i => !range ? 1.0 / n : (Edge(axis, i + 1) - Edge(axis, i)))];
        }

        public string Name { get; }

        public bool IsOrdered { get; }

        /// <summary>The cell of each trial.</summary>
        public int[] Cells { get; }

        /// <summary>Shares of the cells, together 1.</summary>
        public double[] Weights { get; }

        public double Size(bool[] cells) => Weights.Where((_, i) => cells[i]).Sum();

        /// <summary>All cells on one side of a division, also those that no sample of the node is in.</summary>
        /// <param name="seen">The cells that samples are in, in the order that was divided.</param>
        /// <param name="low">How many of them are on this side.</param>
        /// <param name="isLarger">Whether most samples are on this side.</param>
        public bool[] LowSide(int[] seen, int low, bool isLarger)
        {
            IEnumerable<int> cells = Enumerable.Range(0, Weights.Length);
            // Between two numbers the middle divides; a category that the node has not seen goes with most of its
            // samples.
            int last = seen[low - 1] + ((seen[low] - seen[low - 1] - 1) / 2);
            return IsOrdered ? [.. cells.Select(c => c <= last)]
                : [.. cells.Select(c => Array.IndexOf(seen, c) is var at && (at < 0 ? isLarger : at < low))];
        }

        private static double Edge(ParameterAxis axis, int i) =>
            i == 0 ? 0 : i == axis.Places.Count ? 1 : (axis.Places[i - 1] + axis.Places[i]) / 2;
    }
}
