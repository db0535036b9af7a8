using System.Numerics;
using SpeechML.Audio.Common;
using SpeechML.Data.Evaluation.Association;

namespace SpeechML.Data.Tests.Association;

/// <summary>P-values against tables and against counting every permutation.</summary>
[TestClass]
public sealed class RankPermutationsTests
{
    [TestMethod]
    [DataRow(3, 3, 0.1)]
    [DataRow(4, 4, 2 / 70.0)]
    [DataRow(1, 4, 0.4)]
    [DataRow(5, 10, 2 / 3003.0)]
    public void PValue_GroupsApart_IsTheSmallestOfMannAndWhitney(int first, int second, double expected)
    {
        int[] ranks = [.. Enumerable.Range(1, first + second).Select(r => 2 * r)];
        Assert.AreEqual(expected, RankPermutations.PValue(ranks.Take(first).Sum(), ranks, first, []), 1e-12);
        Assert.AreEqual(expected, RankPermutations.PValue(ranks.Skip(second).Sum(), ranks, first, []), 1e-12);
    }

    // Wilcoxon's table: a sum of ranks of 2 among 7 pairs, 0.0469; of 8 among 10, 0.0488.
    [TestMethod]
    [DataRow(7, 2, 6 / 128.0)]
    [DataRow(10, 8, 50 / 1024.0)]
    [DataRow(5, 0, 2 / 32.0)]
    public void PValue_Pairs_IsWilcoxons(int pairs, int sum, double expected) => Assert.AreEqual(
        expected, RankPermutations.PValue(2 * sum, [], 0, [.. Enumerable.Range(1, pairs).Select(r => (2 * r, 0))]),
        1e-12);

    [TestMethod]
    public void PValue_TiesAndBoth_IsTheShareOfAllPermutations()
    {
        var random = new SeededRandom(3);
        for (int k = 0; k < 60; k++)
        {
            int singles = random.Next(7), pairs = random.Next(5), chosen = random.Next(singles + 1);
            double[] values =
                [.. Enumerable.Range(0, singles + (2 * pairs)).Select(_ => (double)random.Next(6)).Order()];
            int[] ranks = TiedRanks.Doubled(values);
            random.Shuffle<int>(ranks);
            int[] ofSingles = ranks[..singles];
            (int First, int Second)[] ofPairs =
                [.. ranks[singles..].Chunk(2).Select(p => (p[0], p[1]))];
            List<int> sums = [];
            for (uint choice = 0; choice < 1u << singles; choice++)
            {
                for (uint turns = 0; BitOperations.PopCount(choice) == chosen && turns < 1u << pairs; turns++)
                {
                    sums.Add(ofSingles.Where((_, i) => (choice >> i & 1) == 1).Sum()
                        + ofPairs.Select((p, i) => (turns >> i & 1) == 1 ? p.First : p.Second).Sum());
                }
            }
            int observed = sums[random.Next(sums.Count)];
            double expected = Math.Min(1, 2.0 * Math.Min(sums.Count(s => s <= observed), sums.Count(s => s >= observed))
                / sums.Count);
            Assert.AreEqual(expected, RankPermutations.PValue(observed, ofSingles, chosen, ofPairs), 1e-12);
        }
    }

    [TestMethod]
    public void PValue_ManySubjects_IsNearTheExactOne()
    {
        // 20 and 21 without an overlap: z = (210 - 0.5) / sqrt(20 * 21 * 42 / 12)
        int[] ranks = [.. Enumerable.Range(1, 41).Select(r => 2 * r)];
        Assert.AreEqual(4.6504e-8, RankPermutations.PValue(ranks.Take(20).Sum(), ranks, 20, []), 1e-11);
        // A pair without a difference changes nothing but that permutations are no longer counted.
        int[] few = [.. Enumerable.Range(1, RankPermutations.MaxExact).Select(r => 2 * r)];
        double exact = RankPermutations.PValue(2 * 350, few, 20, []);
        Assert.AreEqual(exact, RankPermutations.PValue(2 * 350, few, 20, [(0, 0)]), 2e-3, "The normal distribution.");
    }

    [TestMethod]
    public void Correct_BenjaminiAndHochbergsExample_IsTheirs()
    {
        // Their section 4.1; corrected by R's p.adjust(method = "BH").
        double[] p = [0.0201, 0.0001, 0.0004, 0.0019, 0.0095, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
            0.6528, 0.7590, 1.0000];
        double[] expected = [0.0603, 0.0015, 0.003, 0.0095, 0.035625, 0.0638571, 0.0638571, 0.0645, 0.0765, 0.486,
            0.5811818, 0.714875, 0.7532308, 0.8132143, 1];
        double[] corrected = FalseDiscoveryRate.Correct(p);
        foreach ((double want, double got) in expected.Zip(corrected))
        {
            Assert.AreEqual(want, got, 1e-6);
        }
        Assert.IsEmpty(FalseDiscoveryRate.Correct([]));
    }

    [TestMethod]
    public void Of_Weights_IsTheMedianOfRepeatedValues()
    {
        var random = new SeededRandom(5);
        double[] values = [.. Enumerable.Range(0, 9).Select(_ => (double)random.Next(5))];
        int[] some = [0, 2, 3, 5, 6, 7];
        WeightedMetric median = WeightedMedian.Of(values, some);
        for (int k = 0; k < 50; k++)
        {
            int[] weights = [.. values.Select(_ => random.Next(3))];
            double[] all = [.. some.SelectMany(i => Enumerable.Repeat(values[i], weights[i])).Order()];
            double? expected = all.Length == 0 ? null : (all[(all.Length - 1) / 2] + all[all.Length / 2]) / 2;
            Assert.AreEqual(expected, median(weights).Value);
        }
    }
}
