using SpeechML.Training.Probing;

namespace SpeechML.Tests.Training.Probing;

/// <summary>Folds of the training clips in which layers are compared.</summary>
[TestClass]
public sealed class InnerFoldTests
{
    [TestMethod]
    public void Assign_RareLabel_IsInEveryFoldAndNobodyInTwo()
    {
        // 12 subjects of 5 clips; only 4 subjects have clips of the second label.
        int[] subjects = [.. Enumerable.Range(0, 60).Select(i => i / 5)];
        float[][] targets = [.. subjects.Select((s, i) => new[] { i % 2, s % 3 == 0 && i % 5 == 0 ? 1f : 0f })];
        for (int seed = 0; seed < 20; seed++)
        {
            (int[] fold, int folds) = InnerFolds.Assign(subjects, targets, isNumber: false, seed);
            Assert.AreEqual(InnerFolds.Count, folds);
            for (int s = 0; s < 12; s++)
            {
                Assert.HasCount(1, fold[(s * 5)..((s + 1) * 5)].Distinct().ToArray());
            }
            foreach (int f in Enumerable.Range(0, folds))
            {
                Assert.AreEqual(1, Enumerable.Range(0, 60).Count(i => fold[i] == f && targets[i][1] == 1));
                Assert.AreEqual(15, fold.Count(v => v == f));
            }
            CollectionAssert.AreEqual(fold, InnerFolds.Assign(subjects, targets, isNumber: false, seed).Fold);
        }
    }

    [TestMethod]
    public void Assign_Numbers_EveryFoldHasLowAndHigh()
    {
        float[][] targets = [.. Enumerable.Range(0, 32).Select(i => new[] { (float)(i * 7 % 32) })];
        (int[] fold, _) = InnerFolds.Assign([.. Enumerable.Range(0, 32)], targets, isNumber: true, 5);
        foreach (int f in Enumerable.Range(0, InnerFolds.Count))
        {
            float[] own = [.. targets.Where((_, i) => fold[i] == f).Select(t => t[0])];
            Assert.HasCount(8, own);
            Assert.AreEqual(2, own.Count(v => v < 8));
            Assert.AreEqual(2, own.Count(v => v >= 24));
        }
    }

    [TestMethod]
    public void Assign_OneSubject_HasNoFolds() =>
        Assert.AreEqual(1, InnerFolds.Assign([0, 0, 0], [[1], [0], [1]], isNumber: false, 0).Folds);
}
