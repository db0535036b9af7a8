using System.Globalization;

namespace SpeechML.Sweeps.Studies;

/// <summary>
/// A study: its log and the state derived from it. Chooses trials, decides which continue, and accepts reports; runs
/// nothing itself. All state is in the log: another process with the same log decides alike, also after this one died.
/// Every decision is based on all events so far and appended after them; if others were faster, it is made again.
/// </summary>
internal sealed class Study : IStudy, IDisposable
{
    private const int MaxAttempts = 5; // by workers that die before an epoch ends: the trial could kill them all
    private readonly StudyRules _rules;
    private readonly IStudyLog _log;
    private readonly IStudyLeases? _leases;
    private readonly LeaseWatch? _watch;
    private readonly StudyState _state;
    private readonly HashSet<int> _held = [];
    private readonly HashSet<int> _dropped = [];
    private readonly Lock _gate = new();

    /// <param name="rules">What it decides by.</param>
    /// <param name="log">Its log, owned by this object from now on.</param>
    /// <param name="leases">How long workers have a trial; <see langword="null"/> where the log is this process's
    /// alone, which then has all trials.</param>
    /// <param name="time">The clock of leases.</param>
    public Study(StudyRules rules, IStudyLog log, IStudyLeases? leases = null, TimeProvider? time = null)
    {
        _rules = rules;
        _log = log;
        _leases = leases;
        _watch = leases is null ? null : new LeaseWatch(leases, time ?? TimeProvider.System);
        _state = new StudyState(rules.Space, rules.Plan);
    }

    /// <summary>Told about every event of every process, in order, under the study's lock.</summary>
    public Action<StudyEvent, StudyState>? Observer { get; set; }

    /// <inheritdoc/>
    public TimeSpan? RenewEvery => _leases?.Time / 4;

    /// <summary>All trials, by number.</summary>
    public IReadOnlyList<TrialRecord> Trials => _state.Trials;

    /// <summary>The best trial that has finished; of equals, the first.</summary>
    public TrialRecord? Best => _state.Ranked.FirstOrDefault();

    /// <summary>Starts the study, or verifies that the log is of this one.</summary>
    /// <param name="name">Name of the study.</param>
    /// <param name="identity">What it is.</param>
    /// <exception cref="InvalidOperationException">It is another; says what differs.</exception>
    /// <exception cref="InvalidDataException">The log is none of a study.</exception>
    public void Identify(string? name, IReadOnlyDictionary<string, string> identity)
    {
        lock (_gate)
        {
            CatchUp();
            while (_state.Begun is null)
            {
                if (_state.IsEmpty)
                {
                    if (!TryRecord(new StudyBegun(
                        StudyBegun.CurrentFormat, identity, _rules.Plan,
                        [.. _rules.Space.Parameters.Select(p => p.Name)])))
                    {
                        CatchUp();
                    }
                    continue;
                }
                throw new InvalidDataException(
                    $"Study '{name}': expected a log of format {StudyBegun.CurrentFormat} that begins with the " +
                    $"study, got another event.");
            }
            StudyIdentity.Check(name, _state.Begun, identity);
        }
    }

    /// <inheritdoc/>
    public NextTrial AskForTrial(string worker)
    {
        lock (_gate)
        {
            while (true)
            {
                CatchUp();
                if (_leases is not null
                    && _state.Trials.FirstOrDefault(t => t.State == SweepTrialState.Running && t.Worker == worker)
                    is { } own)
                {
                    // The answer to an earlier call was lost.
                    return Give(own);
                }
                if (FirstFree() is { } free)
                {
                    if (_leases is not null && free.Attempts >= MaxAttempts)
                    {
                        TryRecord(new TrialEnded(
                            free.Number, SweepTrialState.Failed, 0,
                            string.Create(CultureInfo.InvariantCulture,
                            $"Trial abandoned: {MaxAttempts} workers in a row stopped responding before finishing an " +
                            $"epoch, possibly because it exhausts memory.")));
                        continue;
                    }
                    // A worker of a study that was shared before may yet live: its lease, and what it writes to, end.
                    if ((_leases is null && free.Lease == 0)
                        || TryRecord(new TrialTaken(free.Number, free.Lease + 1, worker)))
                    {
                        return Give(free);
                    }
                    continue;
                }
                int count = _state.Trials.Count;
                if (count >= _rules.Settings.MaxTrials
                    || Suggest() is not { } point)
                {
                    return _leases is null || _state.Ended.Count == count ? NextTrial.Done : NextTrial.Later;
                }
                if (TryRecord(new TrialBegun(
                    count + 1, _rules.Space.Parameters.Where(p => point.Has(p.Name))
                    .ToDictionary(p => p.Name, p => p.ToJson(point[p.Name]), StringComparer.Ordinal),
                    _leases is null ? null : worker)))
                {
                    return Give(_state.Trials[count]);
                }
            }
        }
    }

    /// <inheritdoc/>
    public bool Report(TrialLease lease, EpochEnded epoch)
    {
        lock (_gate)
        {
            do
            {
                CatchUp();
                CheckHeld(lease);
            }
            while (lease.Trial.Runs[epoch.Run].Epochs.Count < epoch.Epoch && !TryRecord(epoch));
            return epoch.Run != 0 || !IsPoor(lease.Trial);
        }
    }

