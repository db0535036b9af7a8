namespace SpeechML.Orleans;

/// <summary>What a study answers.</summary>
internal enum StudyAnswer
{
    /// <summary>It was done; go on.</summary>
    Continue,

    /// <summary>It was done; the trial is not worth going on with.</summary>
    Stop,

    /// <summary>A trial to run.</summary>
    Trial,

    /// <summary>No trial now.</summary>
    Later,

    /// <summary>No trial any more.</summary>
    Done,

    /// <summary>The trial is not the worker's.</summary>
    Lost,

    /// <summary>The study is of another sweep.</summary>
    Refused,

    /// <summary>The log cannot be read or written.</summary>
    Failed,
}

/// <summary>An answer to a worker.</summary>
[GenerateSerializer]
[Immutable]
[Alias("SpeechML.Orleans.StudyReply")]
internal sealed record StudyReply(
    [property: Id(0)] StudyAnswer Answer,
    [property: Id(1)] string? Problem = null,
    [property: Id(2)] int Lease = 0,
    [property: Id(3)] bool IsWorthIt = true,
    [property: Id(4)] string[]? Events = null,
    [property: Id(5)] int[]? Dropped = null,
    [property: Id(6)] TimeSpan LeaseTime = default);

/// <summary>What happened in a study, for who looks on.</summary>
[GenerateSerializer]
[Immutable]
[Alias("SpeechML.Orleans.StudyNews")]
internal sealed record StudyNews([property: Id(0)] string[] Events, [property: Id(1)] bool IsDone,
    [property: Id(2)] string? Problem = null);
