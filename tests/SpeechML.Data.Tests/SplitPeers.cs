namespace SpeechML.Data.Tests;

/// <summary>What others do, to compare with: whole subjects (groups) divided by size and by class.</summary>
internal static class SplitPeers
{
    /// <summary>
    /// scikit-learn's <c>StratifiedGroupKFold</c> (1.9, <c>_split.py</c>): groups by falling standard deviation of
    /// their class counts, each to the fold that leaves the smallest mean standard deviation of the folds' class
    /// shares, the smaller one on ties.
    /// </summary>
    /// <returns>The fold of each clip.</returns>
    public static int[] StratifiedGroupKFold(string[] subjects, int[] classes, int folds, Random random)
    {
        string[] names = [.. subjects.Distinct()];
        random.Shuffle(names);
        int count = classes.Max() + 1;
        double[] total = new double[count];
        Dictionary<string, double[]> counts = names.ToDictionary(n => n, _ => new double[count]);
        for (int i = 0; i < subjects.Length; i++)
        {
            counts[subjects[i]][classes[i]]++;
            total[classes[i]]++;
        }
        double[][] inFold = [.. Enumerable.Range(0, folds).Select(_ => new double[count])];
        var foldOf = new Dictionary<string, int>();
        foreach (string name in names.OrderByDescending(n => Deviation(counts[n])))
        {
            (double best, double smallest, int chosen) = (double.PositiveInfinity, double.PositiveInfinity, -1);
            for (int f = 0; f < folds; f++)
            {
                Add(inFold[f], counts[name], 1);
                double value = Enumerable.Range(0, count).Where(c => total[c] > 0)
                    .Average(c => Deviation([.. inFold.Select(fold => fold[c] / total[c])]));
                Add(inFold[f], counts[name], -1);
                double size = inFold[f].Sum();
                bool close = Math.Abs(value - best) <= 1e-8 + (1e-5 * Math.Abs(best));
                if (value < best || (close && size < smallest))
                {
                    (best, smallest, chosen) = (value, size, f);
                }
            }
            Add(inFold[chosen], counts[name], 1);
            foldOf[name] = chosen;
        }
        return Array.ConvertAll(subjects, s => foldOf[s]);
    }

    /// <summary>Three parts of 70, 15 and 15 % out of 20 folds.</summary>
    public static int[] OfTwentyFolds(string[] subjects, int[] classes, Random random) => Array.ConvertAll(
        StratifiedGroupKFold(subjects, classes, 20, random), f => f < 14 ? 0 : f < 17 ? 1 : 2);

    /// <summary>The test part is one of seven folds, the validation part one of six folds of the rest.</summary>
    public static int[] OneOfSevenOneOfSix(string[] subjects, int[] classes, Random random)
    {
        int[] first = StratifiedGroupKFold(subjects, classes, 7, random);
        int[] rest = [.. Enumerable.Range(0, first.Length).Where(i => first[i] != 0)];
        int[] second = StratifiedGroupKFold(
            [.. rest.Select(i => subjects[i])], [.. rest.Select(i => classes[i])], 6, random);
        int[] parts = Array.ConvertAll(first, f => f == 0 ? 2 : 0);
        for (int i = 0; i < rest.Length; i++)
        {
            parts[rest[i]] = second[i] == 0 ? 1 : 0;
        }
        return parts;
    }

    /// <summary>Largest subjects first, each to the part that lacks most; labels are not looked at.</summary>
    public static int[] BySize(string[] subjects, double[] wanted)
    {
        double[] lack = [.. wanted.Select(w => w * subjects.Length)];
        var partOf = new Dictionary<string, int>();
        foreach (IGrouping<string, string> subject in subjects.GroupBy(s => s).OrderByDescending(g => g.Count()))
        {
            int part = Enumerable.Range(0, lack.Length).MaxBy(s => lack[s]);
            partOf[subject.Key] = part;
            lack[part] -= subject.Count();
        }
        return Array.ConvertAll(subjects, s => partOf[s]);
    }

    private static void Add(double[] to, double[] counts, int sign)
    {
        for (int c = 0; c < to.Length; c++)
        {
            to[c] += sign * counts[c];
        }
    }

    private static double Deviation(double[] values)
    {
        double mean = values.Average();
        return Math.Sqrt(values.Average(v => (v - mean) * (v - mean)));
    }
}
