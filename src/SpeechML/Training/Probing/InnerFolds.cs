using SpeechML.Encoders.Native;

namespace SpeechML.Training.Probing;

/// <summary>Folds of the training clips that keep subjects together and labels in proportion.</summary>
internal static class InnerFolds
{
    /// <summary>Folds, where there are enough subjects.</summary>
    public const int Count = 4;

    /// <summary>The fold of each clip.</summary>
    /// <param name="subjects">The subject of each clip; each its own where it is not known.</param>
    /// <param name="targets">Targets of each clip.</param>
    /// <param name="isNumber">Whether the target is a quantity rather than a class or label.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="repeat">Number of the drawing.</param>
    /// <returns>Numbers from 0, and how many there are; fewer than two where there are too few subjects.</returns>
    public static (int[] Fold, int Folds) Assign(
        int[] subjects, IReadOnlyList<float[]> targets, bool isNumber, int seed, int repeat = 0)
    {
        int people = subjects.Length == 0 ? 0 : subjects.Max() + 1;
        int folds = Math.Min(Count, people);
        int[][] strata = isNumber ? Quarters(targets) : [.. targets.Select(Present)];
        int kinds = strata.SelectMany(s => s).DefaultIfEmpty(-1).Max() + 1;
        double[] total = new double[kinds];
        double[][] counts = [.. Enumerable.Range(0, people).Select(_ => new double[kinds])];
        double[] clips = new double[people];
        for (int i = 0; i < subjects.Length; i++)
        {
            clips[subjects[i]]++;
            foreach (int kind in strata[i])
            {
                counts[subjects[i]][kind]++;
                total[kind]++;
            }
        }
        Random random = SeedStream.Create(seed, FormattableString.Invariant($"layer folds {repeat}"));
        int[] order = [.. Enumerable.Range(0, people)];
        random.Shuffle(order);
        // Whoever has most of what is rare is placed among the first, while every fold still has room.
        double[] weight = [.. counts.Zip(clips, (c, n) => (n / subjects.Length) + c.Zip(total, (a, b) => a / b).Sum())
            .Select(w => w * (0.75 + (random.NextDouble() / 2)))];
        int[] foldOf = new int[people];
        double[][] inFold = [.. Enumerable.Range(0, folds).Select(_ => new double[kinds])];
        double[] size = new double[folds];
        foreach (int person in order.OrderByDescending(p => weight[p]))
        {
            int best = Enumerable.Range(0, folds).MinBy(f =>
            {
                double cost = clips[person] * size[f] / subjects.Length;
                for (int k = 0; k < kinds; k++)
                {
                    cost += counts[person][k] * inFold[f][k] / total[k];
                }
                return (cost, size[f]);
            });
            foldOf[person] = best;
            size[best] += clips[person];
            for (int k = 0; k < kinds; k++)
            {
                inFold[best][k] += counts[person][k];
            }
        }
        return (Array.ConvertAll(subjects, s => foldOf[s]), folds);
    }

    /// <summary>A number for each label and class that a clip has.</summary>
    private static int[] Present(float[] targets) =>
        [.. targets.Index().Where(t => t.Item >= 0).Select(t => ((int)t.Item * targets.Length) + t.Index)];

    private static int[][] Quarters(IReadOnlyList<float[]> targets)
    {
        const int Parts = 4;
        List<int>[] quarters = [.. targets.Select(_ => new List<int>())];
        int kinds = 0;
        for (int number = 0; number < targets[0].Length; number++)
        {
            int[] rated = [.. Enumerable.Range(0, targets.Count).Where(i => !float.IsNaN(targets[i][number]))];
            int parts = Math.Min(Parts, rated.Length);
            foreach ((int rank, int clip) in rated.OrderBy(i => targets[i][number]).Index())
            {
                quarters[clip].Add(kinds + (rank * parts / rated.Length));
            }
            kinds += parts;
        }
        return [.. quarters.Select(q => q.ToArray())];
    }
}
