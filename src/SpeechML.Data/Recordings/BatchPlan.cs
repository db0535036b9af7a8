namespace SpeechML.Data.Recordings;

/// <summary>
/// Which clips go together. A batch costs what its longest clip costs, times its size: clips of like length belong
/// together.
/// </summary>
internal static class BatchPlan
{
    /// <summary>Batches' worth of audio that is read ahead to be sorted by length.</summary>
    private const int BatchesPerWindow = 8;

    /// <summary>Clips read ahead at most, however short.</summary>
    private const int MaxWindow = 256;

    /// <summary>Clips of the first window; each next one may have twice as many.</summary>
    private const int FirstWindow = 1;

    /// <summary>Clips of a scoring batch at most.</summary>
    internal const int MaxBatch = 64;

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
    /// Runs clips in batches of like length and gives the results in the order of the clips, which are read ahead by a
    /// bounded window.
    /// </summary>
    /// <remarks>
    /// Whoever wants a few results of many clips, such as <c>First</c> and <c>Preview</c>, waits for a small window; a
    /// long pass has but a few of these. All passes have the same windows: what is cached is cached by batch.
    /// </remarks>
    /// <param name="clips">The clips, read once.</param>
    /// <param name="samples">Samples of a clip.</param>
    /// <param name="budget">Greatest padded number of samples of a batch.</param>
    /// <param name="run">Gives one result per clip of a batch.</param>
    public static IEnumerable<(TClip Clip, TResult Result)> Run<TClip, TResult>(
        IEnumerable<TClip> clips, Func<TClip, float[]> samples, long budget, Func<TClip[], TResult[]> run)
    {
        var window = new List<TClip>();
        int most = FirstWindow;
        long length = 0;
        foreach (TClip clip in clips)
        {
            window.Add(clip);
            length += samples(clip).Length;
            if (length < budget * BatchesPerWindow && window.Count < most)
            {
                continue;
            }
            foreach ((TClip Clip, TResult Result) pair in RunWindow(window, samples, budget, run))
            {
                yield return pair;
            }
            window.Clear();
            length = 0;
            most = Math.Min(2 * most, MaxWindow);
        }
        foreach ((TClip Clip, TResult Result) pair in RunWindow(window, samples, budget, run))
        {
            yield return pair;
        }
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

    private static (TClip Clip, TResult Result)[] RunWindow<TClip, TResult>(
        List<TClip> window, Func<TClip, float[]> samples, long budget, Func<TClip[], TResult[]> run)
    {
        var pairs = new (TClip, TResult)[window.Count];
        foreach (int[] batch in Sorted([.. window.Select(c => samples(c).LongLength)], budget, MaxBatch))
        {
            TResult[] results = run([.. batch.Select(i => window[i])]);
            for (int i = 0; i < batch.Length; i++)
            {
                pairs[batch[i]] = (window[batch[i]], results[i]);
            }
        }
        return pairs;
    }
}
