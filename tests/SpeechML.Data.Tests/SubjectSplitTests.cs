using System.Diagnostics;
using SpeechML.Audio.Common;

namespace SpeechML.Data.Tests;

[TestClass]
public sealed class SubjectSplitTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void Create_SeedsAndProportions_NoSubjectSharedEveryClipPlaced() => AssertPlaced(0, 150);

    [TestMethod]
    [TestCategory("Slow")]
    public void Create_ThousandSeedsAndProportions_NoSubjectSharedEveryClipPlaced() => AssertPlaced(150, 1000);

    private static void AssertPlaced(int first, int end)
    {
        for (int seed = first; seed < end; seed++)
        {
            var random = new SeededRandom((ulong)seed);
            (string[] keys, string[] subjects, SplitStratum[] strata) =
                Shuffle(random, Draw(random, 3 + random.Next(40), 1 + random.Next(12), random.Next(5)));
            double[] shares = [random.NextDouble() + 0.1, random.Next(4) == 0 ? 0 : random.NextDouble(),
                random.Next(4) == 0 ? 0 : random.NextDouble()];
            double sum = shares.Sum();
            var options = new SubjectSplitOptions
            {
                Train = shares[0] / sum,
                Validation = shares[1] / sum,
                Test = shares[2] / sum,
                Seed = seed,
                StratifyThreshold = random.Next(10)
            };
            SubjectSplit split = SubjectSplit.Create(keys, subjects, strata, options);
            Assert.HasCount(keys.Length, split.Parts);
            SubjectSplitGoldenTests.AssertDisjoint(subjects, [.. split.Parts.Select(p => (int)p)]);
            foreach (SplitPart part in Enum.GetValues<SplitPart>())
            {
                Assert.AreEqual(shares[(int)part] > 0, split.Parts.Contains(part),
                    $"seed {seed}: {part} wanted {shares[(int)part] / sum}");
            }
            CollectionAssert.AreEquivalent(keys, split.Keys.ToArray());
            if (seed % 20 == 0)
            {
                CollectionAssert.AreEqual(split.Parts.ToArray(),
                    SubjectSplit.Create(keys, subjects, strata, options).Parts.ToArray(), "same seed, same split");
                (string[] otherKeys, string[] otherSubjects, SplitStratum[] otherStrata) =
                    Shuffle(random, (keys, subjects, strata));
                SubjectSplit other = SubjectSplit.Create(otherKeys, otherSubjects, otherStrata, options);
                CollectionAssert.AreEquivalent(
                    split.Keys.Zip(split.Parts).ToArray(), other.Keys.Zip(other.Parts).ToArray(),
                    "the order of the rows decides nothing");
            }
        }
    }

    [TestMethod]
    public void Create_ShuffledRows_NoSubjectShared()
    {
        var random = new SeededRandom(4);
        (string[] keys, string[] subjects, SplitStratum[] strata) = Draw(random, 60, 10, 3);
        int[] order = [.. Enumerable.Range(0, keys.Length)];
        random.Shuffle<int>(order);
        string[] shuffled = [.. order.Select(i => subjects[i])];
        SubjectSplit split = SubjectSplit.Create(
            [.. order.Select(i => keys[i])], shuffled,
            [.. strata.Select(s => new SplitStratum(s.Name, [.. order.Select(i => s.Values[i])]))],
            new SubjectSplitOptions());
        SubjectSplitGoldenTests.AssertDisjoint(shuffled, [.. split.Parts.Select(p => (int)p)]);
    }

    [TestMethod]
    public void Create_RareLabelWithThreeSubjects_IsOnEverySide()
    {
        string[] subjects = [.. Enumerable.Range(0, 120).Select(i => $"s{i / 4}")],
            keys = [.. Enumerable.Range(0, 120).Select(i => $"c{i}")];
        // positive for one clip of three subjects only: far below the threshold
        var rare = new SplitStratum(
            "rare", [.. Enumerable.Range(0, 120).Select(i => (sbyte)(i is 8 or 44 or 81 ? 1 : 0))]);
        for (int seed = 0; seed < 20; seed++)
        {
            SubjectSplit split = SubjectSplit.Create(keys, subjects, [rare], new SubjectSplitOptions { Seed = seed });
            Assert.HasCount(3, new[] { 8, 44, 81 }.Select(i => split.Parts[i]).Distinct());
        }
    }

    [TestMethod]
    public void Create_LabelsWithNineSubjectsOfEachClass_AreOnEverySide()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            (string[] keys, string[] subjects, SplitStratum[] strata) =
                Draw(new SeededRandom((ulong)(5000 + seed)), 30, 8, 4);
            SubjectSplit split = SubjectSplit.Create(
                keys, subjects, strata, new SubjectSplitOptions { Seed = seed, StratifyThreshold = 1000 });
            foreach (SplitStratum stratum in strata)
            {
                int Subjects(sbyte value) =>
                    stratum.Values.Zip(subjects).Where(p => p.First == value).Select(p => p.Second).Distinct().Count();
                if (Subjects(0) >= 9 && Subjects(1) >= 9)
                {
                    Assert.AreEqual(6, stratum.Values.Zip(split.Parts).Where(p => p.First >= 0).Distinct().Count(),
                        $"seed {seed}, {stratum.Name}");
                }
            }
        }
    }

    [TestMethod]
    public void Create_HundredThousandClipsOfTwentyThousandSubjects_InTenSeconds()
    {
        var random = new SeededRandom(9);
        (string[] keys, string[] subjects, SplitStratum[] strata) = Draw(random, 20_000, 9, 12);
        Assert.IsGreaterThan(90_000, keys.Length);
        var watch = Stopwatch.StartNew();
        SubjectSplit split = SubjectSplit.Create(keys, subjects, strata, new SubjectSplitOptions());
        TestContext.WriteLine($"{keys.Length} clips in {watch.Elapsed.TotalSeconds:F2} s: {split.Balance(strata)}");
        Assert.IsLessThan(10, watch.Elapsed.TotalSeconds);
        Assert.IsLessThan(0.002, split.Balance(strata).MaxDeviation);
    }

    [TestMethod]
    public void KFold_FiveFolds_SubjectsDisjointSizesEqual()
    {
        (string[] keys, string[] subjects, SplitStratum[] strata) = Draw(new SeededRandom(3), 80, 8, 4);
        IReadOnlyList<int> folds = SubjectSplit.KFold(subjects, strata, 5, new SubjectSplitOptions { Seed = 2 });
        SubjectSplitGoldenTests.AssertDisjoint(subjects, folds);
        SplitBalance balance = SplitBalance.Measure(folds, 5, strata);
        Assert.IsTrue(balance.Shares.All(s => Math.Abs(s - 0.2) < 0.03), balance.ToString());
        Assert.IsLessThan(0.1, balance.MaxDeviation, balance.ToString());
        Assert.HasCount(keys.Length, folds);
    }

    [TestMethod]
    [DataRow("split.csv")]
    [DataRow("split.json")]
    public void Load_WhatWasSaved_IsTheSame(string file)
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory().FullName, file);
        string[] keys = ["a/1.wav", "with,comma", "with \"quote\"", "ünï", "b"];
        SubjectSplit split = SubjectSplit.Create(keys, ["x", "x", "y", "z", "z"], [], new SubjectSplitOptions());
        split.Save(path);
        SubjectSplit loaded = SubjectSplit.Load(path);
        CollectionAssert.AreEquivalent(split.Keys.Zip(split.Parts).ToArray(), loaded.Keys.Zip(loaded.Parts).ToArray());
        Assert.AreEqual("split", loaded.Name);
    }

    [TestMethod]
    public void Name_OfOptions_SaysAllOfThem() =>
        Assert.AreEqual("split_train80_val12.5_test7.5_stratify3_seed7",
            new SubjectSplitOptions
            {
                Train = 0.8,
                Validation = 0.125,
                Test = 0.075,
                StratifyThreshold = 3,
                Seed = 7
            }.Name);

    [TestMethod]
    public void Load_WrongFile_NamesLineAndColumn()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory().FullName, "s.csv");
        Check("clip,part\n", $"'{path}', line 1: expected the columns path,split, got clip,part.");
        Check("path,split\na,train\nb,dev\n",
            $"'{path}', line 3, column 'split': expected train, val or test, got 'dev'.");
        Check("path,split\na,train\na,test\n", $"'{path}': expected every path once, got 'a' twice.");
        void Check(string text, string message)
        {
            File.WriteAllText(path, text);
            Assert.AreEqual(message, Assert.ThrowsExactly<InvalidDataException>(() => SubjectSplit.Load(path)).Message);
        }
    }

    [TestMethod]
    public void Create_ImpossibleRequests_AreRefused()
    {
        Check(["a", "b"], ["x", "x"], new SubjectSplitOptions(),
            "Split into 3 parts expected at least as many subjects, got 1. Give a part the share 0, or name " +
            "another subject column.");
        Check(["a", "b"], ["x", ""], new SubjectSplitOptions(),
            "Subject of row 1: expected a name, got an empty one. Clips of unknown subjects cannot be split safely.");
        Check(["a", "a"], ["x", "y"], new SubjectSplitOptions(), "Split expected every audio key once, got 'a' twice.");
        Check(["a"], ["x", "y"], new SubjectSplitOptions(),
            "Split expected one subject per audio key, got 1 keys and 2 subjects.");
        Check(["a"], ["x"], new SubjectSplitOptions { Train = 0.9 },
            "Options Split.Train, Split.Validation and Split.Test: expected shares that sum to 1, got 0.9, 0.15 " +
            "and 0.15.");
        static void Check(string[] keys, string[] subjects, SubjectSplitOptions options, string message) =>
            Assert.AreEqual(message,
                Assert.ThrowsExactly<ArgumentException>(() =>
                SubjectSplit.Create(keys, subjects, [], options)).Message);
    }

    private static (string[] Keys, string[] Subjects, SplitStratum[] Strata) Shuffle(
        SeededRandom random, (string[] Keys, string[] Subjects, SplitStratum[] Strata) rows)
    {
        int[] order = [.. Enumerable.Range(0, rows.Keys.Length)];
        random.Shuffle<int>(order);
        return ([.. order.Select(i => rows.Keys[i])], [.. order.Select(i => rows.Subjects[i])],
            [.. rows.Strata.Select(s => s with { Values = [.. order.Select(i => s.Values[i])] })]);
    }

    // subjects with own tendencies, clips with missing labels
    private static (string[] Keys, string[] Subjects, SplitStratum[] Strata) Draw(
        SeededRandom random, int people, int mostClips, int labels)
    {
        var subjects = new List<string>();
        List<sbyte>[] values = [.. Enumerable.Range(0, labels).Select(_ => new List<sbyte>())];
        for (int u = 0; u < people; u++)
        {
            double[] tendency = [.. values.Select((_, k) => random.NextDouble() / (1 + k))];
            for (int c = 0, clips = 1 + random.Next(mostClips); c < clips; c++)
            {
                subjects.Add($"s{u}");
                for (int k = 0; k < labels; k++)
                {
                    values[k].Add(random.NextDouble() < 0.1 ? (sbyte)-1 : random.NextDouble() < tendency[k] ? (sbyte)1
                        : (sbyte)0);
                }
            }
        }
        return ([.. subjects.Select((_, i) => $"clip{i}")], [.. subjects],
            [.. values.Select((v, k) => new SplitStratum($"label{k}", v))]);
    }
}
