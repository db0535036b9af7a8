namespace SpeechML.Audio.Streaming;

/// <summary>How far a <see cref="ReadAhead{TIn, TOut}"/> may run ahead.</summary>
internal sealed record ReadAheadLimits
{
    /// <summary>Threads that work; null: one less than the processors, at least one and at most four.</summary>
    public int? Workers { get; init; }

    /// <summary>Items that are ready or in work, at most.</summary>
    public int Items { get; init; } = 64;

    /// <summary>
    /// The size of the results that wait, at most, in the unit of the size function (for audio: samples). No new item
    /// is begun at or above it; those in work
    /// then still finish, so that the peak is higher by one item per worker. The default is 128 MiB of float samples.
    /// </summary>
    public long Size { get; init; } = 1L << 25;

    /// <summary>The number of threads.</summary>
    public int WorkerCount => Workers ?? Math.Clamp(Environment.ProcessorCount - 1, 1, 4);

    /// <exception cref="ArgumentException">A limit is not positive.</exception>
    public void Validate()
    {
        if (WorkerCount < 1 || Items < 1 || Size < 1)
        {
            throw new ArgumentException(
                $"Read-ahead: expected at least one worker, one item and a size of one, got {WorkerCount}, {Items} " +
                $"and {Size}.");
        }
    }
}