    /// <inheritdoc/>
    public void Report(TrialLease lease, RunEnded run)
    {
        lock (_gate)
        {
            do
            {
                CatchUp();
                CheckHeld(lease);
            }
            while (lease.Trial.Runs[run.Run].Value is null && !TryRecord(run));
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<int> End(TrialLease lease, TrialEnded end)
    {
        lock (_gate)
        {
            do
            {
                CatchUp();
                if (lease.Trial.State != SweepTrialState.Running && lease.Trial.Lease == lease.Number)
                {
                    break; // an earlier call's answer was lost
                }
                CheckHeld(lease);
            }
            while (!TryRecord(end));
            _held.Remove(end.Trial);
            _leases?.End(end.Trial, lease.Number);
            HashSet<int> kept = Kept();
            return [.. _state.Ended.Select(t => t.Number).Where(n => !kept.Contains(n) && _dropped.Add(n))];
        }
    }

    /// <inheritdoc/>
    public void Renew(TrialLease lease)
    {
        lock (_gate)
        {
            CatchUp();
            CheckHeld(lease);
        }
        _leases?.Renew(lease.Trial.Number, lease.Number);
    }

    /// <inheritdoc/>
    public void Release(TrialLease lease)
    {
        lock (_gate)
        {
            if (_leases is null)
            {
                return;
            }
            do
            {
                CatchUp();
                if (Problem(lease) is not null)
                {
                    return;
                }
            }
            while (!TryRecord(new TrialTaken(lease.Trial.Number, lease.Number, null)));
            _held.Remove(lease.Trial.Number);
            _leases.End(lease.Trial.Number, lease.Number);
        }
    }

    /// <summary>Cancels a trial, whichever worker has it; the worker learns of it with its next call.</summary>
    /// <returns>Whether it had not ended.</returns>
    public bool Cancel(int trial)
    {
        lock (_gate)
        {
            do
            {
                CatchUp();
                if (trial > _state.Trials.Count || _state.Trials[trial - 1].State != SweepTrialState.Running)
                {
                    return false;
                }
            }
            while (!TryRecord(new TrialEnded(trial, SweepTrialState.Cancelled, 0, null)));
            return true;
        }
    }

    /// <summary>The trial that this process has by its number and lease.</summary>
    /// <exception cref="TrialLostException">There is no such trial.</exception>
    public TrialLease Find(int trial, int lease)
    {
        lock (_gate)
        {
            CatchUp();
            return trial <= _state.Trials.Count ? new TrialLease(_state.Trials[trial - 1], lease, true)
                : throw new TrialLostException(trial, lease, "no such trial");
        }
    }

    /// <summary>Reads what other processes have logged.</summary>
    /// <returns>Whether the study has come to its end.</returns>
    public bool Refresh()
    {
        lock (_gate)
        {
            CatchUp();
            int count = _state.Trials.Count;
            return _state.Ended.Count == count
                && (count >= _rules.Settings.MaxTrials
                || (count > 0 && Suggest() is null));
        }
    }

    /// <summary>What an observer is told about a trial.</summary>
    public SweepProgress Progress(TrialRecord trial, TimeSpan elapsed)
    {
        lock (_gate)
        {
            return new SweepProgress(trial.Snapshot(), Best?.Snapshot(), _state.Ended.Count, elapsed);
        }
    }

    /// <summary>Numbers of the best trials, as many as are kept.</summary>
    public HashSet<int> Kept()
    {
        lock (_gate)
        {
            return [.. _state.Ranked.Take(_rules.Settings.Models).Select(t => t.Number)];
        }
    }

    public void Dispose() => _log.Dispose();

    private NextTrial Give(TrialRecord trial)
    {
        _held.Add(trial.Number);
        return new NextTrial(new TrialLease(trial, trial.Lease, trial.Runs[0].Value is not null || !IsPoor(trial)),
            false);
    }

    /// <summary>An unfinished trial without a worker.</summary>
    private TrialRecord? FirstFree()
    {
        if (_watch is null)
        {
            return _state.Trials.FirstOrDefault(t => t.State == SweepTrialState.Running && !_held.Contains(t.Number));
        }
        List<TrialRecord> running = [.. _state.Trials.Where(t => t.State == SweepTrialState.Running)];
        return running.Find(t => t.Worker is null) ?? _watch.FirstExpired(running);
    }

    /// <summary>Whether the pruner gives a trial up, by its first run.</summary>
    private bool IsPoor(TrialRecord trial)
    {
        RunRecord run = trial.Runs[0];
        return run.Epochs.Count > 0
            && run.Epochs[^1] is var last
            && last.Epoch < last.Epochs
            && _rules.Settings.Pruner.ShouldStop(
                last.Epoch, _rules.Plan.Loss(run.ValueNow), _state.LossesAt(last.Epoch));
    }

    private void CheckHeld(TrialLease lease)
    {
        if (Problem(lease) is { } problem)
        {
            _held.Remove(lease.Trial.Number);
            throw new TrialLostException(lease.Trial.Number, lease.Number, problem);
        }
    }

    private SweepPoint? Suggest() => _rules.Settings.Tuner.Suggest(
        _rules.Space, _state.Observations(), _state.Trials.Count, _rules.Settings.Seed);

    private static string? Problem(TrialLease lease) =>
        lease.Trial.State != SweepTrialState.Running
            ? FormattableString.Invariant($"a trial that has ended ({lease.Trial.State})")
        : lease.Trial.Lease != lease.Number
            ? FormattableString.Invariant($"lease {lease.Trial.Lease} of worker '{lease.Trial.Worker}'")
        : null;

    private void CatchUp()
    {
        foreach (StudyEvent entry in _log.ReadNew())
        {
            Apply(entry);
        }
    }

    /// <summary>
    /// Logs an event, unless others were faster; nothing follows from it before it is where it lasts.
    /// </summary>
    private bool TryRecord(StudyEvent entry)
    {
        entry = entry with { At = DateTime.UtcNow };
        if (!_log.TryAppend(entry))
        {
            return false;
        }
        Apply(entry);
        return true;
    }

    private void Apply(StudyEvent entry)
    {
        _state.Apply(entry);
        Observer?.Invoke(entry, _state);
    }
}
