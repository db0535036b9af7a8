namespace SpeechML.Sweeps.Studies;

/// <summary>
/// The study as seen by a worker: hands out trials and decides whether they continue. Implementations: in-process,
/// Orleans grain, bucket. Thread-safe. A call repeated because its answer was lost changes nothing.
/// </summary>
internal interface IStudy
{
    /// <summary>Interval of a worker's renewals; <see langword="null"/> where there are no leases.</summary>
    TimeSpan? RenewEvery { get; }

    /// <summary>Asks for a trial to run.</summary>
    /// <param name="worker">A name that this worker uses for this one trial only.</param>
    NextTrial AskForTrial(string worker);

    /// <summary>Logs an epoch that ended.</summary>
    /// <returns>Whether the trial continues.</returns>
    /// <exception cref="TrialLostException">The lease was lost, or the trial has ended.</exception>
    bool Report(TrialLease lease, EpochEnded epoch);

    /// <summary>Logs a fit that ended.</summary>
    /// <exception cref="TrialLostException">The lease was lost, or the trial has ended.</exception>
    void Report(TrialLease lease, RunEnded run);

    /// <summary>Logs the trial's end.</summary>
    /// <returns>Numbers of trials whose checkpoints are no longer needed.</returns>
    /// <exception cref="TrialLostException">The lease was lost.</exception>
    IReadOnlyList<int> End(TrialLease lease, TrialEnded end);

    /// <summary>Renews the lease.</summary>
    /// <exception cref="TrialLostException">The lease was lost, or the trial has ended.</exception>
    void Renew(TrialLease lease);

    /// <summary>Returns an unfinished trial, so that others need not wait for the lease to expire.</summary>
    void Release(TrialLease lease);
}

/// <summary>A worker's lease on a trial.</summary>
/// <param name="Trial">The trial's present state; owned by the study.</param>
/// <param name="Number">Number of the lease; 0 where no other worker can take the trial.</param>
/// <param name="IsWorthResuming">Whether the pruner would continue the trial: a worker that died may have left the
/// decision open.</param>
internal sealed record TrialLease(TrialRecord Trial, int Number, bool IsWorthResuming);

/// <summary>
/// Answer to <see cref="IStudy.AskForTrial"/>: a trial, "ask again later" (other workers run the remaining trials and
/// may lose them), or "no more trials".
/// </summary>
internal readonly record struct NextTrial(TrialLease? Lease, bool IsDone)
{
    public static NextTrial Later => default;

    public static NextTrial Done => new(null, true);
}

/// <summary>
/// Thrown when a worker reports on a trial whose lease it has lost. Its results are discarded.
/// </summary>
internal sealed class TrialLostException(int trial, int lease, string problem)
    : Exception(FormattableString.Invariant($"Trial {trial}: expected lease {lease} to hold, got {problem}."));
