using SpeechML.Audio.Common;

namespace SpeechML.Data.Checking;

/// <summary>Chooses a few clips in which every label and category still has several clips on both sides.</summary>
internal static class ClipSample
{
    private const int WantedPerSide = 9; // three for each of three parts

    /// <summary>The numbers of the clips chosen.</summary>
    /// <param name="strata">What is to be there.</param>
    /// <param name="rows">All clips.</param>
    /// <param name="clips">How many to choose, at most.</param>
    /// <param name="seed">Decides the order in which clips are looked at.</param>
    public static HashSet<int> Choose(IReadOnlyList<SplitStratum> strata, int rows, int clips, int seed)
    {
        int[] order = [.. Enumerable.Range(0, rows)];
        new SeededRandom((ulong)seed).Shuffle<int>(order);
        var chosen = new HashSet<int>();
        int[] positives = new int[strata.Count], negatives = new int[strata.Count];
        foreach (int row in order)
        {
            bool wanted = false;
            for (int k = 0; k < strata.Count; k++)
            {
                wanted |= (strata[k].Values[row] == 1 && positives[k] < WantedPerSide)
                    || (strata[k].Values[row] == 0 && negatives[k] < WantedPerSide);
            }
            if (!wanted || chosen.Count >= clips)
            {
                continue;
            }
            chosen.Add(row);
            for (int k = 0; k < strata.Count; k++)
            {
                positives[k] += strata[k].Values[row] == 1 ? 1 : 0;
                negatives[k] += strata[k].Values[row] == 0 ? 1 : 0;
            }
        }
        foreach (int row in order)
        {
            if (chosen.Count >= clips)
            {
                break;
            }
            chosen.Add(row);
        }
        return chosen;
    }
}
