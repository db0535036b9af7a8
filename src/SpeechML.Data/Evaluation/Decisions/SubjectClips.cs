namespace SpeechML.Data.Evaluation.Decisions;

/// <summary>One subject's clips combined.</summary>
internal static class SubjectClips
{
    /// <summary>Probabilities of a subject.</summary>
    /// <param name="clips">Those of its clips.</param>
    /// <param name="how">Mean, median, vote.</param>
    /// <param name="votes">What each clip decides, 1 or 0; for a vote.</param>
    /// <param name="sumsToOne">Whether they are of classes.</param>
    public static double[] Combine(double[][] clips, SubjectCombination how, double[][]? votes, bool sumsToOne)
    {
        double[] Columns(double[][] rows, Func<double[], double> combine) =>
            [.. Enumerable.Range(0, rows[0].Length).Select(j => combine(Array.ConvertAll(rows, r => r[j])))];
        if (how != SubjectCombination.Median)
        {
            return Columns(how == SubjectCombination.Vote ? votes! : clips, v => v.Average());
        }
        double[] medians = Columns(clips, Median.Of);
        double sum = medians.Sum();
        // three clips sure of three classes: every median is 0
        return !sumsToOne ? medians : sum == 0 ? Columns(clips, v => v.Average())
            : Array.ConvertAll(medians, m => m / sum);
    }

    /// <summary>The label of most rated clips, positive on a tie; NaN where none is rated.</summary>
    /// <param name="labels">Of each clip: 1, 0, NaN.</param>
    /// <param name="differ">Whether the clips are not of one mind.</param>
    public static double Label(IEnumerable<double> labels, out bool differ)
    {
        double[] rated = [.. labels.Where(v => !double.IsNaN(v))];
        double share = rated.Length == 0 ? double.NaN : rated.Average();
        differ = share is > 0 and < 1;
        return double.IsNaN(share) ? share : share >= 0.5 ? 1 : 0;
    }

    /// <summary>The class of most clips, the first on a tie; -1 where none has one.</summary>
    public static int Class(IEnumerable<int> classes, out bool differ)
    {
        var counts = classes.Where(c => c >= 0).GroupBy(c => c).OrderByDescending(g => g.Count()).ThenBy(g => g.Key)
            .ToArray();
        differ = counts.Length > 1;
        return counts.Length == 0 ? -1 : counts[0].Key;
    }
}
