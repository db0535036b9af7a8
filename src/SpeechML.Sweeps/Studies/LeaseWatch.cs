namespace SpeechML.Sweeps.Studies;

/// <summary>
/// Which leases have run out, as seen from here: no sign of life since this process first looked, or since the last
/// one.
/// </summary>
internal sealed class LeaseWatch(IStudyLeases leases, TimeProvider time)
{
    private const int LooksPerLease = 4; // of all leases; each look is a request per trial that runs
    private readonly Dictionary<int, Seen> _seen = [];
    private long? _looked;

    /// <summary>The first trial of those whose lease has run out.</summary>
    /// <param name="running">The trials that others have, as far as the log tells.</param>
    public TrialRecord? FirstExpired(IReadOnlyList<TrialRecord> running)
    {
        bool due = _looked is not { } last || time.GetElapsedTime(last) >= leases.Time / LooksPerLease;
        if (due)
        {
            _looked = time.GetTimestamp();
        }
        foreach (TrialRecord trial in running.Where(
            t => due || !_seen.TryGetValue(t.Number, out Seen? seen) || seen.Lease != t.Lease))
        {
            Look(trial);
        }
        return running.FirstOrDefault(t => HasExpired(t) && Look(t) && HasExpired(t));
    }

    private bool HasExpired(TrialRecord trial) =>
        _seen.TryGetValue(trial.Number, out Seen? seen) && seen.Lease == trial.Lease && seen.Events == trial.Events
            && time.GetElapsedTime(seen.Since) >= leases.Time;

    private bool Look(TrialRecord trial)
    {
        long sign = leases.Sign(trial.Number, trial.Lease);
        if (!_seen.TryGetValue(trial.Number, out Seen? seen) || seen.Lease != trial.Lease || seen.Events != trial.Events
            || seen.Sign != sign)
        {
            _seen[trial.Number] = new Seen(trial.Lease, trial.Events, sign, time.GetTimestamp());
        }
        return true;
    }

    private sealed record Seen(int Lease, int Events, long Sign, long Since);
}
