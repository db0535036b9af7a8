namespace SpeechML.Sweeps.Tests;

[TestClass]
public sealed class SweepPrunerTests
{
    [TestMethod]
    public void Asha_AtRungs_KeepsTheBestThird()
    {
        SweepPruner asha = SweepPruner.Asha(firstEpochs: 1, reduction: 3);
        double[] six = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6];
        CollectionAssert.AreEqual(
            new[] { false, false, true, true, true, true }, six.Select(l => asha.ShouldStop(3, l, six)).ToArray());
        Assert.IsFalse(asha.ShouldStop(2, 0.6, six), "2 is no rung");
        Assert.IsFalse(asha.ShouldStop(1, 0.5, [0.5]), "the first to come");
        Assert.IsTrue(asha.ShouldStop(1, 0.6, [0.5, 0.6]), "of two, one goes on");
        Assert.IsFalse(asha.ShouldStop(9, 0.5, [0.5, 0.5, 0.5]), "equals go on");
        Assert.IsTrue(asha.ShouldStop(1, double.NaN, [0.5]), "no figure");
    }

    [TestMethod]
    public void Asha_FirstEpochsAndReduction_SetTheRungs()
    {
        SweepPruner asha = SweepPruner.Asha(firstEpochs: 2, reduction: 2);
        CollectionAssert.AreEqual(
            new[] { 2, 4, 8, 16 }, Enumerable.Range(1, 20).Where(e => asha.ShouldStop(e, 1, [0, 0, 1, 1])).ToArray());
    }

    [TestMethod]
    public void Asha_ManyTrialsOnCurves_FindsTheBestInAFractionOfTheEpochs()
    {
        // Curves that cross early: trial i ends at its rank, after a detour that fades.
        const int Trials = 81, Epochs = 27;
        var random = new Random(1);
        var order = Enumerable.Range(0, Trials).Order(Comparer<int>.Create((a, b) => a.CompareTo(b))).ToArray();
        random.Shuffle(order);
        double[] bump = [.. order.Select(_ => random.NextDouble() * 5)];
        var losses = Enumerable.Range(0, Epochs + 1).Select(_ => new List<double>()).ToArray();
        SweepPruner asha = SweepPruner.Asha();
        int spent = 0, finished = 0;
        double best = double.MaxValue;
        for (int t = 0; t < Trials; t++)
        {
            for (int epoch = 1; epoch <= Epochs; epoch++)
            {
                spent++;
                double loss = order[t] + (bump[t] / epoch);
                losses[epoch].Add(loss);
                if (epoch < Epochs && asha.ShouldStop(epoch, loss, losses[epoch]))
                {
                    break;
                }
                if (epoch == Epochs)
                {
                    finished++;
                    best = Math.Min(best, loss);
                }
            }
        }
        Assert.IsLessThan(1.0, best);
        Assert.IsLessThan(0.4 * Trials * Epochs, spent);
        Assert.IsGreaterThan(0, finished);
    }
}
