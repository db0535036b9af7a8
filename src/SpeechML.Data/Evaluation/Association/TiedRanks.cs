namespace SpeechML.Data.Evaluation.Association;

/// <summary>Ranks of numbers in order, ties sharing their mean.</summary>
internal static class TiedRanks
{
    /// <summary>Twice the ranks, which are whole numbers, of numbers that do not fall.</summary>
    public static int[] Doubled(ReadOnlySpan<double> sorted)
    {
        int[] ranks = new int[sorted.Length];
        for (int from = 0, to; from < sorted.Length; from = to)
        {
            to = from + 1;
            while (to < sorted.Length && sorted[to] == sorted[from])
            {
                to++;
            }
            ranks.AsSpan(from, to - from).Fill(from + to + 1);
        }
        return ranks;
    }
}
