namespace SpeechML;

/// <summary>What may be at an address before something is written there.</summary>
public readonly record struct WriteCondition
{
    private WriteCondition(bool overwrites, long generation)
    {
        Overwrites = overwrites;
        Generation = generation;
    }

    /// <summary>Nothing: a write never replaces. The default.</summary>
    public static WriteCondition IfAbsent => default;

    /// <summary>
    /// Anything, as it is when the write begins; what another writer puts there meanwhile is not replaced.
    /// </summary>
    public static WriteCondition Overwrite { get; } = new(true, 0);

    /// <summary>Whether what is there may be replaced, whatever it is.</summary>
    public bool Overwrites { get; }

    /// <summary>The version that must be there; 0 for none. Without meaning where <see cref="Overwrites"/>.</summary>
    public long Generation { get; }

    /// <summary>This version and no other.</summary>
    /// <param name="generation">The version (<see cref="StoredObject.Generation"/>); 0 for none.</param>
    public static WriteCondition IfGeneration(long generation) => new(false, generation);
}
