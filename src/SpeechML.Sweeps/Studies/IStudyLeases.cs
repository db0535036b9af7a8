namespace SpeechML.Sweeps.Studies;

/// <summary>
/// Signs of life of the workers that have trials, beside the study's events. No clock is compared between machines: a
/// lease runs out for who has seen no sign for so long.
/// </summary>
internal interface IStudyLeases
{
    /// <summary>How long a worker may show nothing.</summary>
    TimeSpan Time { get; }

    /// <summary>Shows that the worker lives.</summary>
    void Renew(int trial, int lease);

    /// <summary>A number that changes whenever the worker has shown that it lives.</summary>
    long Sign(int trial, int lease);

    /// <summary>The lease is over.</summary>
    void End(int trial, int lease);
}

/// <summary>Signs within one process: of a study that is all workers' way to each other.</summary>
internal sealed class MemoryLeases(TimeSpan time) : IStudyLeases
{
    private readonly System.Collections.Concurrent.ConcurrentDictionary<(int, int), long> _signs = [];

    /// <inheritdoc/>
    public TimeSpan Time => time;

    /// <inheritdoc/>
    public void Renew(int trial, int lease) => _signs.AddOrUpdate((trial, lease), 1, (_, sign) => sign + 1);

    /// <inheritdoc/>
    public long Sign(int trial, int lease) => _signs.GetValueOrDefault((trial, lease));

    /// <inheritdoc/>
    public void End(int trial, int lease) => _signs.TryRemove((trial, lease), out _);
}
