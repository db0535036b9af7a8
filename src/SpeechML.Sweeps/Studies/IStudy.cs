namespace SpeechML.Sweeps.Studies;

/// <summary>
/// What decides, as a worker sees it: which trial is next, and whether to go on. In the same process, behind a grain,
/// or in a bucket. Safe to use from several threads. A call that is
/// repeated, because its answer was lost, changes nothing.
/// </summary>
internal interface IStudy
{
    /// <summary>How often a worker shows that it lives; <see langword="null"/> where it need not.</summary>
    TimeSpan? RenewEvery { get; }

    /// <summary>A trial to run.</summary>
    /// <param name="worker">A name that this worker uses for this one trial only.</param>
    StudyTurn Take(string worker);

    /// <summary>Logs an epoch that ended.</summary>
    /// <returns>Whether to go on with the trial.</returns>
    /// <exception cref="TrialLostException">It is another worker's by now, or has ended.</exception>
    bool Report(TrialHold hold, EpochEnded epoch);

    /// <summary>Logs a run that ended.</summary>
    /// <exception cref="TrialLostException">It is another worker's by now, or has ended.</exception>
    void Report(TrialHold hold, RunEnded run);

    /// <summary>Logs the trial's end.</summary>
    /// <returns>Numbers of trials whose checkpoints are not needed any more.</returns>
    /// <exception cref="TrialLostException">It is another worker's by now.</exception>
    IReadOnlyList<int> End(TrialHold hold, TrialEnded end);

    /// <summary>Shows that the worker lives.</summary>
    /// <exception cref="TrialLostException">It is another worker's by now, or has ended.</exception>
    void Renew(TrialHold hold);

    /// <summary>Gives a trial back that has not ended; others need not wait for the lease to run out.</summary>
    void Release(TrialHold hold);
}

/// <summary>A trial that a worker has, and under which lease.</summary>
/// <param name="Trial">The trial as it is; belongs to the study.</param>
/// <param name="Lease">The lease; 0 where no other worker can take it.</param>
/// <param name="GoOn">Whether it is worth going on with; a worker that died may have left that open.</param>
internal sealed record TrialHold(TrialRecord Trial, int Lease, bool GoOn);

/// <summary>
/// What there is to do: a trial, or to ask again later (others have trials that they may not end), or nothing any more.
/// </summary>
internal readonly record struct StudyTurn(TrialHold? Hold, bool IsDone)
{
    public static StudyTurn Later => default;

    public static StudyTurn Done => new(null, true);
}

/// <summary>
/// A worker reported on a trial that is not its own any more: what it did does not count, and it is to stop.
/// </summary>
internal sealed class TrialLostException(int trial, int lease, string problem)
    : Exception(FormattableString.Invariant($"Trial {trial}: expected lease {lease} to hold, got {problem}."));
