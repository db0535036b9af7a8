using SpeechML.Audio.Common;

namespace SpeechML.Data.Splits;

/// <summary>
/// The common way to stratify whole subjects, by which the search is measured: subjects by falling standard deviation
/// of their counts, each to the part after which the parts' shares of the strata are most alike, as scikit-learn's
/// <c>StratifiedGroupKFold</c> (BSD-3-Clause) does for equal folds.
/// </summary>
internal static class GreedyStratification
{
    /// <summary>The part of each subject, from 0.</summary>
    /// <param name="table">The subjects.</param>
    /// <param name="wanted">Share of each part, above 0.</param>
    /// <param name="random">Decides among subjects that are alike.</param>
    public static int[] Find(SubjectTable table, double[] wanted, SeededRandom random)
    {
        // Of each stratum positives and negatives; without strata all clips.
        int columns = Math.Max(1, 2 * table.Strata);
        double[][] counts = [.. Enumerable.Range(0, table.Subjects).Select(u => Counts(table, u))];
        double[] total = new double[columns];
        foreach (double[] its in counts)
        {
            Add(total, its, 1);
        }
        int[] order = [.. Enumerable.Range(0, table.Subjects)];
        random.Shuffle<int>(order);
        double[][] filled = [.. wanted.Select(_ => new double[columns])];
        int[] parts = new int[table.Subjects];
        double[] clips = new double[wanted.Length], column = new double[wanted.Length];
        foreach (int u in order.OrderByDescending(u => Deviation(counts[u])))
        {
            (double best, double fullest, int chosen) = (double.PositiveInfinity, double.PositiveInfinity, 0);
            for (int s = 0; s < wanted.Length; s++)
            {
                Add(filled[s], counts[u], 1);
                double value = 0, full = clips[s] / wanted[s];
                for (int k = 0; k < columns; k++)
                {
                    for (int p = 0; p < wanted.Length; p++)
                    {
                        column[p] = filled[p][k] / (Math.Max(1, total[k]) * wanted[p]);
                    }
                    value += Deviation(column);
                }
                Add(filled[s], counts[u], -1);
                if (value < best - 1e-9 || (value < best + 1e-9 && full < fullest))
                {
                    (best, fullest, chosen) = (value, full, s);
                }
            }
            Add(filled[chosen], counts[u], 1);
            (parts[u], clips[chosen]) = (chosen, clips[chosen] + table.Clips[u]);
        }
        return parts;
    }

    private static double[] Counts(SubjectTable table, int u)
    {
        if (table.Strata == 0)
        {
            return [table.Clips[u]];
        }
        double[] counts = new double[2 * table.Strata];
        for (int k = 0; k < table.Strata; k++)
        {
            int cell = (u * table.Strata) + k;
            counts[2 * k] = table.Positive[cell];
            counts[(2 * k) + 1] = table.Present[cell] - table.Positive[cell];
        }
        return counts;
    }

    private static void Add(double[] to, double[] counts, int sign)
    {
        for (int k = 0; k < to.Length; k++)
        {
            to[k] += sign * counts[k];
        }
    }

    private static double Deviation(double[] values)
    {
        double mean = 0, squares = 0;
        foreach (double value in values)
        {
            mean += value / values.Length;
        }
        foreach (double value in values)
        {
            squares += (value - mean) * (value - mean);
        }
        return Math.Sqrt(squares / values.Length);
    }
}
