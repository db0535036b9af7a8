namespace SpeechML;

/// <summary>
/// How processes share a study: each takes trials, and takes over those of processes that show no sign of life.
/// </summary>
public sealed record SweepSharing
{
    /// <summary>
    /// How long a process may show no sign of life before another takes its trial over and goes on from its last
    /// checkpoint. It shows one four times as often, from a thread of its own:
    /// nothing depends on how long an epoch takes.
    /// </summary>
    public TimeSpan Lease
    {
        get; init => field = value >= TimeSpan.FromMilliseconds(100) ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, "Expected a lease of at least 0.1 s.");
    } =
        TimeSpan.FromMinutes(1);

    /// <summary>
    /// Name of this process in the study's log, for people to read; the machine and the process's number unless said
    /// otherwise.
    /// </summary>
    public string Worker
    {
        get; init => field = string.IsNullOrWhiteSpace(value)
        ? throw new ArgumentException("Expected a name, got none.", nameof(value)) : value;
    } = DefaultWorker;

    internal static string DefaultWorker =>
        FormattableString.Invariant($"{Environment.MachineName}-{Environment.ProcessId}");
}
