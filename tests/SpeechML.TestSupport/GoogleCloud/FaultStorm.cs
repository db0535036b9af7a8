namespace SpeechML.TestSupport.GoogleCloud;

/// <summary>Faults of every kind on a share of all requests, drawn from a seed.</summary>
internal sealed class FaultStorm(int seed, double share)
{
    private readonly Lock _lock = new();
    private readonly Random _random = new(seed);
    private readonly HashSet<string> _corrupted = [];

    /// <summary>How many of each kind there were.</summary>
    public SortedDictionary<string, int> Kinds { get; } = new(StringComparer.Ordinal);

    public GcsFault? Next(GcsRequest request)
    {
        lock (_lock)
        {
            if (_random.NextDouble() >= share)
            {
                return null;
            }
            int unit = GoogleCloudStorageOptions.UploadUnit;
            (string kind, GcsFault fault) = _random.Next(request.IsPiece ? 8 : request.IsMedia ? 7 : 5) switch
            {
                0 => ("503", new GcsFault { Status = 503 }),
                1 => ("429", new GcsFault { Status = 429, RetryAfter = 2 }),
                2 => ("cut before", new GcsFault { CutBefore = true }),
                3 => ("answer lost", new GcsFault { CutAfter = true }),
                4 => ("cut in the answer", new GcsFault { CutBodyAt = _random.Next(5000) }),
                5 when request.IsPiece => ("cut in a piece", new GcsFault { StopReadingAt = _random.Next(unit) }),
                6 when request.IsPiece => ("part of a piece kept", new GcsFault { Commit = 0 }),
                7 => ("session lost", new GcsFault { LoseSession = true }),
                // Three times in a row is an error, and rightly so.
                5 when _corrupted.Add(request.Path) => ("wrong byte", new GcsFault { WrongByte = true }),
                6 when _corrupted.Add(request.Path) => ("wrong checksum", new GcsFault { WrongHash = true }),
                _ => ("502", new GcsFault { Status = 502 }),
            };
            Kinds[kind] = Kinds.GetValueOrDefault(kind) + 1;
            return fault;
        }
    }
}
