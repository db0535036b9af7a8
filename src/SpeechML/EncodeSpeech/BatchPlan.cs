namespace SpeechML.EncodeSpeech;

/// <summary>
/// Which clips go together. A batch costs what its longest clip costs, times its size: clips of like length belong
/// together.
/// </summary>
internal static class BatchPlan
{
    /// <summary>
    /// Batches whose clips are sorted by length within groups of this many: random enough to train on, little padding.
    /// </summary>
    private const int BatchesPerGroup = 8;

    /// <summary>
    /// Training batches of one epoch: clips shuffled, sorted by length within groups of a few batches, the batches
    /// shuffled.
    /// </summary>
    /// <param name="lengths">Length of each clip; all equal gives plain shuffled batches.</param>
    /// <param name="batchSize">Clips per batch; the last one of the epoch may have fewer.</param>
    /// <param name="random">Source of the order.</param>
    public static List<int[]> Shuffled(IReadOnlyList<long> lengths, int batchSize, Random random)
    {
        int[] order = [.. Enumerable.Range(0, lengths.Count)];
        random.Shuffle(order);
        var batches = new List<int[]>();
        foreach (int[] group in order.Chunk(batchSize * BatchesPerGroup))
        {
            batches.AddRange(group.OrderBy(i => lengths[i]).Chunk(batchSize));
        }
        int[] places = [.. Enumerable.Range(0, batches.Count)];
        random.Shuffle(places);
        return [.. places.Select(p => batches[p])];
    }

    /// <summary>
    /// Scoring batches: clips by length, as many together as keep the padded total within <paramref name="budget"/>; a
    /// longer clip goes alone.
    /// </summary>
    public static List<int[]> Sorted(IReadOnlyList<long> lengths, long budget, int maxBatch)
    {
        var batches = new List<int[]>();
        var current = new List<int>();
        foreach (int i in Enumerable.Range(0, lengths.Count).OrderBy(i => lengths[i]))
        {
            // Ascending: the clip at hand is the longest so far.
            if (current.Count > 0 && (current.Count == maxBatch || lengths[i] * (current.Count + 1) > budget))
            {
                batches.Add([.. current]);
                current.Clear();
            }
            current.Add(i);
        }
        if (current.Count > 0)
        {
            batches.Add([.. current]);
        }
        return batches;
    }
}
